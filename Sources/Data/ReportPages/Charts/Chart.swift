// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A chart with its words: what the page draws and what a screen reader says.

import Foundation

/// A chart with its title, explanation and drawing.
package struct Chart: Sendable, Hashable {
  /// Stable name within its section, for example `spread`.
  package var name: String
  /// Heading of the figure.
  package var title: String
  /// What is shown and what to look for, in words; also read by screen readers.
  package var caption: String
  /// Height on the page in CSS pixels.
  package var height: Int
  /// What is drawn, back to front.
  package var traces: [ChartTrace]
  /// Axes, marks and legend.
  package var layout: ChartLayout
  /// Whether the figure takes the whole width of the page.
  package var isWide: Bool
  /// Positions of a slider below the figure, in order; none for a figure that stands still.
  ///
  /// The traces are those of ``initialFrame``; give the axes a fixed range, or they jump.
  package var frames: [ChartFrame] = []
  /// What the slider runs over, for screen readers, for example `time`.
  package var sliderTitle = "time"
  /// Index of the position that the page shows first.
  package var initialFrame = 0

  /// Creates a chart.
  package init(
    name: String, title: String, caption: String, height: Int = 320, traces: [ChartTrace],
    layout: ChartLayout, isWide: Bool = false
  ) {
    self.name = name
    self.title = title
    self.caption = caption
    self.height = height
    self.traces = traces
    self.layout = layout
    self.isWide = isWide
  }

  private struct Drawing: Encodable {
    let data: [ChartTrace]
    let layout: ChartLayout
    let frames: [ChartFrame]?
  }

  /// The drawing as JSON that can stand inside an HTML script element.
  ///
  /// `<`, `>` and `&` inside strings are written as escapes, so no text can close the element.
  ///
  /// - Throws: `EncodingError` if a number of the layout is not finite.
  /// - Complexity: O(*n*) in the number of values.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(
      Drawing(data: traces, layout: layout, frames: frames.isEmpty ? nil : frames))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(data.count)
    for byte in data {
      switch byte {
      case UInt8(ascii: "<"): bytes += #"\u003c"#.utf8
      case UInt8(ascii: ">"): bytes += #"\u003e"#.utf8
      case UInt8(ascii: "&"): bytes += #"\u0026"#.utf8
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
