// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The page of an identification: open-circuit voltage, resistances, measured against model.

import CellModels
import Foundation
package import ReportPages

/// The page of an identification.
package enum IdentificationPage {
  /// The page of slow tests.
  package static func page(_ tests: [OpenCircuitTest]) -> ReportPage {
    let first = tests.first
    return ReportPage(
      kind: "cell identification", title: "Open-circuit voltage",
      lead: first.map {
        "\($0.name): \(DisplayText.number($0.capacity / 3_600)) Ah at "
          + "\(DisplayText.number($0.temperature - 273.15, significant: 3)) °C."
      } ?? "",
      sections: [openCircuit(tests, circuit: nil)])
  }

  /// The page of a circuit.
  package static func page(_ document: CircuitDocument) -> ReportPage {
    let found = document.found
    let parameters = found.parameters
    let pooled = CircuitDocument.pooled(document.validations.map(\.error))
    let open = CircuitDocument.pooled(document.validations.map(\.openCircuitError))
    var tiles = [
      ReportPage.Tile("\(DisplayText.number(parameters.capacity / 3_600)) Ah", "capacity"),
      ReportPage.Tile("\(parameters.pairs.count)", "RC pairs"),
    ]
    var lead = "Identified from \(found.groups.flatMap(\.recordings).count) recordings."
    if !document.validations.isEmpty {
      tiles.append(
        ReportPage.Tile(
          "\(DisplayText.number(1e3 * pooled, significant: 3)) mV",
          "rms voltage error on recordings not fitted"))
      lead +=
        " On \(document.validations.count) recordings that were not fitted the voltage is within "
        + "\(DisplayText.number(1e3 * pooled, significant: 3)) mV rms; the open-circuit voltage "
        + "alone within \(DisplayText.number(1e3 * open, significant: 3)) mV."
    }
    var sections = [openCircuit(found.start.tests, circuit: parameters), resistances(found)]
    if !document.validations.isEmpty { sections.append(validation(document.validations)) }
    return ReportPage(
      kind: "cell identification", title: "Equivalent circuit of \(parameters.name)", lead: lead,
      tiles: tiles, sections: sections,
      notes: document.extrapolated + found.notes)
  }

  static func openCircuit(
    _ tests: [OpenCircuitTest], circuit: CircuitParameters?, balancing: ElectrodeBalancing? = nil,
    cell: CellParameters? = nil
  ) -> PageSection {
    var series: [ChartSeries] = []
    var widths: [ChartSeries] = []
    for test in tests {
      let place = "\(CircuitDocument.fixed(test.temperature - 273.15, 1)) °C"
      let percent = test.nodes.map { 100 * $0 }
      series.append(ChartSeries("discharge \(place)", x: percent, y: test.discharge))
      if let charge = test.charge {
        series.append(ChartSeries("charge \(place)", x: percent, y: charge))
      }
      if let width = test.halfWidth {
        widths.append(ChartSeries(place, x: percent, y: width.map { 1e3 * $0 }))
      }
    }
    if let circuit {
      let values = circuit.openCircuit.curve.values
      series.append(
        ChartSeries(
          "identified", x: values.indices.map { 100 * Double($0) / Double(values.count - 1) },
          y: values, dash: "dash"))
    }
    if let balancing, let cell {
      let places = (0...200).map { Double($0) / 200 }
      series.append(
        ChartSeries(
          "of the electrodes", x: places.map { 100 * $0 },
          y: places.map { z in
            cell.openCircuitVoltage(
              negative: balancing.balance.negativeStoichiometry(at: z),
              positive: balancing.balance.positiveStoichiometry(at: z))
          }, dash: "dash"))
    }
    var charts = [
      Chart.lines(
        ChartWords(
          name: "voltage", title: "Open-circuit voltage",
          caption: "Voltage of the slow tests on discharge and charge over the state of charge."),
        x: "state of charge in %", y: "voltage in V", series: series)
    ]
    if !widths.isEmpty {
      charts.append(
        Chart.lines(
          ChartWords(
            name: "width", title: "Half-width of the loop",
            caption: "Half the distance of charge and discharge: hysteresis and slow losses."),
          x: "state of charge in %", y: "half-width in mV", series: widths))
    }
    return PageSection(
      id: "open-circuit", title: "Open-circuit voltage",
      facts: tests.map {
        PageFact(
          $0.name,
          "\(DisplayText.number($0.capacity / 3_600)) Ah"
            + ($0.coulombicOffset.map { ", coulombic offset \(DisplayText.percent($0))" } ?? ""))
      }, charts: charts)
  }

  private static func resistances(_ found: CircuitIdentification) -> PageSection {
    let count = found.groups.first?.discharge.count ?? 0
    var charts: [Chart] = []
    for block in 0..<count {
      var series: [ChartSeries] = []
      for group in found.groups {
        let place = "\(CircuitDocument.fixed(group.temperature - 273.15, 1)) °C"
        let percent = group.nodes.map { 100 * $0 }
        series.append(
          ChartSeries(
            "discharge \(place)", x: percent, y: group.discharge[block].map { 1e3 * $0.value }))
        if block < group.charge.count {
          series.append(
            ChartSeries(
              "charge \(place)", x: percent, y: group.charge[block].map { 1e3 * $0.value },
              dash: "dot"))
        }
      }
      // Groups share their time constants.
      var times: [String] = []
      for group in found.groups where block > 0 {
        let words = "\(DisplayText.number(group.timeConstants[block - 1].value, significant: 3)) s"
        if !times.contains(words) { times.append(words) }
      }
      charts.append(
        Chart.lines(
          ChartWords(
            name: "r\(block)", title: block == 0 ? "R0" : "R\(block)",
            caption: block == 0
              ? "Resistance that acts at once."
              : "Time constant \(times.joined(separator: ", "))."),
          x: "state of charge in %", y: "resistance in mΩ", series: series))
    }
    return PageSection(
      id: "resistances", title: "Resistances",
      lead: "Values at the nodes of the maps; intervals of 95 % are in the table. In brackets: not "
        + "determined by the data, taken from the neighbours.",
      charts: charts, tables: found.groups.map(table))
  }

  private static func table(_ group: CircuitIdentification.Group) -> TableMarkup {
    var columns: [TableMarkup.Column] = [.text("state of charge")]
    for block in group.discharge.indices { columns.append(.number("R\(block), mΩ")) }
    let rows = group.nodes.indices.map { node -> [Markup] in
      var row: [Markup] = ["\(DisplayText.percent(group.nodes[node]))"]
      for (block, shares) in zip(group.discharge, group.resolution.discharge) {
        let span = 1e3 * group.intervalFactor * block[node].error
        let value = DisplayText.number(1e3 * block[node].value, significant: 3)
        let words = "\(value) ± \(DisplayText.number(span, significant: 2))"
        let isTold = shares[node] >= CircuitIdentification.Group.determinedResolution
        row.append("\(isTold ? words : "(\(words))")")
      }
      return row
    }
    let place = CircuitDocument.fixed(group.temperature - 273.15, 1)
    return TableMarkup(caption: "On discharge at \(place) °C", columns: columns, rows: rows)
  }

  static func validation(_ validations: [CircuitValidation]) -> PageSection {
    let charts = validations.prefix(6).enumerated().map { index, validation -> Chart in
      let minutes = validation.curve.map { $0.time / 60 }
      return Chart.lines(
        ChartWords(
          name: "run\(index + 1)", title: validation.name,
          caption: "Measured and model voltage at "
            + "\(DisplayText.number(validation.temperature - 273.15, significant: 3)) °C; "
            + "\(DisplayText.number(1e3 * validation.error.rootMeanSquare, significant: 3)) mV rms."
        ), x: "time in min", y: "voltage in V",
        series: [
          ChartSeries("measured", x: minutes, y: validation.curve.map(\.measured)),
          ChartSeries("model", x: minutes, y: validation.curve.map(\.model)),
        ], isWide: true)
    }
    let columns: [TableMarkup.Column] = [
      .text("recording"), .number("°C"), .number("rms, mV"), .number("max, mV"),
      .number("mean, mV"), .number("OCV alone rms, mV"),
    ]
    func millivolts(_ value: Double) -> Markup {
      "\(DisplayText.number(1e3 * value, significant: 3))"
    }
    let rows = validations.map { validation -> [Markup] in
      let celsius = DisplayText.number(validation.temperature - 273.15, significant: 3)
      return [
        "\(validation.name)", "\(celsius)", millivolts(validation.error.rootMeanSquare),
        millivolts(validation.error.largest), millivolts(validation.error.mean),
        millivolts(validation.openCircuitError.rootMeanSquare),
      ]
    }
    return PageSection(
      id: "validation", title: "Recordings that were not fitted",
      lead: "The model gets current and temperature; the first voltage tells where it starts.",
      charts: charts,
      tables: [TableMarkup(caption: "Voltage error", columns: columns, rows: rows)])
  }
}
