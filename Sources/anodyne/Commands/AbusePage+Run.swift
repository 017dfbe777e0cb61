// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne abuse: the part of the page on the cell.

import BatteryDomain
import Foundation
import ReportPages
import RunawayModels

extension AbusePage {
  /// Samples until half as long again as the last event, as hours of cooling hide the minutes that
  /// matter; all of them where there is no thermal runaway.
  private var shown: ArraySlice<AbuseSample> {
    guard result.isRunaway,
      let last = result.events.last(where: { $0.kind != .peak })?.time, last > 0
    else {
      return result.samples[...]
    }
    let peak = result.event(.peak)?.time ?? last
    let end = 1.5 * max(last, min(peak, 2 * last))
    return result.samples.prefix { $0.time <= end }
  }

  private func chart(
    _ name: String, _ title: String, _ caption: String, _ axis: String, x: String = "time in min",
    _ series: [ChartSeries]
  ) -> Chart {
    Chart.lines(
      ChartWords(name: name, title: title, caption: caption), x: x, y: axis, series: series)
  }

  private var hasZones: Bool {
    result.samples.contains { abs($0.hotTemperature - $0.temperature) > 0.5 }
  }

  /// The whole test.
  var run: PageSection {
    let samples = shown
    let minutes = samples.map { $0.time / 60 }
    func line(_ name: String, _ value: (AbuseSample) -> Double) -> ChartSeries {
      ChartSeries(name, x: minutes, y: samples.map(value))
    }
    var temperatures = [line("cell") { $0.temperature - 273.15 }]
    if hasZones {
      temperatures.append(line("hot zone") { $0.hotTemperature - 273.15 })
    }
    temperatures.append(line("surroundings") { $0.ambient - 273.15 })
    let isCut = samples.count < result.samples.count
    let tail = result.samples.last?.time ?? 0
    return PageSection(
      id: "run", title: "The test",
      lead: isCut
        ? "Shown up to the time when all is over; the run goes on to \(DisplayText.duration(tail))."
        : nil,
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
          "gas", "Gas", "Made by reactions, and what left through the vent with solvent vapour.",
          "gas in mmol", [line("made") { $0.gasMade * 1e3 }, line("left") { $0.gasOut * 1e3 }]),
      ], tables: [events, energies, gases])
  }

  /// The seconds around thermal runaway; nil where there is none.
  var moment: PageSection? {
    guard result.isRunaway, let runaway = result.event(.runaway) else { return nil }
    let peak = result.event(.peak)?.time ?? runaway.time
    let margin = max(5, 0.5 * (peak - runaway.time))
    let samples = result.samples.filter {
      $0.time >= runaway.time - margin && $0.time <= peak + margin
    }
    guard samples.count > 3 else { return nil }
    let seconds = samples.map { $0.time - runaway.time }
    func line(_ name: String, _ value: (AbuseSample) -> Double) -> ChartSeries {
      ChartSeries(name, x: seconds, y: samples.map(value))
    }
    let axis = "time from 1 K/s in s"
    var heat = chart(
      "heat", "Heat", "What reactions and currents release, and what is lost.", "heat in W",
      x: axis,
      [
        line("reactions") { max(0.1, $0.reactionHeat) },
        line("currents") { max(0.1, $0.electricalHeat) }, line("lost") { max(0.1, $0.loss) },
      ])
    heat.layout.yaxis.type = "log"
    return PageSection(
      id: "moment", title: "The moment of thermal runaway",
      charts: [
        chart(
          "moment-temperature", "Temperature", "The same curve in seconds.", "temperature in °C",
          x: axis,
          [
            line("cell") { $0.temperature - 273.15 }
          ] + (hasZones ? [line("hot zone") { $0.hotTemperature - 273.15 }] : [])),
        chart(
          "moment-voltage", "Voltage",
          "Whether the voltage is lost before or after the temperature runs away.", "voltage in V",
          x: axis, [line("terminals") { $0.voltage }]),
        heat,
        chart(
          "flow", "Flow out of the vent", "Gas and vapour; solids are torn along at high flow.",
          "flow in mmol/s", x: axis, [line("vent") { $0.outflow * 1e3 }]),
      ])
  }

  private var events: TableMarkup {
    TableMarkup(
      caption: "What happened, in order of time.",
      columns: [
        .number("time in s"), .text("event"), .number("°C"), .number("V"), .number("kPa"),
        .text("control node"),
      ],
      rows: result.events.map { event in
        [
          "\(DisplayText.number(event.time, significant: 6))",
          "\(event.kind.rawValue.replacing("_", with: " "))",
          "\(DisplayText.number(event.temperature - 273.15))",
          "\(DisplayText.number(event.voltage))",
          "\(DisplayText.number(event.pressure / 1e3))",
          "\(event.node.rawValue.replacing("_", with: " "))",
        ]
      })
  }

  private var energies: TableMarkup {
    let found = result.energies
    let rows: [(String, Double)] = [
      ("released by reactions", found.reactions), ("released by currents", found.electrical),
      ("put in by a heater", found.heater), ("lost to the surroundings", found.lost),
      ("carried off by gas and solids", found.carried), ("left in the cell", found.stored),
    ]
    return TableMarkup(
      caption: "Where the energy went.", columns: [.text("energy"), .number("kJ")],
      rows: rows.map { ["\($0.0)", "\(DisplayText.number($0.1 / 1e3))"] })
  }

  private var gases: TableMarkup {
    let made = GasSpecies.allCases.filter { $0 != .inert && result.gasMade[$0.rawValue] > 1e-6 }
    let total = made.reduce(0) { $0 + result.gasMade[$1.rawValue] }
    return TableMarkup(
      caption: "Gas and vapour made.", columns: [.text("gas"), .number("mmol"), .number("share")],
      rows: made.map { gas in
        let amount = result.gasMade[gas.rawValue]
        return [
          "\(gas.formula)", "\(DisplayText.number(amount * 1e3))",
          "\(DisplayText.percent(amount / total))",
        ]
      })
  }
}
