// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Figures about events of a vehicle: its own alarms and its charge sessions.

import BatteryDomain
import FleetAnalytics
import Quantities
import ReportPages

extension VehicleCharts {
  /// The alarm level that the vehicle itself reported.
  func alarms() -> Chart? {
    let buckets = assessment.series.buckets
    guard buckets.alarmLevel.contains(where: { $0 > 0 }) else { return nil }
    let grid = TimeGrid(times: buckets.time, interval: buckets.interval)
    let levels = grid.spread(buckets.alarmLevel.map(Double.init))
    var bars = ChartTrace(.bar, name: "alarm level")
    bars.x = clock.values(grid.times)
    bars.y = .numbers(levels, decimals: 0)
    bars.marker = .init(
      color: .each(
        levels.map { level in
          switch level {
          case 3...: "var(--stop)"
          case 2..<3: "var(--act)"
          case 1..<2: "var(--watch)"
          default: "var(--c0)"
          }
        }))
    bars.hovertemplate = "\(clock.hover)<br>level %{y}<extra></extra>"
    var layout = ChartLayout(x: clock.axis(), y: .init("highest level"))
    layout.yaxis.range = .numbers([0, 4.2], decimals: 1)
    layout.yaxis.dtick = 1
    layout.bargap = 0
    layout.shapes = onsetMarks().shapes
    return Chart(
      name: "alarms", title: "The vehicle's own alarms",
      caption: "Highest level of each span: 1 drive on, 2 limit driving, 3 stop, 4 thermal event.",
      height: 260, traces: [bars], layout: layout)
  }

  /// Capacity implied by partial charges.
  func chargeCapacity() -> Chart? {
    let sessions = assessment.chargeSessions.filter { $0.capacity != nil }
    guard sessions.count > 1 else { return nil }
    let labels = sessions.map { session in
      let from = session.startStateOfCharge.map { DisplayText.percent($0) } ?? "?"
      let to = session.endStateOfCharge.map { DisplayText.percent($0) } ?? "?"
      return "\(from) to \(to)"
    }
    var points = ChartTrace.points(
      "session", x: clock.values(sessions.map(\.span.start)),
      y: .numbers(sessions.map { Charge($0.capacity ?? .nan).ampereHours }, decimals: 2),
      color: "var(--c1)", size: 7,
      hover: "\(clock.hover)<br>%{y:.1f} Ah from %{text}<extra></extra>")
    points.text = .texts(labels)
    var layout = ChartLayout(x: clock.axis(), y: .init("Ah"))
    layout.yaxis.rangemode = "normal"
    return Chart(
      name: "charge-capacity", title: "Capacity implied by partial charges",
      caption: "Charge put in over the change of the reported state of charge, for sessions of "
        + "10 % and more. Scatter is that of the vehicle's state of charge.",
      height: 260, traces: [points], layout: layout)
  }
}
