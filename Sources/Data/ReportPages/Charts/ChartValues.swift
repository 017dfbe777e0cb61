// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Values on a chart's axes, encoded compactly for the chart library.

import Foundation

/// Values along one axis of a chart.
package enum ChartValues: Encodable, Sendable, Hashable {
  /// Numbers rounded to a number of decimals; a value that is not finite becomes a gap.
  case numbers([Double], decimals: Int = 4)
  /// Seconds since the Unix epoch, shown as UTC dates.
  case times([Double])
  /// Names.
  case texts([String])
  /// Rows of numbers, for heat maps.
  case matrix([[Double]], decimals: Int = 4)

  /// Numbers rounded to digits of the largest one.
  ///
  /// - Parameters:
  ///   - values: The numbers.
  ///   - digits: Significant digits of the largest value.
  /// - Returns: The values with as many decimals as that takes.
  package static func significant(_ values: [Double], digits: Int = 6) -> ChartValues {
    .numbers(values, decimals: decimals(for: values, digits: digits))
  }

  /// Decimals that give the largest value a number of significant digits; 0 to 15.
  static func decimals(for values: [Double], digits: Int) -> Int {
    let largest = values.lazy.filter(\.isFinite).map(abs).max() ?? 0
    guard largest > 0 else { return 0 }
    return max(0, min(15, digits - 1 - Int(log10(largest).rounded(.down))))
  }

  /// Number of values, or of rows of a matrix.
  package var count: Int {
    switch self {
    case .numbers(let values, _), .times(let values): values.count
    case .texts(let values): values.count
    case .matrix(let rows, _): rows.count
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .numbers(let values, let decimals):
      try container.encode(Self.rounded(values, decimals: decimals))
    case .times(let values):
      // Milliseconds since the epoch: the chart library reads them as UTC on a date axis.
      try container.encode(Self.rounded(values.map { $0 * 1000 }, decimals: 0))
    case .texts(let values):
      try container.encode(values)
    case .matrix(let rows, let decimals):
      try container.encode(rows.map { Self.rounded($0, decimals: decimals) })
    }
  }

  private static func rounded(_ values: [Double], decimals: Int) -> [Double?] {
    var scale = 1.0
    for _ in 0..<max(0, decimals) { scale *= 10 }
    return values.map { value in
      guard value.isFinite else { return nil }
      let result = (value * scale).rounded() / scale
      return result.isFinite ? result : value
    }
  }
}
