// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One position of a chart's slider.

/// One position of a chart's slider: what it replaces in the chart's traces.
package struct ChartFrame: Encodable, Sendable, Hashable {
  /// The values of one trace at this position; a member that is nil stays as it is.
  package struct Change: Encodable, Sendable, Hashable {
    package var x: ChartValues?
    package var y: ChartValues?
    package var z: ChartValues?
    package var text: ChartValues?

    package init(
      x: ChartValues? = nil, y: ChartValues? = nil, z: ChartValues? = nil, text: ChartValues? = nil
    ) {
      self.x = x
      self.y = y
      self.z = z
      self.text = text
    }
  }

  /// The position in words, shown beside the slider, for example `12.5 min`.
  package var label: String
  /// Changes in the order of the chart's traces.
  package var traces: [Change]

  /// Creates a position.
  package init(label: String, traces: [Change]) {
    self.label = label
    self.traces = traces
  }
}
