// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One line, set of points, set of bars or heat map of a chart.

/// One line, set of points, set of bars or heat map of a chart.
///
/// Member names are those of a plotly.js trace, so that its reference applies; only what the
/// pages use is here. Colours are CSS colours or `var(--name)`, resolved by the page's script,
/// so that charts follow the light, dark and print themes.
package struct ChartTrace: Encodable, Sendable, Hashable {
  /// The kind of drawing.
  package enum Kind: String, Encodable, Sendable {
    case scatter, bar, heatmap
  }

  /// A line.
  package struct Line: Encodable, Sendable, Hashable {
    package var color: String?
    package var width: Double?
    /// `dash`, `dot`, `dashdot`; nil for a full line.
    package var dash: String?
    /// `hv` for steps; nil for straight connections.
    package var shape: String?

    package init(
      color: String? = nil, width: Double? = nil, dash: String? = nil, shape: String? = nil
    ) {
      self.color = color
      self.width = width
      self.dash = dash
      self.shape = shape
    }
  }

  /// Points or bars.
  package struct Marker: Encodable, Sendable, Hashable {
    package var color: Colours?
    package var size: Double?
    package var symbol: String?
    package var opacity: Double?
    package var line: Line?

    package init(
      color: Colours? = nil, size: Double? = nil, symbol: String? = nil, opacity: Double? = nil,
      line: Line? = nil
    ) {
      self.color = color
      self.size = size
      self.symbol = symbol
      self.opacity = opacity
      self.line = line
    }
  }

  /// One colour, or one for each point.
  package enum Colours: Encodable, Sendable, Hashable, ExpressibleByStringLiteral {
    case one(String)
    case each([String])

    package init(stringLiteral value: String) { self = .one(value) }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .one(let colour): try container.encode(colour)
      case .each(let colours): try container.encode(colours)
      }
    }
  }

  /// A stop of a colour scale: position from 0 to 1 and colour.
  package struct ColourStop: Encodable, Sendable, Hashable {
    package var position: Double
    package var colour: String

    package init(_ position: Double, _ colour: String) {
      self.position = position
      self.colour = colour
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.unkeyedContainer()
      try container.encode(position)
      try container.encode(colour)
    }
  }

  /// The legend of a colour scale.
  package struct ColourBar: Encodable, Sendable, Hashable {
    package var title: ChartText
    package var thickness = 12.0
    package var outlinewidth = 0.0
    package var len: Double?
    package var y: Double?

    package init(title: String, len: Double? = nil, y: Double? = nil) {
      self.title = ChartText(title)
      self.len = len
      self.y = y
    }
  }

  /// Error bars, asymmetric.
  package struct ErrorBars: Encodable, Sendable, Hashable {
    package var type = "data"
    package var symmetric = false
    package var array: ChartValues
    package var arrayminus: ChartValues
    package var color: String?
    package var thickness = 2.0
    package var width = 6.0

    package init(above: [Double], below: [Double], decimals: Int, color: String? = nil) {
      array = .numbers(above, decimals: decimals)
      arrayminus = .numbers(below, decimals: decimals)
      self.color = color
    }
  }

  package var type: Kind
  package var name: String?
  package var x: ChartValues?
  package var y: ChartValues?
  package var z: ChartValues?
  package var text: ChartValues?
  /// `lines`, `markers`, `lines+markers`, `text`.
  package var mode: String?
  package var line: Line?
  package var marker: Marker?
  /// `tozeroy`, `tonexty`, `toself`; nil for none.
  package var fill: String?
  package var fillcolor: String?
  package var opacity: Double?
  package var orientation: String?
  package var showlegend: Bool?
  package var legendgroup: String?
  package var hovertemplate: String?
  package var hoverinfo: String?
  package var connectgaps: Bool?
  package var xaxis: String?
  package var yaxis: String?
  package var zmin: Double?
  package var zmax: Double?
  package var zmid: Double?
  package var colorscale: [ColourStop]?
  package var colorbar: ColourBar?
  package var showscale: Bool?
  package var errorX: ErrorBars?
  package var errorY: ErrorBars?
  package var cliponaxis: Bool?

  private enum CodingKeys: String, CodingKey {
    case type, name, x, y, z, text, mode, line, marker, fill, fillcolor, opacity, orientation
    case showlegend, legendgroup, hovertemplate, hoverinfo, connectgaps, xaxis, yaxis
    case zmin, zmax, zmid, colorscale, colorbar, showscale, cliponaxis
    case errorX = "error_x"
    case errorY = "error_y"
  }

  /// An empty trace of a kind.
  package init(_ type: Kind, name: String? = nil) {
    self.type = type
    self.name = name
  }

  /// A line over x.
  package static func line(
    _ name: String, x: ChartValues, y: ChartValues, color: String, width: Double = 1.6,
    dash: String? = nil, hover: String? = nil
  ) -> ChartTrace {
    var trace = ChartTrace(.scatter, name: name)
    trace.x = x
    trace.y = y
    trace.mode = "lines"
    trace.line = Line(color: color, width: width, dash: dash)
    trace.hovertemplate = hover
    return trace
  }

  /// Points over x.
  package static func points(
    _ name: String, x: ChartValues, y: ChartValues, color: Colours, size: Double = 6,
    symbol: String? = nil, hover: String? = nil
  ) -> ChartTrace {
    var trace = ChartTrace(.scatter, name: name)
    trace.x = x
    trace.y = y
    trace.mode = "markers"
    trace.marker = Marker(color: color, size: size, symbol: symbol)
    trace.hovertemplate = hover
    return trace
  }
}
