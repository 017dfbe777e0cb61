// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The section of a page about one cell test.

import BatteryDomain
import CellAnalytics
import Cleaning
import Quantities
import ReportPages

/// The section of a page about one cell test: facts, figures and tables.
struct CellSection {
  let assessment: CellTestAssessment
  let input: ReportDocument.Input
  let charts: CellCharts

  init(assessment: CellTestAssessment, input: ReportDocument.Input, pointLimit: Int) {
    self.assessment = assessment
    self.input = input
    charts = CellCharts(assessment, pointLimit: pointLimit)
  }

  /// The section with its facts, figures and tables.
  func section(id: String) -> SubjectSection {
    SubjectSection(
      id: id, identity: assessment.identity,
      subtitle: "Cell test from \(input.file), read as \(input.format).",
      severity: assessment.findings.map(\.severity).max(), facts: facts, charts: charts.all(),
      tables: tables)
  }

  private var facts: [PageFact] {
    var facts: [PageFact] = [
      .init("Risk, 0 to 100", DisplayText.number(assessment.risk, significant: 3))
    ]
    if !assessment.cycles.isEmpty {
      facts.append(.init("Discharges", DisplayText.count(assessment.cycles.count)))
    }
    if !assessment.impedance.isEmpty {
      facts.append(.init("Impedance spectra", DisplayText.count(assessment.impedance.count)))
    }
    if let ohmic = assessment.impedance.last?.ohmicResistance {
      facts.append(.init("Ohmic resistance, last", DisplayText.quantity(ohmic * 1000, "mΩ")))
    }
    let capacities = assessment.cycles.compactMap(\.capacity)
    if let first = capacities.first, let last = capacities.last {
      facts.append(.init("Capacity, first → last", "\(ampereHours(first)) → \(ampereHours(last))"))
    }
    if let health = assessment.stateOfHealth, let series = assessment.series {
      facts.append(
        .init("State of health", "\(DisplayText.percent(health)) of \(series.baselineText)"))
    }
    if let cutOff = assessment.cutOff {
      facts.append(
        .init(
          "Cut-off",
          "\(DisplayText.quantity(cutOff.voltage, "V")), "
            + cutOff.source.rawValue.replacing("_", with: " ")))
    }
    if let cycle = assessment.endOfLifeCycle {
      facts.append(.init("End of life reached", "cycle \(cycle)"))
    }
    if let knee = assessment.knee {
      facts.append(
        .init(
          "Knee",
          "cycle \(whole(knee.cycle)), \(whole(knee.interval.lowerBound)) to "
            + whole(knee.interval.upperBound)))
    }
    if let low = assessment.minimumVoltage, let high = assessment.maximumVoltage {
      facts.append(
        .init(
          "Voltage seen",
          "\(DisplayText.number(low)) to \(DisplayText.quantity(high, "V"))"))
    }
    if let hottest = assessment.maximumTemperature {
      facts.append(.init("Hottest", celsius(hottest)))
    }
    if assessment.samples > 0 {
      let unusable = DisplayText.count(assessment.unusableSamples)
      facts.append(
        .init("Samples", "\(DisplayText.count(assessment.samples)), \(unusable) unusable"))
    }
    return facts
  }

  private var tables: Markup {
    var result: Markup = ""
    for (title, markup) in [
      ("Remaining life by method", forecastTable.markup), ("Cycles", cycleTable.markup),
      ("Impedance", impedanceTable.markup), ("Rests", restTable.markup),
      ("Steps of the test", stepTable.markup),
    ] where !markup.text.isEmpty {
      result += PageSection.fold(title, markup)
    }
    result += CleaningTables(summary: assessment.cleaning, clock: charts.clock).markup
    return result
  }

  private var forecastTable: TableMarkup {
    TableMarkup(
      caption:
        "Cycles after the last one of the data; 90 % intervals given that the trend goes on.",
      columns: [
        .text("Method"), .number("Remaining"), .number("Interval"), .number("End of life at"),
        .number("Residual"), .number("Cycles used"),
      ],
      rows: assessment.forecasts.map { forecast in
        let low = forecast.lower - forecast.fromCycle
        let high = forecast.upper - forecast.fromCycle
        return [
          Markup(escaping: forecast.method.rawValue.replacing("_", with: " ")),
          Markup(escaping: whole(forecast.remaining)),
          Markup(
            escaping: "\(whole(low)) to \(forecast.isOpenEnded ? "beyond " : "")\(whole(high))"),
          Markup(escaping: "cycle \(whole(forecast.endOfLife))"),
          Markup(escaping: DisplayText.percent(forecast.residual)), "\(forecast.samples)",
        ]
      })
  }

  private var cycleTable: TableMarkup {
    let limit = 200
    let cycles = CellCharts.spreadOut(assessment.cycles, limit: limit)
    return TableMarkup(
      caption: assessment.cycles.count > cycles.count
        ? "\(cycles.count) of \(assessment.cycles.count) cycles, spread evenly; the JSON has all."
        : "Capacity and energy to the cut-off.",
      columns: [
        .number("Cycle"), .number("Capacity"), .number("Energy"), .number("Charge efficiency"),
        .number("Energy efficiency"), .number("At constant voltage"), .number("Mean current"),
        .number("Resistance"), .number("Hottest"), .number("Stated capacity"),
      ],
      rows: cycles.map { cycle in
        [
          "\(cycle.number)", optional(cycle.capacity, ampereHours),
          optional(cycle.energy) { DisplayText.quantity(Energy($0).wattHours, "Wh") },
          optional(cycle.coulombicEfficiency) { DisplayText.percent($0) },
          optional(cycle.energyEfficiency) { DisplayText.percent($0) },
          optional(cycle.constantVoltageShare) { DisplayText.percent($0) },
          optional(cycle.meanCurrent) { DisplayText.quantity($0, "A") },
          optional(cycle.resistance) { DisplayText.quantity($0 * 1000, "mΩ") },
          optional(cycle.maximumTemperature, celsius), optional(cycle.statedCapacity, ampereHours),
        ]
      })
  }

  private var impedanceTable: TableMarkup {
    let results = CellCharts.spreadOut(assessment.impedance, limit: 60)
    return TableMarkup(
      caption: "Ohmic resistance at the crossing of the real axis; ≤ where the spectrum does not "
        + "reach it. Arcs: resistance at summit frequency.",
      columns: [
        .text("Spectrum"), .number("Ohmic"), .text("Arcs"), .number("Deviation of the fit"),
      ],
      rows: results.enumerated().map { index, result in
        let arcs = (result.fit?.arcs ?? []).map { arc in
          "\(DisplayText.quantity(arc.resistance.value * 1000, "mΩ")) ± "
            + "\(DisplayText.number(arc.resistance.standardError * 1000, significant: 2)) at "
            + DisplayText.quantity(arc.peakFrequency, "Hz")
        }
        return [
          Markup(
            escaping: result.spectrum.sourceCycle.map { "cycle \($0)" } ?? "number \(index + 1)"),
          optional(result.ohmicResistance) {
            (result.crossesAxis ? "" : "≤ ") + DisplayText.quantity($0 * 1000, "mΩ")
          },
          Markup(escaping: arcs.isEmpty ? "–" : arcs.joined(separator: "; ")),
          optional(result.fit?.relativeDeviation) { DisplayText.percent($0) },
        ]
      })
  }

  private var restTable: TableMarkup {
    let rests = assessment.relaxations.sorted { $0.duration > $1.duration }.prefix(20)
    return TableMarkup(
      caption: "The longest rests.",
      columns: [
        .text("From"), .text("Length"), .number("Current before"), .number("Change"),
        .number("Settles at"), .number("Time constant"), .number("Late slope"),
      ],
      rows: rests.map { rest in
        [
          Markup(escaping: charts.clock.minute(rest.start)),
          Markup(escaping: DisplayText.duration(rest.duration)),
          Markup(escaping: DisplayText.quantity(rest.currentBefore, "A")),
          Markup(escaping: DisplayText.quantity(rest.change * 1000, "mV")),
          optional(rest.settledVoltage) { DisplayText.quantity($0, "V") },
          optional(rest.timeConstant, DisplayText.duration),
          optional(rest.tailSlope) { DisplayText.quantity($0 * 3.6e6, "mV/h") },
        ]
      })
  }

  private var stepTable: TableMarkup {
    TableMarkup(
      caption: "All steps by kind; discharge is positive.",
      columns: [
        .text("Kind"), .number("Steps"), .number("Time"), .number("Charge"), .number("Energy"),
      ],
      rows: assessment.stepSummaries.map { summary in
        [
          Markup(escaping: summary.kind.rawValue.replacing("_", with: " ")),
          Markup(escaping: DisplayText.count(summary.totals.steps)),
          Markup(escaping: DisplayText.duration(summary.totals.duration)),
          Markup(escaping: ampereHours(summary.totals.charge)),
          Markup(escaping: DisplayText.quantity(Energy(summary.totals.energy).wattHours, "Wh")),
        ]
      })
  }

  private func whole(_ value: Double) -> String {
    value.isFinite && abs(value) < 1e15 ? DisplayText.count(Int(value.rounded())) : "–"
  }
  private func celsius(_ kelvin: Double) -> String {
    DisplayText.quantity((Temperature(kelvin).celsius * 10).rounded() / 10, "°C")
  }
  private func ampereHours(_ coulombs: Double) -> String {
    DisplayText.quantity(Charge(coulombs).ampereHours, "Ah")
  }
  private func optional(_ value: Double?, _ text: (Double) -> String) -> Markup {
    Markup(escaping: value.map(text) ?? "–")
  }
}
