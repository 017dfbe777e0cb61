// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Times on an even grid, so that a heat map shows days without data as empty.

/// Times on an even grid, so that a heat map shows spans without data as empty.
struct TimeGrid: Sendable {
  /// Centres of the columns.
  let times: [Double]
  private let positions: [Int]

  /// Places buckets on a grid of their interval.
  ///
  /// A grid of more than 2,000 columns, or an unknown interval, keeps the buckets as they are.
  init(times starts: [Double], interval: Double) {
    guard let first = starts.first, let last = starts.last, interval > 0,
      (last - first) / interval < 2000
    else {
      times = starts.map { $0 + max(0, interval) / 2 }
      positions = Array(starts.indices)
      return
    }
    let count = Int(((last - first) / interval).rounded()) + 1
    times = (0..<count).map { first + (Double($0) + 0.5) * interval }
    positions = starts.map { min(count - 1, Int((($0 - first) / interval).rounded())) }
  }

  /// Values of the buckets spread over the grid, with NaN where there is none.
  func spread(_ values: [Double]) -> [Double] {
    var result = [Double](repeating: .nan, count: times.count)
    for (position, value) in zip(positions, values) { result[position] = value }
    return result
  }
}
