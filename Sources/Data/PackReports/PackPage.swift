// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The page of a propagation run: heat map over time, order of failure, energy, criteria.

import BatteryDomain
import Foundation
package import PackModels
import Quantities
package import ReportPages
import RunawayModels

/// The page of a propagation run.
package struct PackPage: Sendable {
  /// The pack.
  package var pack: PackDescription
  /// The run.
  package var result: PackResult

  /// Measures that were tried on it.
  package var remedies: [PackRemedy]

  /// Creates the page of a run.
  package init(_ pack: PackDescription, _ result: PackResult, remedies: [PackRemedy] = []) {
    self.pack = pack
    self.result = result
    self.remedies = remedies
  }

  /// The page.
  package var page: ReportPage {
    let severity: Severity =
      switch result.outcome {
      case .noRunaway: .note
      case .contained: .watch
      case .stopped: .act
      case .wholePack: .stop
      }
    let hottest = result.rows.map { $0.temperatures.max() ?? 0 }.max() ?? pack.temperature
    return ReportPage(
      kind: "pack run", title: pack.name,
      lead: PackWords.summary(pack, result) + " "
        + PackWords.advice(pack, result, remedies: remedies),
      severity: severity,
      tiles: [
        .init("\(result.sequence.count) of \(pack.cellCount)", "cells ran away"),
        .init(result.timeToSecondCell.map(PackWords.duration) ?? "–", "first to second cell"),
        .init(result.timeToWholePack.map(PackWords.duration) ?? "–", "first to last cell"),
        .init(PackWords.celsius(hottest), "hottest cell, mean"),
      ],
      sections: [
        mapSection, eventSection, remedySection, gasSection, housingSection, energySection,
        designSection,
      ].compactMap { $0 },
      notes: [
        "Reactions follow published kinetics; a cell runs away by its own heat, never at a fixed "
          + "temperature. Ejected mass takes its heat along. The second cell stands for the hazard "
          + "of the standards: a conservative reading."
      ])
  }

  private var remedySection: PageSection? {
    guard !remedies.isEmpty else { return nil }
    return PageSection(
      id: "measures", title: "What would stop it",
      lead:
        "Measures in order of cost, each built into the pack and run with the same trigger, until one "
        + "stops the chain. Masses and costs are assumed unless the table 'measures' of the file gives "
        + "them.", tables: [RemedyTable.table(remedies, pack)])
  }

  private var mapSection: PageSection {
    let columns = Array(Set(pack.arrangement.places.map { rounded($0.x) })).sorted()
    let rows = Array(Set(pack.arrangement.places.map { rounded($0.y) })).sorted()
    let frames = thinned.map { row -> (label: String, values: [[Double]]) in
      var grid = [[Double]](
        repeating: Array(repeating: .nan, count: columns.count), count: rows.count)
      for (cell, place) in pack.arrangement.places.enumerated() {
        guard let x = columns.firstIndex(of: rounded(place.x)),
          let y = rows.firstIndex(of: rounded(place.y))
        else { continue }
        grid[y][x] = row.temperatures[cell] - 273.15
      }
      return (PackWords.duration(row.time), grid)
    }
    var charts: [Chart] = []
    if let map = Chart.heatMap(
      ChartWords(
        name: "map", title: "The pack over time",
        caption: "Mean temperature of each cell at its place. Move the slider through the run."),
      x: HeatMapAxis("along a row in mm", positions: .significant(columns.map { $0 * 1e3 })),
      y: HeatMapAxis(
        rows.count == 1 ? "one row" : "row in mm", positions: .significant(rows.map { $0 * 1e3 }),
        isReversed: true),
      frames: frames, colours: HeatMapColours(unit: "°C"), initial: hottestFrame)
    {
      charts.append(map)
    }
    let times = result.rows.map { $0.time / 60 }
    let order = result.sequence.map(\.cell)
    let shown = Array((order + (0..<pack.cellCount).filter { !order.contains($0) }).prefix(12))
    charts.append(
      Chart.lines(
        ChartWords(
          name: "temperatures", title: "Temperature of cells",
          caption: "Mean temperature of the first cells to fail, then of their neighbours."),
        x: "time in min", y: "temperature in °C",
        series: shown.map { cell in
          ChartSeries(
            "cell \(cell + 1)", x: times, y: result.rows.map { $0.temperatures[cell] - 273.15 })
        }, isWide: true))
    charts.append(
      Chart.lines(
        ChartWords(
          name: "heat", title: "Heat released",
          caption: heatCaption),
        x: "time in min", y: "heat in kW",
        series: [ChartSeries("heat", x: times, y: result.rows.map { $0.heat / 1e3 })]))
    charts.append(
      Chart.lines(
        ChartWords(
          name: "voltage", title: "Terminals", caption: "Voltage at the terminals of the pack."),
        x: "time in min", y: "voltage in V",
        series: [ChartSeries("voltage", x: times, y: result.rows.map(\.voltage))]))
    return PageSection(id: "map", title: "What happened", charts: charts)
  }

  /// What a peak of the heat means: a burning cell gives all it holds within some rows.
  private var heatCaption: String {
    let words = "By reactions and by the cells' own charge, averaged between rows."
    let count = result.sequence.count
    guard count > 0 else { return words }
    let each = (result.energy.chemical + result.energy.electrical) / Double(count)
    return words
      + String(
        format: " A cell that burns gives about %.0f kJ: %.0f kW if all within a row of %g s.",
        each / 1e3, each / 1e3 / pack.interval, pack.interval)
  }

  private func rounded(_ metres: Double) -> Double { (metres * 1e6).rounded() / 1e6 }

  /// Rows for the slider: at most sixty, even in time.
  private var thinned: [PackRow] {
    let step = max(1, (result.rows.count + 59) / 60)
    return stride(from: 0, to: result.rows.count, by: step).map { result.rows[$0] }
  }

  private var hottestFrame: Int? {
    thinned.indices.max {
      (thinned[$0].temperatures.max() ?? 0) < (thinned[$1].temperatures.max() ?? 0)
    }
  }

  private var eventSection: PageSection {
    let events = TableMarkup(
      caption: "Events in order of time",
      columns: [.number("time"), .text("event"), .number("cell"), .number("temperature")],
      rows: result.events.map { event in
        [
          Markup(escaping: PackWords.duration(event.time)), Markup(escaping: event.kind.rawValue),
          Markup(escaping: event.cell.map { String($0 + 1) } ?? "pack"),
          Markup(escaping: PackWords.celsius(event.temperature)),
        ]
      })
    let criteria = TableMarkup(
      caption: "Criteria",
      columns: [.text("criterion"), .text("met"), .text("read here as")],
      rows: PackWords.criteria(result).map {
        [
          Markup(escaping: $0.name), Markup(escaping: $0.met ? "yes" : "no"),
          Markup(escaping: $0.note),
        ]
      })
    return PageSection(
      id: "events", title: "Events and criteria", tables: [criteria, events])
  }

  private var gasSection: PageSection {
    let times = result.rows.map { $0.time / 60 }
    // An ideal gas at 25 °C and standard pressure: 24.465 L/mol.
    let litres = result.rows.map { $0.gas * 24.465 }
    var section = PageSection(
      id: "gas", title: "Gas",
      lead: "In step with the heat of reactions, by the published totals of the cell.",
      charts: [
        Chart.lines(
          ChartWords(
            name: "gas", title: "Gas released",
            caption: "Of all cells, as a volume at 25 °C and standard pressure."),
          x: "time in min", y: "gas in L", series: [ChartSeries("gas", x: times, y: litres)])
      ])
    guard let hazard = result.hazard else { return section }
    section.lead =
      hazard.firstDanger.map { danger in
        "In \(Int(hazard.room.volume.rounded())) m³ of air, \(danger.what) is the first danger, at "
          + "\(PackWords.duration(danger.time)). "
          + PackWords.evacuation(hazard.timeToEvacuate ?? 0)
      }
      ?? "The enclosure stays below the concentrations of immediate danger: no limit of evacuation is "
      + "reached."
    section.facts = [
      PageFact(
        "lower flammability limit",
        String(format: "%.0f %% of it at most", hazard.peakFlammability * 100)),
      PageFact("air changes", String(format: "%.1f per hour", hazard.room.airChangesPerHour)),
    ]
    section.tables = [
      TableMarkup(
        caption: "Toxic gases in the enclosure, well mixed",
        columns: [
          .text("gas"), .number("highest"), .number("immediately dangerous"), .number("reached at"),
        ],
        rows: GasSpecies.allCases.compactMap { species in
          guard let toxic = species.toxic, hazard.peak(species) > 0.01 else { return nil }
          return [
            toxic.formula, String(format: "%.0f ppm", hazard.peak(species)),
            String(format: "%.0f ppm", toxic.immediatelyDangerous.partsPerMillion),
            hazard.timeOfDanger(toxic).map(PackWords.duration) ?? "–",
          ].map { Markup(escaping: $0) }
        })
    ]
    return section
  }

  private var energySection: PageSection {
    let e = result.energy
    func megajoules(_ joules: Double) -> String { String(format: "%.3f MJ", joules / 1e6) }
    var facts = [
      PageFact("reactions", megajoules(e.chemical)),
      PageFact("electrical", megajoules(e.electrical)),
      PageFact("trigger", megajoules(e.trigger)),
    ]
    if e.burnt > 0 {
      facts += [
        PageFact("flames, into cells", megajoules(e.flames)),
        PageFact("flames, with the smoke", megajoules(e.burnt - e.flames)),
      ]
    }
    facts += [
      PageFact("to the air", megajoules(e.ambient)),
      PageFact("to the coolant", megajoules(e.coolant)),
      PageFact("with ejected mass", megajoules(e.ejected)),
      PageFact("still in the pack", megajoules(e.stored)),
      PageFact("unaccounted for", String(format: "%.1e", e.imbalance)),
    ]
    return PageSection(
      id: "energy", title: "Where the heat came from and where it went", facts: facts)
  }

  private var designSection: PageSection {
    var facts = [
      PageFact("cell", "\(pack.cell.name), \(pack.cell.chemistry.label)"),
      PageFact("cells", "\(pack.cellCount)"),
      PageFact("state of charge", String(format: "%.0f %%", pack.stateOfCharge * 100)),
      PageFact("trigger", "\(pack.trigger.kind.rawValue) in cell \(pack.trigger.cell + 1)"),
      PageFact("between cells", pack.barrier?.material.rawValue ?? pack.filling.rawValue),
      PageFact("added mass", String(format: "%.2f kg", pack.addedMass)),
    ]
    for measure in pack.measures {
      facts.append(PageFact(measure.words, measure.maturity))
    }
    let rules = TableMarkup(
      caption: "What the measures do to each other",
      columns: [.text("measure"), .text("with"), .text("effect"), .text("reason")],
      rows: pack.couplingWarnings.map { rule in
        [
          Markup(escaping: rule.first), Markup(escaping: rule.second),
          Markup(escaping: rule.effect.rawValue), Markup(escaping: rule.reason),
        ]
      })
    return PageSection(id: "design", title: "The design", facts: facts, tables: [rules])
  }
}
