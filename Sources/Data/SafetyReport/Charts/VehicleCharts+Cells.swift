// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Figures about the cells of a vehicle against their siblings and their own past.

import BatteryDomain
import FleetAnalytics
import NumericalMethods
import ReportPages

extension VehicleCharts {
  private static let millivolts = 1000.0

  /// The cells that findings name, over the band of all other cells.
  func leadingCells() -> Chart? {
    let buckets = assessment.series.buckets
    let leading = leadingCellNumbers.filter { $0 <= buckets.moduleDeviation.count }
    let drawn = DrawnDeviations(buckets, limit: 160)
    guard !leading.isEmpty, drawn.time.count > 1 else { return nil }
    let others = drawn.millivolts.indices.filter { !leading.contains($0 + 1) }
    var low: [Double] = []
    var high: [Double] = []
    for index in drawn.time.indices {
      let values = others.map { drawn.millivolts[$0][index] }.filter(\.isFinite).sorted()
      low.append(Self.quantile(values, 0.05))
      high.append(Self.quantile(values, 0.95))
    }
    // Spans without rows are left out here, so that the band does not break at each of them.
    let known = drawn.time.indices.filter { low[$0].isFinite }
    let middles = drawn.time.map { $0 + drawn.interval / 2 }
    var traces = [
      ChartTrace.band(
        "other cells, 5–95 %", x: known.map { middles[$0] }, low: known.map { low[$0] },
        high: known.map { high[$0] }, decimals: 2, values: clock.values)
    ]
    for (position, cell) in leading.enumerated() {
      var line = ChartTrace.line(
        "cell \(cell)", x: clock.values(middles),
        y: .numbers(drawn.millivolts[cell - 1], decimals: 2),
        color: Self.lineColors[position % Self.lineColors.count], width: 2.2,
        hover: "\(clock.hover)<br>%{y:.1f} mV")
      line.connectgaps = true
      traces.append(line)
    }
    var layout = ChartLayout(x: clock.axis(), y: .init("mV against the module"))
    let marks = onsetMarks(cellsOnly: true)
    layout.shapes = marks.shapes
    layout.annotations = marks.notes
    layout.showlegend = true
    return Chart(
      name: "cells", title: "The leading cells against their own module",
      caption: """
        Deviation from the module's median at low, steady current and like state of charge. \
        A level line is a standing offset; a falling line is a cell that loses charge or capacity.
        """,
      height: 340, traces: traces, layout: layout, isWide: true)
  }

  /// Every cell over time as a heat map.
  func heatMap() -> Chart? {
    let drawn = DrawnDeviations(assessment.series.buckets, limit: 130)
    guard drawn.time.count > 1, !drawn.millivolts.isEmpty else { return nil }
    let grid = TimeGrid(times: drawn.time, interval: drawn.interval)
    let rows = drawn.millivolts.map(grid.spread)
    let sizes = rows.joined().filter(\.isFinite).map(abs).sorted()
    guard !sizes.isEmpty else { return nil }
    // The 99.5 % quantile, so that one spike does not grey out the rest; at least 10 mV.
    let limit = max(10, Self.quantile(sizes, 0.995))
    var trace = ChartTrace(.heatmap, name: "deviation")
    trace.x = clock.values(grid.times)
    trace.y = .numbers((1...rows.count).map(Double.init), decimals: 0)
    trace.z = .matrix(rows, decimals: 1)
    trace.zmin = -limit
    trace.zmax = limit
    trace.zmid = 0
    trace.colorscale = ColourScale.diverging
    trace.colorbar = .init(title: "mV")
    trace.hovertemplate = "cell %{y}<br>\(clock.hover)<br>%{z:.1f} mV<extra></extra>"
    var y = ChartLayout.Axis("cell")
    y.autorange = "reversed"
    y.showgrid = false
    y.zeroline = false
    var x = clock.axis()
    x.showgrid = false
    var layout = ChartLayout(x: x, y: y)
    layout.annotations = leadingCellNumbers.map { cell in
      .init(
        "\(cell) ▸", x: 0, y: Double(cell), xref: "paper", yref: "y", xanchor: "right",
        yanchor: "middle", font: .init(size: 11, color: "var(--act)"))
    }
    return Chart(
      name: "heat-map", title: "Every cell against its module over time",
      caption: """
        Red is below, blue above the median of the module at like state of charge. One row that \
        grows stronger is a drifting cell; a whole column is an event of the pack. Empty: no low-current \
        rows.
        """,
      height: min(760, max(260, 120 + rows.count * 5)), traces: [trace], layout: layout,
      isWide: true)
  }

  /// Latest and first deviation of every cell.
  func standing() -> Chart? {
    let cells = assessment.cells
    guard cells.contains(where: { $0.deviation != nil }) else { return nil }
    let numbers = ChartValues.numbers(cells.map { Double($0.cell) }, decimals: 0)
    var bars = ChartTrace(.bar, name: "latest")
    bars.x = numbers
    bars.y = .numbers(cells.map { ($0.deviation ?? .nan) * Self.millivolts }, decimals: 1)
    bars.marker = .init(
      color: .each(
        cells.map { cell in
          guard cell.severity > .note else { return "var(--c0)" }
          return Self.color(cell.severity)
        }))
    bars.hovertemplate = "cell %{x}<br>%{y:.1f} mV now<extra></extra>"
    var first = ChartTrace.points(
      "first", x: numbers,
      y: .numbers(cells.map { ($0.firstDeviation ?? .nan) * Self.millivolts }, decimals: 1),
      color: "var(--text)", size: 5, symbol: "line-ew-open",
      hover: "cell %{x}<br>%{y:.1f} mV at first<extra></extra>")
    first.marker?.line = .init(color: "var(--text)", width: 1.4)
    var layout = ChartLayout(x: .init("cell"), y: .init("mV against the module"))
    layout.xaxis.showgrid = false
    layout.shapes = moduleShading()
    layout.bargap = 0.25
    layout.showlegend = true
    return Chart(
      name: "standing", title: "Where every cell stands",
      caption: """
        Bars: latest deviation from the module's median; dashes: at first. Coloured bars are cells \
        with a finding; shaded stripes are the modules inferred from the data.
        """,
      traces: [bars, first], layout: layout)
  }

  /// Robust z against the pack and against the module.
  func scores() -> Chart? {
    let cells = assessment.cells
    guard cells.contains(where: { $0.packScore != nil && $0.moduleScore != nil }) else {
      return nil
    }
    let numbers = ChartValues.numbers(cells.map { Double($0.cell) }, decimals: 0)
    let pack = ChartTrace.points(
      "against the pack", x: numbers,
      y: .numbers(cells.map { $0.packScore ?? .nan }, decimals: 2), color: "var(--c0)", size: 6,
      symbol: "circle-open", hover: "cell %{x}<br>z = %{y:.1f} in the pack<extra></extra>")
    let module = ChartTrace.points(
      "against the module", x: numbers,
      y: .numbers(cells.map { $0.moduleScore ?? .nan }, decimals: 2), color: "var(--c1)", size: 6,
      hover: "cell %{x}<br>z = %{y:.1f} in the module<extra></extra>")
    var layout = ChartLayout(x: .init("cell"), y: .init("robust z"))
    layout.xaxis.showgrid = false
    // |z| > 3.5: the usual limit for a robust z; Iglewicz & Hoaglin (1993), How to Detect
    // and Handle Outliers, ASQC Quality Press.
    layout.shapes =
      moduleShading() + [.level(3.5, color: "var(--muted)"), .level(-3.5, color: "var(--muted)")]
    layout.showlegend = true
    return Chart(
      name: "scores", title: "Why modules, not the pack, are the baseline",
      caption: """
        Robust z of each cell's latest deviation. Modules differ by wiring and temperature, so a \
        score against the pack marks healthy cells and can miss the faulty one; dotted: ±3.5.
        """,
      traces: [pack, module], layout: layout)
  }

  /// Stripes behind every second module.
  private func moduleShading() -> [ChartLayout.Shape] {
    guard assessment.modules.count > 1 else { return [] }
    return assessment.modules.enumerated().filter { $0.offset.isMultiple(of: 2) }.map { _, module in
      .init(
        type: "rect", xref: "x", yref: "paper", x0: Double(module.firstCell) - 0.5,
        x1: Double(module.lastCell) + 0.5, y0: 0, y1: 1, line: .init(width: 0),
        fillcolor: "var(--raised)", layer: "below")
    }
  }

  /// The quantile of sorted values by linear interpolation; NaN without values.
  static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    guard let last = sorted.last else { return .nan }
    let position = share * Double(sorted.count - 1)
    let index = Int(position)
    guard index + 1 < sorted.count else { return last }
    let fraction = position - Double(index)
    return sorted[index] + fraction * (sorted[index + 1] - sorted[index])
  }
}
