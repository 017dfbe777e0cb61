// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Figures about the life of a cell: fade, knee and forecasts.

import CellAnalytics
import ReportPages

extension CellCharts {
  /// Capacity over cycles with baseline, end of life and knee.
  func fade() -> Chart? {
    let cycles = thinned(assessment.cycles.filter { $0.capacity != nil })
    guard cycles.count > 1 else { return nil }
    var traces: [ChartTrace] = []
    let others = cycles.filter { $0.group != 0 }
    if !others.isEmpty {
      traces.append(points("other conditions", others, color: "var(--c0)", size: 5))
    }
    traces.append(points("comparable cycles", cycles.filter { $0.group == 0 }, color: "var(--c1)"))
    var layout = ChartLayout(x: .init("cycle"), y: .init("Ah"))
    layout.showlegend = true
    var words = "Capacity of every discharge that reached the cut-off."
    if let cutOff = assessment.cutOff {
      words = "Capacity to \(DisplayText.quantity(cutOff.voltage, "V")). \(cutOff.explanation)."
        .replacing("..", with: ".")
    }
    if let series = assessment.series {
      let limit = series.endOfLife / Self.ampereHour
      layout.shapes.append(.level(limit, color: "var(--act)"))
      layout.annotations.append(
        .init(
          "end of life \(DisplayText.quantity(limit, "Ah"))", x: 1, y: limit, xref: "paper",
          yref: "y", xanchor: "right", yanchor: "bottom", font: .init(size: 11, color: "var(--act)")
        ))
    }
    if let knee = assessment.knee {
      layout.shapes.append(
        .init(
          type: "rect", xref: "x", yref: "paper", x0: knee.interval.lowerBound,
          x1: knee.interval.upperBound, y0: 0, y1: 1, line: .init(width: 0),
          fillcolor: "var(--band2)", layer: "below"))
      layout.shapes.append(.vertical(knee.cycle, color: "var(--c2)"))
      layout.annotations.append(
        .init(
          "knee at cycle \(DisplayText.number(knee.cycle, significant: 3))", x: knee.cycle, y: 1,
          xref: "x", yref: "paper", xanchor: "right", yanchor: "top",
          font: .init(size: 11, color: "var(--c2)")))
    }
    return Chart(
      name: "fade", title: "Capacity over cycles", caption: words, height: 340, traces: traces,
      layout: layout, isWide: true)
  }

  private func points(
    _ name: String, _ cycles: [CycleRecord], color: ChartTrace.Colours, size: Double = 6
  ) -> ChartTrace {
    ChartTrace.points(
      name, x: .numbers(cycles.map { Double($0.number) }, decimals: 0),
      y: .numbers(cycles.map { ($0.capacity ?? .nan) / Self.ampereHour }, decimals: 4),
      color: color, size: size, hover: "cycle %{x}<br>%{y:.3f} Ah<extra>\(name)</extra>")
  }

  /// End of life by every method, with its interval.
  func forecasts() -> Chart? {
    let forecasts = assessment.forecasts
    guard let last = forecasts.first?.fromCycle else { return nil }
    let names = forecasts.map { $0.method.rawValue.replacing("_", with: " ") }
    var trace = ChartTrace.points(
      "90 % interval", x: .numbers(forecasts.map(\.endOfLife), decimals: 1), y: .texts(names),
      color: "var(--c1)", size: 10, hover: "%{y}<br>cycle %{x:.0f}<extra></extra>")
    trace.errorX = .init(
      above: forecasts.map { $0.upper - $0.endOfLife },
      below: forecasts.map { $0.endOfLife - $0.lower }, decimals: 1, color: "var(--c1)")
    var layout = ChartLayout(x: .init("cycle at which life ends"), y: .init(type: "category"))
    layout.yaxis.autorange = "reversed"
    layout.shapes = [.vertical(last, color: "var(--c0)")]
    layout.annotations = [
      .init(
        "last cycle", x: last, y: 1, xref: "x", yref: "paper", xanchor: "left", yanchor: "top")
    ]
    layout.showlegend = false
    let isOpen = forecasts.contains(where: \.isOpenEnded)
    return Chart(
      name: "forecasts", title: "When life ends, by method",
      caption:
        "Median and 90 % interval of each method if its trend goes on; a knee after the last "
        + "cycle lies outside all of them."
        + (isOpen ? " An interval that ends at the horizon is open." : ""),
      height: 90 + 50 * forecasts.count, traces: [trace], layout: layout, isWide: true)
  }

  /// Coulombic and energy efficiency.
  func efficiency() -> Chart? {
    let cycles = thinned(assessment.cycles.filter { $0.coulombicEfficiency != nil })
    guard cycles.count > 1 else { return nil }
    let x = ChartValues.numbers(cycles.map { Double($0.number) }, decimals: 0)
    func trace(_ name: String, _ color: ChartTrace.Colours, _ value: (CycleRecord) -> Double?)
      -> ChartTrace
    {
      ChartTrace.points(
        name, x: x, y: .numbers(cycles.map { (value($0) ?? .nan) * 100 }, decimals: 3),
        color: color, size: 5, hover: "cycle %{x}<br>%{y:.2f} %<extra>\(name)</extra>")
    }
    var layout = ChartLayout(x: .init("cycle"), y: .init("%"))
    layout.showlegend = true
    return Chart(
      name: "efficiency", title: "Efficiency",
      caption:
        "Taken out over put in before. Falling charge efficiency is a side reaction; falling "
        + "energy efficiency is resistance.",
      height: 280,
      traces: [
        trace("charge", "var(--c1)") { $0.coulombicEfficiency },
        trace("energy", "var(--c2)") { $0.energyEfficiency },
      ], layout: layout)
  }

  /// Share of the charge put in at constant voltage.
  func constantVoltage() -> Chart? {
    simple(
      "constant-voltage", "Charge put in at constant voltage",
      "A growing share means that resistance, or plating, ends the constant-current phase early.",
      unit: "%", decimals: 2, color: "var(--c4)"
    ) { $0.constantVoltageShare.map { $0 * 100 } }
  }

  /// Resistance at the onset of the discharges.
  func resistance() -> Chart? {
    let times = assessment.cycles.compactMap(\.resistanceTime)
    let suffix =
      times.first.map { ", \(DisplayText.duration($0)) after the onset of each discharge." }
      ?? " as the source states it."
    return simple(
      "resistance", "Resistance", "Voltage drop over current" + suffix, unit: "mΩ", decimals: 3,
      color: "var(--c2)"
    ) { $0.resistance.map { $0 * 1000 } }
  }

  /// Rise of temperature over the discharges.
  func temperature() -> Chart? {
    simple(
      "temperature", "Rise of temperature in each discharge",
      "Highest minus first surface temperature.", unit: "K", decimals: 2, color: "var(--c6)"
    ) { $0.temperatureRise }
  }

  private func simple(
    _ name: String, _ title: String, _ caption: String, unit: String, decimals: Int,
    color: ChartTrace.Colours, _ value: (CycleRecord) -> Double?
  ) -> Chart? {
    let cycles = thinned(assessment.cycles.filter { value($0) != nil })
    guard cycles.count > 1 else { return nil }
    let trace = ChartTrace.points(
      title, x: .numbers(cycles.map { Double($0.number) }, decimals: 0),
      y: .numbers(cycles.map { value($0) ?? .nan }, decimals: decimals), color: color, size: 5,
      hover: "cycle %{x}<br>%{y} \(unit)<extra></extra>")
    var layout = ChartLayout(x: .init("cycle"), y: .init(unit))
    layout.showlegend = false
    return Chart(
      name: name, title: title, caption: caption, height: 280, traces: [trace], layout: layout)
  }
}
