// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne abuse: the parts of the page on sensors and on the room.

import BatteryDomain
import Foundation
import Quantities
import ReportPages
import RunawayModels

extension AbusePage {
  /// What sensors would have seen, and how early.
  var sensors: PageSection {
    let set = SensorSet()
    let runaway = result.isRunaway ? result.event(.runaway)?.time : nil
    let rows: [[Markup]] = set.warnings(of: result).map { sensor, time in
      let ahead =
        runaway.map { limit in
          time < limit ? DisplayText.duration(limit - time) : "too late"
        } ?? "–"
      return ["\(sensor)", "\(DisplayText.duration(time))", "\(ahead)"]
    }
    return PageSection(
      id: "sensors", title: "What sensors would see",
      lead: "First warnings of sensors at the cell in an enclosure of "
        + DisplayText.quantity(set.enclosure * 1e3, "L")
        + ". A test that heats the cell from outside warns temperature sensors by itself.",
      tables: [
        TableMarkup(
          caption: "First warnings: 60 °C outside, 35 K inside, 100 ppm hydrogen, 2000 ppm carbon "
            + "dioxide, 500 Pa, 10 acoustic hits a second, 5 % of voltage.",
          columns: [
            .text("sensor"), .number("warns after"), .number("ahead of thermal runaway"),
          ], rows: rows)
      ])
  }

  /// What the gas does to the room.
  var room: PageSection {
    let times = hazard.times.map { $0 / 60 }
    var rows: [[Markup]] = []
    var series: [ChartSeries] = []
    var amounts: [ChartSeries] = []
    for gas in ToxicGas.allCases {
      guard let species = GasSpecies.allCases.first(where: { $0.toxic == gas }),
        hazard.peak(species) > 1e-3
      else { continue }
      let limit = gas.immediatelyDangerous.partsPerMillion
      let values = hazard.times.indices.map { hazard.partsPerMillion(species, at: $0) }
      amounts.append(ChartSeries(gas.formula, x: times, y: values))
      // A logarithm has no zero: gaps before the first gas.
      series.append(
        ChartSeries(gas.formula, x: times, y: values.map { $0 > 1e-6 ? $0 / limit : .nan }))
      let danger = hazard.timeOfDanger(gas).map { DisplayText.duration($0) } ?? "never"
      let level = hazard.exposureLevel(gas)
      rows.append([
        "\(gas.formula)", "\(DisplayText.number(hazard.peak(species)))",
        "\(DisplayText.number(limit))", "\(danger)", "\(level == 0 ? "below 2" : String(level))",
      ])
    }
    series.append(
      ChartSeries(
        "flammability", x: times, y: hazard.flammability.map { $0 > 1e-6 ? $0 : .nan },
        dash: "dash"))
    var relative = Chart.lines(
      ChartWords(
        name: "toxic", title: "Concentration relative to danger",
        caption: "One is immediately dangerous; for flammability one is the lower limit."),
      x: "time in min", y: "part of the dangerous concentration", series: series, levels: [1])
    relative.layout.yaxis.type = "log"
    let absolute = Chart.lines(
      ChartWords(
        name: "ppm", title: "Concentration",
        caption: "Mean of the room, from the start of the test."),
      x: "time in min", y: "ppm", series: amounts)
    return PageSection(
      id: "room", title: "The room",
      lead: amounts.isEmpty
        ? "No toxic gas leaves the cell."
        : "What somebody in the room would breathe, if the gas mixes evenly and does not burn.",
      charts: amounts.isEmpty ? [] : [relative, absolute],
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
