// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Values on a chart's axes, encoded compactly for the chart library.

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
