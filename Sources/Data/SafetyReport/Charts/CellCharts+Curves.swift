// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Figures about curves of a cell: differential curves, impedance, pulses and rests.

import BatteryDomain
import CellAnalytics
import Foundation
import ReportPages

extension CellCharts {
  /// Differential curves of selected cycles, one figure a kind and direction.
  func curves() -> [Chart?] {
    let groups: [(DifferentialCurve.Kind, Bool)] = [
      (.incrementalCapacity, true), (.incrementalCapacity, false), (.differentialVoltage, true),
      (.differentialVoltage, false), (.differentialThermal, true), (.differentialThermal, false),
    ]
    return groups.map { kind, isDischarge in
      let curves = assessment.curves.filter { $0.kind == kind && $0.isDischarge == isDischarge }
      return figure(kind, isDischarge: isDischarge, curves: curves)
    }
  }

  private func figure(
    _ kind: DifferentialCurve.Kind, isDischarge: Bool, curves: [DifferentialCurve]
  ) -> Chart? {
    guard !curves.isEmpty else { return nil }
    let direction = isDischarge ? "discharge" : "charge"
    let style = Style(kind)
    var traces: [ChartTrace] = []
    for (index, curve) in curves.enumerated() {
      let points = thinned(Array(zip(curve.x, curve.y)))
      traces.append(
        ChartTrace.line(
          "cycle \(curve.cycle)",
          x: .numbers(points.map { $0.0 * style.xScale }, decimals: style.xDecimals),
          y: .numbers(points.map { $0.1 * style.yScale }, decimals: 4),
          color: Self.shade(index, of: curves.count), width: 1.8,
          hover: "%{x} \(style.xUnit)<br>%{y:.3g} \(style.yUnit)<extra>cycle \(curve.cycle)</extra>"
        ))
    }
    let tops = curves.compactMap { $0.peaks.max { $0.height < $1.height } }
    if kind != .differentialThermal, !tops.isEmpty {
      traces.append(
        ChartTrace.points(
          "highest peak", x: .numbers(tops.map { $0.position * style.xScale }, decimals: 4),
          y: .numbers(tops.map { $0.height * style.yScale }, decimals: 4), color: "var(--c2)",
          size: 6, symbol: "diamond", hover: "peak at %{x} \(style.xUnit)<extra></extra>"))
    }
    var layout = ChartLayout(
      x: .init("\(style.xName), \(style.xUnit)"), y: .init(style.yUnit))
    layout.showlegend = true
    // The ends of a curve shoot up where the voltage stands still: the body sets the scale.
    let values = curves.flatMap { curve in
      let margin = kind == .incrementalCapacity ? 0 : curve.y.count / 8
      return curve.y.dropFirst(margin).dropLast(margin).map { $0 * style.yScale }
    }.filter(\.isFinite).sorted()
    let low = VehicleCharts.quantile(values, 0.005)
    let high = VehicleCharts.quantile(values, 0.995)
    if high > low {
      let margin = 0.08 * (high - low)
      layout.yaxis.range = .numbers([min(0, low) - margin, high + margin], decimals: 4)
    }
    return Chart(
      name: "\(kind.rawValue.replacing("_", with: "-"))-\(direction)",
      title: "\(style.title), \(direction)", caption: style.caption, height: 320, traces: traces,
      layout: layout)
  }

  /// How a kind of curve is drawn.
  private struct Style {
    var title: String
    var caption: String
    var xName: String
    var xUnit: String
    var yUnit: String
    var xScale = 1.0
    var yScale = 1.0
    var xDecimals = 4

    init(_ kind: DifferentialCurve.Kind) {
      switch kind {
      case .incrementalCapacity:
        title = "Incremental capacity"
        caption =
          "dQ/dV of cycles spread over the life, strong is late. Peaks that shift speak of lost "
          + "lithium, peaks that shrink of lost active material."
        xName = "voltage"
        xUnit = "V"
        yUnit = "Ah/V"
        yScale = 1 / CellCharts.ampereHour
      case .differentialVoltage:
        title = "Differential voltage"
        caption =
          "dV/dQ, strong is late. The distance between peaks is the capacity of one electrode."
        xName = "charge moved"
        xUnit = "Ah"
        yUnit = "V/Ah"
        xScale = 1 / CellCharts.ampereHour
        yScale = CellCharts.ampereHour
      case .differentialThermal:
        title = "Differential thermal voltammetry"
        caption =
          "dT/dV, strong is late: heat at each phase change without a constant-temperature "
          + "chamber."
        xName = "voltage"
        xUnit = "V"
        yUnit = "K/V"
      }
    }
  }

  /// Impedance spectra with their fitted circuits.
  func nyquist() -> Chart? {
    let all = assessment.impedance.filter { $0.spectrum.real.count > 2 }
    guard !all.isEmpty else { return nil }
    let shown = Self.spreadOut(all, limit: 8)
    var traces: [ChartTrace] = []
    for (index, result) in shown.enumerated() {
      let color = Self.shade(index, of: shown.count)
      let spectrum = result.spectrum
      let name = spectrum.sourceCycle.map { "cycle \($0)" } ?? "spectrum \(index + 1)"
      var points = ChartTrace.points(
        name, x: .numbers(spectrum.real.map { $0 * 1000 }, decimals: 4),
        y: .numbers(spectrum.imaginary.map { -$0 * 1000 }, decimals: 4), color: .one(color),
        size: 5, hover: "%{x:.2f} − j %{y:.2f} mΩ<br>%{text}<extra>\(name)</extra>")
      points.text = .texts(
        spectrum.hasFrequencies
          ? spectrum.frequency.map { DisplayText.quantity($0, "Hz") }
          : spectrum.real.map { _ in "" })
      points.legendgroup = name
      traces.append(points)
      guard let fit = result.fit, let low = spectrum.frequency.min(),
        let high = spectrum.frequency.max(), low > 0, high > low
      else { continue }
      let curve = (0...80).map { step in
        fit.impedance(at: low * pow(high / low, Double(step) / 80))
      }
      var line = ChartTrace.line(
        "fit of \(name)", x: .numbers(curve.map { $0.real * 1000 }, decimals: 4),
        y: .numbers(curve.map { -$0.imaginary * 1000 }, decimals: 4), color: color, width: 1.3)
      line.showlegend = false
      line.hoverinfo = "skip"
      line.legendgroup = name
      traces.append(line)
    }
    var layout = ChartLayout(x: .init("real part, mΩ"), y: .init("− imaginary part, mΩ"))
    layout.yaxis.scaleanchor = "x"
    // The inductive tail of cables and cell would dwarf the arcs: a quarter of the height is enough.
    let heights = shown.flatMap { $0.spectrum.imaginary }.map { -$0 * 1000 }
    if let top = heights.max(), top > 0 {
      layout.yaxis.range = .numbers(
        [max(heights.min() ?? 0, -0.25 * top) - 0.08 * top, 1.08 * top], decimals: 4)
    }
    layout.showlegend = true
    let hasFit = shown.contains { $0.fit != nil }
    return Chart(
      name: "nyquist", title: "Impedance spectra",
      caption: (all.count == 1
        ? "One spectrum." : "\(all.count) spectra, \(shown.count) shown, strong is late.")
        + (hasFit ? " Lines: fitted circuit." : " The source states no frequencies to fit over.")
        + " The left end is the ohmic resistance, the arcs are interfaces.",
      height: 400, traces: traces, layout: layout)
  }

  /// At most `limit` elements spread evenly, the first and the last included.
  static func spreadOut<Element>(_ values: [Element], limit: Int) -> [Element] {
    guard values.count > limit, limit > 1 else { return values }
    return (0..<limit).map { values[$0 * (values.count - 1) / (limit - 1)] }
  }

  /// Resistance from steps of the current, over voltage.
  func pulses() -> Chart? {
    let pulses = thinned(assessment.pulses.filter { !$0.resistances.isEmpty })
    guard pulses.count > 2 else { return nil }
    let colors: [ChartTrace.Colours] = ["var(--c1)", "var(--c2)", "var(--c4)", "var(--c3)"]
    var traces: [ChartTrace] = []
    for (index, time) in assessment.pulseTimes.enumerated() {
      // Times shorter than the sampling interval have no true value.
      let reached = pulses.filter {
        $0.resistances.count > index && $0.resistances[index] > 0
      }
      guard !reached.isEmpty else { continue }
      let name = "\(DisplayText.duration(time)) after the step"
      traces.append(
        ChartTrace.points(
          name, x: .numbers(reached.map(\.voltageBefore), decimals: 4),
          y: .numbers(reached.map { $0.resistances[index] * 1000 }, decimals: 3),
          color: colors[index % colors.count], size: 5,
          hover: "from %{x:.3f} V<br>%{y:.2f} mΩ<extra>\(name)</extra>"))
    }
    guard !traces.isEmpty else { return nil }
    var layout = ChartLayout(x: .init("voltage before the step, V"), y: .init("mΩ"))
    layout.showlegend = true
    return Chart(
      name: "pulses", title: "Resistance from steps of the current",
      caption:
        "Change of voltage over change of current. It grows towards both ends of the charge, "
        + "in the cold and with age.",
      height: 300, traces: traces, layout: layout)
  }

  /// How far the voltage settles in rests.
  func relaxation() -> Chart? {
    let rests = thinned(assessment.relaxations.filter { $0.duration >= 60 })
    guard rests.count > 2 else { return nil }
    let trace = ChartTrace.points(
      "rest", x: .numbers(rests.indices.map { Double($0 + 1) }, decimals: 0),
      y: .numbers(rests.map { $0.change * 1000 }, decimals: 2),
      color: .each(rests.map { $0.currentBefore > 0 ? "var(--c2)" : "var(--c1)" }), size: 5,
      hover: "rest %{x}<br>%{y:.1f} mV<extra></extra>")
    var layout = ChartLayout(x: .init("rest"), y: .init("mV"))
    layout.showlegend = false
    return Chart(
      name: "relaxation", title: "Relaxation in rests",
      caption: "Change of voltage from the first to the last sample at rest; orange after a "
        + "discharge, blue after a charge. A drop that goes on for hours is self-discharge.",
      height: 300, traces: [trace], layout: layout)
  }
}
