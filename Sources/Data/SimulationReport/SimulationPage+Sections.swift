// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The sections of a simulation's page: over time, cycles, steps, set-up.

import CellModels
import Foundation
import Quantities
import ReportPages

/// The unit in which a page counts time.
struct TimeUnit {
  let name: String
  let seconds: Double

  /// A unit in which a duration is a number of few digits.
  init(for duration: Double) {
    switch duration {
    case ..<600: (name, seconds) = ("s", 1)
    case ..<14_400: (name, seconds) = ("min", 60)
    case ..<432_000: (name, seconds) = ("h", 3_600)
    default: (name, seconds) = ("days", 86_400)
    }
  }

  var title: String { "time in \(name)" }
  func values(_ times: [Double]) -> [Double] { times.map { $0 / seconds } }
  func label(_ time: Double) -> String {
    DisplayText.number(time / seconds) + "\u{202F}" + name
  }
}

extension SimulationPage {
  var unit: TimeUnit { TimeUnit(for: record.curves.time.last ?? 0) }

  var timeSection: PageSection? {
    let curves = record.curves
    guard curves.time.count > 1 else { return nil }
    let unit = unit
    let time = unit.values(curves.time)
    func chart(
      _ name: String, _ title: String, _ caption: String, _ axis: String, _ values: [Double],
      levels: [Double] = []
    ) -> Chart? {
      guard values.contains(where: \.isFinite) else { return nil }
      return Chart.lines(
        ChartWords(name: name, title: title, caption: caption), x: unit.title, y: axis,
        series: [ChartSeries(title.lowercased(), x: time, y: values)], levels: levels)
    }
    let set = experiment.parameters
    let wide = chart(
      "voltage", "Voltage",
      "At the terminals; dotted: the cut-offs of the cell."
        + (record.leaptCycles > 0 ? " Straight lines stand for cycles leapt over." : ""),
      "voltage in V", curves.voltage, levels: [set.lowerCutOff, set.upperCutOff])
    var charts = [
      wide,
      chart(
        "current", "Current", "Discharge is positive.", "current in A", curves.current, levels: [0]),
      chart(
        "temperature", "Temperature",
        experiment.thermal == .isothermal
          ? "Isothermal: the cell stays at the temperature of its surroundings."
          : "Of the cell; its hottest place where the model has several.", "temperature in °C",
        curves.temperature.map { Temperature($0).celsius }),
      chart(
        "margin", "Plating margin",
        "Smallest potential of the negative electrode against lithium; below the dotted line "
          + "lithium can plate.", "margin in mV", curves.platingMargin.map { $0 * 1_000 },
        levels: [0]),
    ].compactMap { $0 }
    if let least = curves.salt.lazy.filter(\.isFinite).min(), least < 0.999_999 {
      charts += [
        chart(
          "salt", "Salt left in the electrolyte",
          "Smallest concentration in the cell relative to rest; at 0 the cell can deliver no more.",
          "share of rest", curves.salt)
      ].compactMap { $0 }
    }
    if let most = curves.film.max(), most > (curves.film.min() ?? most) {
      charts += [
        chart(
          "film", "Film on the negative electrode", "Mean thickness of the interphase.",
          "thickness in nm", curves.film.map { $0 * 1e9 })
      ].compactMap { $0 }
    }
    return PageSection(id: "time", title: "Over time", charts: charts)
  }

  var cycleSection: PageSection? {
    let cycles = record.cycles
    guard cycles.count > 1 else { return nil }
    let numbers = cycles.map { Double($0.cycle) }
    let capacity = Chart.lines(
      ChartWords(
        name: "capacity", title: "Capacity per cycle",
        caption: "Charge that came out and went in during each cycle."),
      x: "cycle", y: "charge in Ah",
      series: [
        ChartSeries("discharged", x: numbers, y: cycles.map { $0.discharged / 3_600 }),
        ChartSeries("charged", x: numbers, y: cycles.map { $0.charged / 3_600 }, dash: "dash"),
      ])
    let perMole = PhysicalConstants.faraday / 3_600
    let lost = cycles.map { $0.observation.lostLithium * perMole }
    var charts = [
      capacity,
      Chart.lines(
        ChartWords(
          name: "efficiency", title: "Energy efficiency per cycle",
          caption: "Energy out over energy in; the rest became heat."),
        x: "cycle", y: "efficiency in %",
        series: [
          ChartSeries(
            "efficiency", x: numbers,
            y: cycles.map {
              $0.chargedEnergy > 0 ? 100 * $0.dischargedEnergy / $0.chargedEnergy : .nan
            })
        ]),
    ]
    if (lost.last ?? 0) > 0 {
      let steps = zip(numbers, [0] + numbers).map { max(1, $0 - $1) }
      let each = zip(zip(lost, [0] + lost).map { $0 - $1 }, steps).map { $0 / $1 }
      charts += [
        Chart.lines(
          ChartWords(
            name: "lost", title: "Lithium lost",
            caption: "Lithium bound by side reactions and in lost material since the start."),
          x: "cycle", y: "charge in Ah",
          series: [ChartSeries("lost in all", x: numbers, y: lost)]),
        Chart.lines(
          ChartWords(
            name: "losses", title: "Lithium lost in each cycle",
            caption: "A growing film slows its own growth; a rise tells of another loss."),
          x: "cycle", y: "charge in mAh",
          series: [ChartSeries("lost", x: numbers, y: each.map { $0 * 1_000 })]),
      ]
    }
    func lostText(_ cycle: Experiment.CycleResult) -> String {
      DisplayText.quantity(cycle.observation.lostLithium * perMole * 1_000, "mAh")
    }
    let table = TableMarkup(
      caption: (cycles.count > 60 ? "The first 30 and the last 30 cycles" : "Every cycle")
        + (record.leaptCycles > 0 ? " of those that were computed." : "."),
      columns: [
        .number("Cycle"), .number("Discharged"), .number("Charged"), .number("Lithium lost"),
        .number("Highest temperature"), .number("Plating margin"),
      ],
      rows: (cycles.count > 60 ? cycles.prefix(30) + cycles.suffix(30) : cycles[...]).map { cycle in
        [
          Markup(escaping: String(cycle.cycle)), Markup(escaping: ampereHours(cycle.discharged)),
          Markup(escaping: ampereHours(cycle.charged)),
          Markup(escaping: lostText(cycle)),
          Markup(escaping: celsius(cycle.highestTemperature)),
          Markup(escaping: DisplayText.quantity(cycle.platingMargin * 1_000, "mV")),
        ]
      })
    var section = PageSection(id: "cycles", title: "Cycles", charts: charts)
    section.folded = [("Numbers of the cycles", table)]
    return section
  }

  var stepSection: PageSection? {
    let shown = record.steps
    guard !shown.isEmpty else { return nil }
    let unit = unit
    let table = TableMarkup(
      caption: record.stepCount > shown.count
        ? "The first \(shown.count - 1) of \(record.stepCount) steps, and the last."
        : record.leaptCycles > 0 ? "Every step of the cycles that were computed." : "Every step.",
      columns: [
        .number("Cycle"), .text("Step"), .text("Ended by"), .number("At"), .number("Voltage"),
        .number("Charge out"),
      ],
      rows: shown.map { step in
        [
          Markup(escaping: String(step.cycle)), Markup(escaping: step.text),
          Markup(escaping: step.end.words), Markup(escaping: unit.label(step.time)),
          Markup(escaping: DisplayText.quantity(step.voltage, "V")),
          Markup(escaping: ampereHours(step.charge)),
        ]
      })
    var section = PageSection(id: "steps", title: "Steps and how they ended")
    if shown.count <= 24 {
      section.tables = [table]
    } else {
      section.folded = [("All steps", table)]
    }
    return section
  }

  var setUpSection: PageSection? {
    let set = experiment.parameters
    let ambient = experiment.ambientTemperature ?? set.ambientTemperature
    var facts = [
      PageFact("Parameters", set.name), PageFact("Source", set.source),
      PageFact("Model", experiment.model.title), PageFact("Temperature", experiment.thermal.title),
      PageFact("Ambient", celsius(ambient)),
      PageFact(
        "State of charge at the start", DisplayText.percent(experiment.initialStateOfCharge)),
      PageFact("Nominal capacity", ampereHours(set.nominalCapacity)),
      PageFact(
        "Cut-offs",
        "\(DisplayText.number(set.lowerCutOff)) to \(DisplayText.quantity(set.upperCutOff, "V"))"),
    ]
    facts += options.map { PageFact("Option", $0) }
    let plan = TableMarkup(
      caption: "What was asked for"
        + (experiment.cycles > 1 ? ", \(experiment.cycles) times in all." : "."),
      columns: [.text("Step"), .number("Times")],
      rows: experiment.blocks.flatMap { block in
        block.steps.map { step in
          [Markup(escaping: step.text), Markup(escaping: DisplayText.count(block.repetitions))]
        }
      })
    return PageSection(id: "set-up", title: "Set-up", facts: facts, tables: [plan])
  }
}

extension CellModelKind {
  /// The name in words.
  var title: String {
    switch self {
    case .ecm: "equivalent circuit"
    case .spm: "single particles (SPM)"
    case .spme: "single particles with electrolyte (SPMe)"
    case .dfn: "porous electrodes (DFN)"
    case .solidState: "solid-state cell"
    }
  }
}

extension ThermalModel {
  /// The name in words.
  var title: String {
    switch self {
    case .isothermal: "isothermal"
    case .lumped: "one temperature, with heat and cooling"
    case .coreAndSurface: "core and surface"
    case .fieldAlongLine: "field along a line"
    case .fieldInPlane: "field in a plane"
    }
  }
}
