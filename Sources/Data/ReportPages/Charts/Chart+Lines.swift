// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The usual charts: lines over one axis, and lines that a slider moves through time.

import Foundation

/// A named line.
package struct ChartSeries: Sendable, Hashable {
  /// Name in the legend.
  package var name: String
  /// Positions along the horizontal axis.
  package var x: [Double]
  /// Values; NaN leaves a gap.
  package var y: [Double]
  /// CSS colour or `var(--name)`; by position in the figure when nil.
  package var colour: String?
  /// `dash`, `dot`, `dashdot`; nil for a full line.
  package var dash: String?

  /// Creates a line.
  package init(
    _ name: String, x: [Double], y: [Double], colour: String? = nil, dash: String? = nil
  ) {
    self.name = name
    self.x = x
    self.y = y
    self.colour = colour
    self.dash = dash
  }
}

/// What a chart is called, besides what it draws.
package struct ChartWords: Sendable, Hashable {
  /// Stable name within its section, for example `voltage`.
  package var name: String
  /// Heading of the figure.
  package var title: String
  /// What is shown and what to look for.
  package var caption: String

  /// Creates the words.
  package init(name: String, title: String, caption: String) {
    self.name = name
    self.title = title
    self.caption = caption
  }
}

extension Chart {
  /// Lines over one horizontal axis.
  ///
  /// - Parameters:
  ///   - words: Name, title, caption.
  ///   - x: Title of the horizontal axis with its unit: `time in min`.
  ///   - y: Title of the vertical axis with its unit.
  ///   - series: The lines, back to front; each is thinned to about `limit` points.
  ///   - levels: Horizontal marks, for example cut-off voltages.
  ///   - limit: Points to keep of each line.
  ///   - isWide: Whether the figure takes the whole width of the page.
  /// - Returns: The chart.
  package static func lines(
    _ words: ChartWords, x: String, y: String, series: [ChartSeries], levels: [Double] = [],
    limit: Int = 1_500, isWide: Bool = false
  ) -> Chart {
    let traces = series.enumerated().map { position, line -> ChartTrace in
      let kept = CurveThinning.indices([line.y], limit: limit)
      return ChartTrace.line(
        line.name, x: .significant(kept.map { line.x[$0] }),
        y: .significant(kept.map { line.y[$0] }),
        color: line.colour ?? ColourScale.line(position), dash: line.dash)
    }
    var layout = ChartLayout(x: .init(x), y: .init(y))
    layout.shapes = levels.map { .level($0, color: "var(--muted)") }
    layout.showlegend = series.count > 1
    return Chart(
      name: words.name, title: words.title, caption: words.caption, traces: traces, layout: layout,
      isWide: isWide)
  }

  /// Lines across a position, one set for each time; a slider moves through the times.
  ///
  /// - Parameters:
  ///   - words: Name, title, caption.
  ///   - x: Title of the horizontal axis with its unit.
  ///   - y: Title of the vertical axis with its unit.
  ///   - names: Names of the lines, in order.
  ///   - frames: Label and lines of each time; every frame has a line for each name.
  ///   - initial: Index of the frame shown first; the last one when nil.
  /// - Returns: The chart, with axes wide enough for every time; nil without any finite value.
  package static func profiles(
    _ words: ChartWords, x: String, y: String, names: [String],
    frames: [(label: String, lines: [(x: [Double], y: [Double])])], initial: Int? = nil
  ) -> Chart? {
    let all = frames.flatMap { $0.lines }
    guard let first = frames.first, first.lines.count == names.count,
      let across = Self.range(all.flatMap(\.x), margin: 0),
      let along = Self.range(all.flatMap(\.y), margin: 0.06)
    else { return nil }
    let moments = frames.map { frame in
      ChartFrame(
        label: frame.label,
        traces: frame.lines.map { .init(x: .significant($0.x), y: .significant($0.y)) })
    }
    let start = max(0, min(initial ?? frames.count - 1, frames.count - 1))
    let traces = names.enumerated().map { index, name in
      ChartTrace.line(
        name, x: moments[start].traces[index].x ?? .numbers([]),
        y: moments[start].traces[index].y ?? .numbers([]), color: ColourScale.line(index), width: 2)
    }
    var layout = ChartLayout(x: .init(x), y: .init(y))
    layout.xaxis.range = .significant(across)
    layout.yaxis.range = .significant(along)
    layout.showlegend = names.count > 1
    var chart = Chart(
      name: words.name, title: words.title, caption: words.caption, traces: traces, layout: layout)
    chart.frames = moments.count > 1 ? moments : []
    chart.initialFrame = start
    return chart
  }

  /// Smallest and largest finite value with a margin as a share of their distance; nil for none.
  static func range(_ values: [Double], margin: Double) -> [Double]? {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return nil }
    let width = high - low
    guard width > 0 else {
      let room = max(abs(low) * 0.01, 1e-12)
      return [low - room, high + room]
    }
    return [low - margin * width, high + margin * width]
  }
}
