// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne abuse: the HTML page.

import BatteryDomain
import Foundation
import Quantities
import ReportPages
import RunawayModels

/// The HTML page of an abuse test.
struct AbusePage {
  let result: AbuseResult
  let hazard: RoomHazard

  init(_ result: AbuseResult, _ hazard: RoomHazard) {
    self.result = result
    self.hazard = hazard
  }

  var page: ReportPage {
    let peak = DisplayText.quantity((result.peakTemperature - 273.15).rounded(), "°C")
    return ReportPage(
      kind: "abuse test", title: "\(result.cell.name), \(result.test.name)",
      lead: AbuseTables.sentence(result, hazard), severity: severity,
      tiles: [
        .init(peak, "highest temperature"),
        .init(DisplayText.quantity(result.peakPressure / 1e6, "MPa"), "highest pressure"),
        .init(DisplayText.quantity(result.litresPerAmpereHour, "L/Ah"), "gas at 25 °C"),
        .init(DisplayText.quantity(result.ejectedMass * 1e3, "g"), "solids ejected"),
      ],
      sections: [run, room],
      notes: [
        "Simulated, not measured: \(result.cell.summary). Reactions: \(result.cell.network.source)."
          + (result.cell.network.isFitted ? " Fitted to ranges, not to kinetic experiments." : ""),
        "Gas: \(result.cell.gas.source). The room is well mixed, \(hazard.room.volume) m³ with "
          + "\(hazard.room.airChangesPerHour) air changes an hour.",
        "Dangerous concentrations: NIOSH IDLH; acute exposure levels: EPA AEGL 2 and 3.",
      ])
  }

  private var severity: Severity {
    switch result.outcome {
    case .noReaction: .note
    case .selfHeating: .watch
    case .vented, .unresolved: .act
    case .thermalRunaway, .rupture: .stop
    }
  }

  private var minutes: [Double] { result.samples.map { $0.time / 60 } }

  private func line(_ name: String, _ value: (AbuseSample) -> Double) -> ChartSeries {
    ChartSeries(name, x: minutes, y: result.samples.map(value))
  }

  private func chart(
    _ name: String, _ title: String, _ caption: String, _ axis: String, _ series: [ChartSeries]
  ) -> Chart {
    Chart.lines(
      ChartWords(name: name, title: title, caption: caption), x: "time in min", y: axis,
      series: series)
  }

  private var run: PageSection {
    let table = TableMarkup(
      caption: "What happened, in order of time.",
      columns: [
        .number("time"), .text("event"), .number("°C"), .number("V"), .number("kPa"),
        .text("control node"),
      ],
      rows: result.events.map { event in
        [
          "\(DisplayText.duration(event.time))",
          "\(event.kind.rawValue.replacing("_", with: " "))",
          "\(DisplayText.number(event.temperature - 273.15))",
          "\(DisplayText.number(event.voltage))",
          "\(DisplayText.number(event.pressure / 1e3))",
          "\(event.node.rawValue.replacing("_", with: " "))",
        ]
      })
    var temperatures = [line("cell") { $0.temperature - 273.15 }]
    if result.samples.contains(where: { abs($0.hotTemperature - $0.temperature) > 0.5 }) {
      temperatures.append(line("hot zone") { $0.hotTemperature - 273.15 })
    }
    temperatures.append(line("surroundings") { $0.ambient - 273.15 })
    return PageSection(
      id: "run", title: "The test",
      charts: [
        chart(
          "temperature", "Temperature",
          "The cell above its surroundings heats itself; a steep rise is thermal runaway.",
          "temperature in °C", temperatures),
        chart(
          "voltage", "Voltage", "Falls when a short or reactions have used up the lithium.",
          "voltage in V", [line("terminals") { $0.voltage }]),
        chart(
          "pressure", "Pressure inside", "Falls to that of the surroundings when the vent opens.",
          "pressure in MPa", [line("cell") { $0.pressure / 1e6 }]),
        chart(
          "heat", "Heat", "What reactions and currents release, and what is lost.",
          "heat in W",
          [
            line("reactions") { $0.reactionHeat }, line("currents") { $0.electricalHeat },
            line("lost") { $0.loss },
          ]),
        chart(
          "gas", "Gas", "Made by reactions, and what left through the vent with solvent vapour.",
          "gas in mmol", [line("made") { $0.gasMade * 1e3 }, line("left") { $0.gasOut * 1e3 }]),
      ], tables: [table])
  }

  private var room: PageSection {
    let times = hazard.times.map { $0 / 60 }
    var rows: [[Markup]] = []
    var series: [ChartSeries] = []
    for gas in ToxicGas.allCases {
      guard let species = GasSpecies.allCases.first(where: { $0.toxic == gas }),
        hazard.peak(species) > 1e-3
      else { continue }
      let limit = gas.immediatelyDangerous.partsPerMillion
      series.append(
        ChartSeries(
          gas.formula, x: times,
          y: hazard.times.indices.map { hazard.partsPerMillion(species, at: $0) / limit }))
      let danger = hazard.timeOfDanger(gas).map { DisplayText.duration($0) } ?? "never"
      let level = hazard.exposureLevel(gas)
      rows.append([
        "\(gas.formula)", "\(DisplayText.number(hazard.peak(species)))",
        "\(DisplayText.number(limit))", "\(danger)", "\(level == 0 ? "below 2" : String(level))",
      ])
    }
    series.append(ChartSeries("flammability", x: times, y: hazard.flammability, dash: "dash"))
    return PageSection(
      id: "room", title: "The room",
      lead: "What somebody in the room would breathe, if the gas mixes evenly and does not burn.",
      charts: [
        Chart.lines(
          ChartWords(
            name: "toxic", title: "Concentration relative to danger",
            caption: "One is immediately dangerous; for flammability one is the lower limit."),
          x: "time in min", y: "part of the dangerous concentration", series: series, levels: [1])
      ],
      tables: [
        TableMarkup(
          caption: "Toxic gases in the room.",
          columns: [
            .text("gas"), .number("peak in ppm"), .number("IDLH in ppm"), .text("dangerous after"),
            .text("AEGL reached"),
          ], rows: rows)
      ])
  }
}
