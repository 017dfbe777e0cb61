// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Axes, marks and legend of a chart.

/// A title of a chart, axis or colour bar.
package struct ChartText: Encodable, Sendable, Hashable {
  package var text: String

  package init(_ text: String) { self.text = text }
}

/// Axes, marks and legend of a chart, named as in a plotly.js layout.
package struct ChartLayout: Encodable, Sendable, Hashable {
  /// One axis.
  package struct Axis: Encodable, Sendable, Hashable {
    package var title: ChartText?
    /// `linear`, `log`, `date`, `category`.
    package var type: String?
    package var range: ChartValues?
    /// Share of the chart's height or width, from 0 to 1.
    package var domain: [Double]?
    package var anchor: String?
    package var matches: String?
    package var overlaying: String?
    package var side: String?
    package var autorange: String?
    package var showgrid: Bool?
    package var showticklabels: Bool?
    package var zeroline: Bool?
    package var rangemode: String?
    package var ticksuffix: String?
    package var tickformat: String?
    package var tickvals: ChartValues?
    package var ticktext: ChartValues?
    package var dtick: Double?
    package var scaleanchor: String?
    package var fixedrange: Bool?
    package var automargin: Bool? = true

    package init(_ title: String? = nil, type: String? = nil) {
      self.title = title.map(ChartText.init)
      self.type = type
    }
  }

  /// A line or band drawn over the chart.
  package struct Shape: Encodable, Sendable, Hashable {
    package var type: String
    package var xref: String
    package var yref: String
    package var x0: Double
    package var x1: Double
    package var y0: Double
    package var y1: Double
    package var line: ChartTrace.Line?
    package var fillcolor: String?
    package var opacity: Double?
    package var layer: String?

    package init(
      type: String, xref: String, yref: String, x0: Double, x1: Double, y0: Double, y1: Double,
      line: ChartTrace.Line? = nil, fillcolor: String? = nil, opacity: Double? = nil,
      layer: String? = nil
    ) {
      self.type = type
      self.xref = xref
      self.yref = yref
      self.x0 = x0
      self.x1 = x1
      self.y0 = y0
      self.y1 = y1
      self.line = line
      self.fillcolor = fillcolor
      self.opacity = opacity
      self.layer = layer
    }

    /// A vertical line over the whole height at a time in seconds since the Unix epoch.
    package static func onset(_ time: Double, color: String) -> Shape {
      vertical(time * 1000, color: color)
    }

    /// A vertical line over the whole height at a position of the x axis.
    package static func vertical(_ x: Double, color: String) -> Shape {
      Shape(
        type: "line", xref: "x", yref: "paper", x0: x, x1: x, y0: 0, y1: 1,
        line: .init(color: color, width: 1.4, dash: "dash"))
    }

    /// A horizontal line over the whole width.
    package static func level(_ y: Double, color: String, yref: String = "y") -> Shape {
      Shape(
        type: "line", xref: "paper", yref: yref, x0: 0, x1: 1, y0: y, y1: y,
        line: .init(color: color, width: 1.2, dash: "dot"))
    }
  }

  /// A short text on the chart.
  package struct Annotation: Encodable, Sendable, Hashable {
    package var text: String
    package var x: Double
    package var y: Double
    package var xref: String
    package var yref: String
    package var showarrow = false
    package var xanchor: String?
    package var yanchor: String?
    package var font: Font?
    package var textangle: Double?

    /// Size and colour of the text.
    package struct Font: Encodable, Sendable, Hashable {
      package var size: Double?
      package var color: String?

      package init(size: Double? = nil, color: String? = nil) {
        self.size = size
        self.color = color
      }
    }

    package init(
      _ text: String, x: Double, y: Double, xref: String, yref: String, xanchor: String? = nil,
      yanchor: String? = nil, font: Font? = nil
    ) {
      self.text = text
      self.x = x
      self.y = y
      self.xref = xref
      self.yref = yref
      self.xanchor = xanchor
      self.yanchor = yanchor
      self.font = font
    }
  }

  package var xaxis: Axis
  package var yaxis: Axis
  package var xaxis2: Axis?
  package var xaxis3: Axis?
  package var yaxis2: Axis?
  package var yaxis3: Axis?
  package var yaxis4: Axis?
  package var shapes: [Shape] = []
  package var annotations: [Annotation] = []
  package var showlegend: Bool?
  package var hovermode: String?
  package var barmode: String?
  package var bargap: Double?

  package init(x: Axis, y: Axis) {
    xaxis = x
    yaxis = y
  }
}
