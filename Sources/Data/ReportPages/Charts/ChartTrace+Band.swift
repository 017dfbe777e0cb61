// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A band between two lines of a chart.

extension ChartTrace {
  /// A band between two lines; it breaks where either of them has a gap.
  ///
  /// The outline of each part is drawn once around, because a fill between two lines crosses
  /// itself at gaps.
  ///
  /// - Parameters:
  ///   - name: Name in the legend.
  ///   - positions: Positions along the axis.
  ///   - low: Lower line.
  ///   - high: Upper line.
  ///   - decimals: Decimals of the lines.
  ///   - fill: Colour of the band.
  ///   - values: How positions are written on the axis.
  /// - Returns: The band as one trace.
  package static func band(
    _ name: String, x positions: [Double], low: [Double], high: [Double], decimals: Int,
    fill: String = "var(--band)", values: ([Double]) -> ChartValues = { .significant($0) }
  ) -> ChartTrace {
    var x: [Double] = []
    var y: [Double] = []
    func close(_ part: Range<Int>) {
      guard !part.isEmpty else { return }
      if !x.isEmpty {
        x.append(positions[part.lowerBound])
        y.append(.nan)
      }
      x += positions[part] + positions[part].reversed() + [positions[part.lowerBound]]
      y += high[part] + low[part].reversed() + [high[part.lowerBound]]
    }
    var start = 0
    for index in positions.indices where !(low[index].isFinite && high[index].isFinite) {
      close(start..<index)
      start = index + 1
    }
    close(start..<positions.count)
    var trace = ChartTrace.line(
      name, x: values(x), y: .numbers(y, decimals: decimals), color: fill, width: 0)
    trace.fill = "toself"
    trace.fillcolor = fill
    trace.hoverinfo = "skip"
    return trace
  }
}
