// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Fewer points for a line without losing its shape.

/// Fewer points for a line without losing its shape.
package enum CurveThinning {
  /// Indices of the points to draw: both ends, and the extremes of each of even spans.
  ///
  /// The spans are even in the index, so a series whose points are dense where it changes (as a
  /// solver's own steps are) keeps them dense there.
  ///
  /// - Parameters:
  ///   - series: Lines over the same positions, `[series][point]`; extremes of each are kept.
  ///   - limit: About how many points to keep; all are kept when there are not more.
  /// - Returns: Ascending indices.
  /// - Complexity: O(*n*) in the number of values.
  package static func indices(_ series: [[Double]], limit: Int) -> [Int] {
    let count = series.map(\.count).min() ?? 0
    guard count > max(2, limit) else { return Array(0..<count) }
    let spans = max(1, limit / (2 * series.count))
    var kept: Set<Int> = [0, count - 1]
    for span in 0..<spans {
      let range = (span * count / spans)..<((span + 1) * count / spans)
      guard !range.isEmpty else { continue }
      for values in series {
        var low = range.lowerBound
        var high = range.lowerBound
        for index in range where values[index].isFinite {
          if !(values[low] <= values[index]) { low = index }
          if !(values[high] >= values[index]) { high = index }
        }
        kept.insert(low)
        kept.insert(high)
      }
    }
    return kept.sorted()
  }
}
