// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Heat maps: a value over two axes, and over a third one with a slider.

/// One axis of a heat map: its title and its positions, numbers or names.
package struct HeatMapAxis: Sendable, Hashable {
  /// Title with the unit.
  package var title: String
  /// Centres of the columns or rows.
  package var positions: ChartValues
  /// Whether the first position is at the top, as rows of a pack are counted.
  package var isReversed = false

  /// Creates an axis.
  package init(_ title: String, positions: ChartValues, isReversed: Bool = false) {
    self.title = title
    self.positions = positions
    self.isReversed = isReversed
  }
}

/// The colours of a heat map and what they mean.
package struct HeatMapColours: Sendable, Hashable {
  /// The unit, beside the colours.
  package var unit: String
  /// The neutral value of a diverging scale; nil for a scale from little to much.
  package var neutral: Double?
  /// Values at the ends of the scale; those of the data when nil.
  package var range: ClosedRange<Double>?

  /// Creates the colours.
  package init(unit: String, neutral: Double? = nil, range: ClosedRange<Double>? = nil) {
    self.unit = unit
    self.neutral = neutral
    self.range = range
  }
}

extension Chart {
  /// A value over two axes.
  ///
  /// - Parameters:
  ///   - words: Name, title, caption.
  ///   - x: The horizontal axis; for a map over time, the time.
  ///   - y: The vertical axis, for example cells or the position in a cell.
  ///   - values: `[y][x]`; NaN leaves the place empty.
  ///   - colours: Unit and range.
  ///   - height: Height on the page in CSS pixels.
  /// - Returns: The chart; nil without any finite value.
  package static func heatMap(
    _ words: ChartWords, x: HeatMapAxis, y: HeatMapAxis, values: [[Double]],
    colours: HeatMapColours, height: Int = 320
  ) -> Chart? {
    heatMap(
      words, x: x, y: y, frames: [(label: "", values: values)], colours: colours, height: height)
  }

  /// A value over two axes, one map for each time; a slider moves through the times.
  ///
  /// - Parameters:
  ///   - words: Name, title, caption.
  ///   - x: The horizontal axis, for example columns of a pack.
  ///   - y: The vertical axis, for example rows of a pack.
  ///   - frames: Label and values `[y][x]` of each time, in order.
  ///   - colours: Unit and range; the range spans all times when it is not given.
  ///   - initial: Index of the frame shown first; the last one when nil.
  ///   - height: Height on the page in CSS pixels.
  /// - Returns: The chart; nil without any finite value.
  package static func heatMap(
    _ words: ChartWords, x: HeatMapAxis, y: HeatMapAxis,
    frames: [(label: String, values: [[Double]])], colours: HeatMapColours, initial: Int? = nil,
    height: Int = 320
  ) -> Chart? {
    guard let span = Self.range(frames.flatMap { $0.values.flatMap { $0 } }, margin: 0),
      !frames.isEmpty
    else { return nil }
    let decimals = ChartValues.decimals(for: span, digits: 5)
    let start = max(0, min(initial ?? frames.count - 1, frames.count - 1))
    var trace = ChartTrace(.heatmap, name: words.name)
    trace.x = x.positions
    trace.y = y.positions
    trace.z = .matrix(frames[start].values, decimals: decimals)
    trace.zmin = colours.range?.lowerBound ?? span[0]
    trace.zmax = colours.range?.upperBound ?? span[1]
    if let neutral = colours.neutral {
      let reach = max((trace.zmax ?? 0) - neutral, neutral - (trace.zmin ?? 0), 1e-12)
      trace.zmin = neutral - reach
      trace.zmax = neutral + reach
      trace.zmid = neutral
    }
    trace.colorscale = colours.neutral == nil ? ColourScale.sequential : ColourScale.diverging
    trace.colorbar = .init(title: colours.unit)
    trace.hovertemplate =
      "\(x.title) %{x}<br>\(y.title) %{y}<br>%{z:.5~g} \(colours.unit)<extra></extra>"
    var layout = ChartLayout(x: .init(x.title), y: .init(y.title))
    layout.xaxis.showgrid = false
    layout.yaxis.showgrid = false
    layout.yaxis.zeroline = false
    if x.isReversed { layout.xaxis.autorange = "reversed" }
    if y.isReversed { layout.yaxis.autorange = "reversed" }
    var chart = Chart(
      name: words.name, title: words.title, caption: words.caption, height: height, traces: [trace],
      layout: layout)
    if frames.count > 1 {
      chart.frames = frames.map {
        ChartFrame(label: $0.label, traces: [.init(z: .matrix($0.values, decimals: decimals))])
      }
      chart.initialFrame = start
    }
    return chart
  }
}
