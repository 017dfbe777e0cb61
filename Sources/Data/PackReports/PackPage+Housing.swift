// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the gas does inside the housing: pressure, temperature, when the mixture could burn.

import Foundation
import PackModels
import ReportPages

extension PackPage {
  /// Pressure and temperature of the gas in the housing; nil without one.
  var housingSection: PageSection? {
    guard let housing = pack.enclosure else { return nil }
    let times = result.rows.map { $0.time / 60 }
    var section = PageSection(id: "housing", title: "Gas in the housing")
    let burst = result.events.first { $0.kind == .burst }
    let torn = result.events.first { $0.kind == .torn }
    let peak = String(format: "%.0f kPa", result.peakPressure / 1e3)
    var words =
      burst.map {
        "The panel of the pack vent bursts at \(PackWords.duration($0.time)); the pressure reaches \(peak)."
      } ?? "The panel of the pack vent holds; the pressure reaches \(peak)."
    if let torn {
      words +=
        " The housing tears at \(PackWords.duration(torn.time)): enlarge the vent (housing.vent_cm2), "
        + "or lower its burst pressure."
    }
    let burnable = result.rows.filter { $0.flammability >= 1 }
    if let first = burnable.first, let last = burnable.last {
      words +=
        " Between \(PackWords.duration(first.time)) and \(PackWords.duration(last.time)) the mixture of gas "
        + "and air inside could burn if something ignites it."
    } else {
      words += " The mixture inside stays outside the limits in which it could burn."
    }
    section.lead = words
    section.facts = [
      PageFact("highest pressure above the surroundings", peak),
      PageFact("burst pressure", String(format: "%.0f kPa", housing.burstPressure / 1e3)),
      PageFact("free volume", String(format: "%.0f L", housing.volume * 1e3)),
      PageFact("compartments", "\(housing.compartments)"),
    ]
    section.charts = [
      Chart.lines(
        ChartWords(
          name: "pressure", title: "Pressure in the housing",
          caption: "Above the surroundings, at the recorded times; short peaks lie between them."),
        x: "time in min", y: "pressure in kPa",
        series: [ChartSeries("pressure", x: times, y: result.rows.map { $0.pressure / 1e3 })]),
      Chart.lines(
        ChartWords(
          name: "gas-temperature", title: "Gas on its way to the vent",
          caption: "Temperature in each compartment; the pack vent is in "
            + "number \(housing.ventCompartment + 1)."), x: "time in min", y: "temperature in °C",
        series: (0..<min(8, housing.compartments)).map { k in
          ChartSeries(
            "compartment \(k + 1)", x: times, y: result.rows.map { $0.gasTemperatures[k] - 273.15 })
        }),
    ]
    return section
  }
}
