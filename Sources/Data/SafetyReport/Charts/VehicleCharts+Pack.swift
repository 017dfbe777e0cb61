// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Figures about the pack as a whole: spread, operation, temperatures, insulation.

import BatteryDomain
import FleetAnalytics
import Quantities
import ReportPages

extension VehicleCharts {
  /// Highest minus lowest cell at low current.
  func spread() -> Chart? {
    let buckets = assessment.series.buckets
    guard buckets.spreadMedian.contains(where: { $0 != nil }) else { return nil }
    let x = clock.values(buckets.time)
    func values(_ series: [Double?]) -> ChartValues {
      .numbers(series.withGaps.map { $0 * 1000 }, decimals: 1)
    }
    var median = ChartTrace.line(
      "median", x: x, y: values(buckets.spreadMedian), color: "var(--c1)", width: 2.2,
      hover: "\(clock.hover)<br>%{y:.0f} mV<extra>median</extra>")
    median.connectgaps = true
    let high = ChartTrace.points(
      "95th percentile", x: x, y: values(buckets.spread95), color: "var(--c0)", size: 4,
      hover: "\(clock.hover)<br>%{y:.0f} mV<extra>95 %</extra>")
    var layout = ChartLayout(x: clock.axis(), y: .init("mV"))
    layout.yaxis.rangemode = "tozero"
    let marks = onsetMarks()
    layout.shapes = marks.shapes
    layout.annotations = marks.notes
    layout.showlegend = true
    return Chart(
      name: "spread", title: "Voltage spread of the pack",
      caption: "Highest minus lowest cell at low, steady current. A rising line means that "
        + "balancing no longer holds the cells together.",
      traces: [high, median], layout: layout, isWide: true)
  }

  /// Cell voltages, temperatures, current and state of charge over one time axis.
  func operation() -> Chart? {
    let series = assessment.series
    var rows: [(title: String, axis: String, traces: [ChartTrace])] = []
    func add(
      _ title: String, _ envelope: Envelope, color: String, fill: String,
      decimals: Int, unit: String, map: (Double) -> Double
    ) {
      guard envelope.time.count > 1 else { return }
      let axis = rows.isEmpty ? "y" : "y\(rows.count + 1)"
      let thin = envelope.thinned(to: pointLimit).withBreaks()
      let x = clock.values(thin.time)
      var band = ChartTrace.band(
        title, x: thin.time, low: thin.minimum.map(map), high: thin.maximum.map(map),
        decimals: decimals, fill: fill, values: clock.values)
      band.yaxis = axis
      var mean = ChartTrace.line(
        title, x: x, y: .numbers(thin.mean.map(map), decimals: decimals), color: color, width: 1.2,
        hover: "\(clock.hover)<br>%{y} \(unit)<extra>\(title)</extra>")
      mean.yaxis = axis
      rows.append((unit, axis, [band, mean]))
    }
    add(
      "cell voltage", series.cellVoltage, color: "var(--c1)", fill: "var(--band)", decimals: 3,
      unit: "V"
    ) { $0 }
    add(
      "temperature", series.temperature, color: "var(--c2)", fill: "var(--band2)", decimals: 1,
      unit: "°C"
    ) { Temperature($0).celsius }
    add(
      "current", series.current, color: "var(--c3)", fill: "var(--band3)", decimals: 1, unit: "A"
    ) { $0 }
    add(
      "state of charge", series.stateOfCharge, color: "var(--c4)", fill: "var(--band)",
      decimals: 1, unit: "%"
    ) { $0 * 100 }
    guard !rows.isEmpty else { return nil }
    var layout = ChartLayout(x: clock.axis(), y: .init(rows[0].title))
    let height = 1 / Double(rows.count)
    for (index, row) in rows.enumerated() {
      var axis = ChartLayout.Axis(row.title)
      let top = 1 - Double(index) * height
      axis.domain = [max(0, top - height + 0.04), top]
      switch index {
      case 0: layout.yaxis = axis
      case 1: layout.yaxis2 = axis
      case 2: layout.yaxis3 = axis
      default: layout.yaxis4 = axis
      }
    }
    layout.xaxis.anchor = rows.count > 1 ? "y\(rows.count)" : "y"
    layout.hovermode = "x"
    layout.shapes = onsetMarks().shapes
    var traces = rows.flatMap(\.traces)
    for index in traces.indices { traces[index].showlegend = false }
    let words = ["cell voltage", "temperature", "current", "state of charge"]
    return Chart(
      name: "operation", title: "Operation",
      caption: "From top: \(words.prefix(rows.count).joined(separator: ", ")). Line: median or "
        + "mean; band: lowest to highest. Discharge current is positive.",
      height: 110 + 120 * rows.count, traces: traces, layout: layout, isWide: true)
  }

  /// Spread between the temperature probes.
  func temperatureSpread() -> Chart? {
    let buckets = assessment.series.buckets
    guard buckets.temperatureSpread.contains(where: { $0 != nil }) else { return nil }
    var line = ChartTrace.line(
      "spread", x: clock.values(buckets.time),
      y: .numbers(buckets.temperatureSpread.withGaps, decimals: 1), color: "var(--c2)", width: 2,
      hover: "\(clock.hover)<br>%{y:.1f} K<extra></extra>")
    line.connectgaps = true
    var layout = ChartLayout(x: clock.axis(), y: .init("K"))
    layout.yaxis.rangemode = "tozero"
    return Chart(
      name: "temperature-spread", title: "Temperature spread between live probes",
      caption: "Median of hottest minus coldest. A growing spread points to a hot spot or a "
        + "blocked cooling path.",
      height: 260, traces: [line], layout: layout)
  }

  /// Insulation resistance as the vehicle scales it.
  func insulation() -> Chart? {
    let buckets = assessment.series.buckets
    guard buckets.insulation.contains(where: { $0 != nil }) else { return nil }
    var line = ChartTrace.line(
      "insulation", x: clock.values(buckets.time),
      y: .numbers(buckets.insulation.map { ($0 ?? .nan) / 1000 }, decimals: 3),
      color: "var(--c3)", width: 2, hover: "\(clock.hover)<br>%{y} kΩ<extra></extra>")
    line.connectgaps = true
    line.line?.shape = "hv"
    var layout = ChartLayout(x: clock.axis(), y: .init("kΩ, vehicle's scale"))
    layout.yaxis.rangemode = "tozero"
    return Chart(
      name: "insulation", title: "Insulation resistance",
      caption: "Lowest value of each span as the vehicle scales it: read the trend, not the "
        + "height.",
      height: 260, traces: [line], layout: layout)
  }
}
