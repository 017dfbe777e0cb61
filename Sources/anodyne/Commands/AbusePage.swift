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
  let simulation: AbuseSimulation
  let result: AbuseResult
  let hazard: RoomHazard

  init(_ simulation: AbuseSimulation, _ result: AbuseResult, _ hazard: RoomHazard) {
    self.simulation = simulation
    self.result = result
    self.hazard = hazard
  }

  var page: ReportPage {
    ReportPage(
      kind: "abuse test", title: "\(result.cell.name), \(Self.words(result.test))",
      lead: AbuseTables.sentence(result, hazard), severity: severity, tiles: tiles,
      sections: [conditions, run] + (moment.map { [$0] } ?? []) + [sensors, room],
      notes: [
        "Simulated, not measured: \(result.cell.summary). Reactions: \(result.cell.network.source)."
          + (result.cell.network.isFitted ? " Fitted to ranges, not to kinetic experiments." : ""),
        "Gas: \(result.cell.gas.source). The room is well mixed, \(hazard.room.volume) m³ with "
          + "\(hazard.room.airChangesPerHour) air changes an hour.",
        "Dangerous concentrations: NIOSH IDLH; acute exposure levels: EPA AEGL 2 and 3. Somebody "
          + "next to the cell breathes more than the mean of the room.",
      ])
  }

  /// A test with its numbers.
  static func words(_ test: AbuseTest) -> String {
    func celsius(_ kelvin: Double) -> String { DisplayText.quantity(kelvin - 273.15, "°C") }
    func ohms(_ value: Double) -> String {
      value < 1 ? DisplayText.quantity(value * 1e3, "mΩ") : DisplayText.quantity(value, "Ω")
    }
    return switch test {
    case .oven(let temperature): "oven of \(celsius(temperature))"
    case .calorimeter: "accelerating-rate calorimeter"
    case .nail(let resistance): "nail, contact of \(ohms(resistance))"
    case .indentation(let resistance, let growth):
      "indentation, contact of \(ohms(resistance)) within \(DisplayText.duration(growth))"
    case .heater(let power, let share, let limit):
      "heater of \(DisplayText.quantity(power, "W")) on \(DisplayText.percent(share)) of the cell "
        + "up to \(celsius(limit))"
    case .overcharge(let rate, let limit):
      "overcharge at \(DisplayText.number(rate))C up to \(DisplayText.quantity(limit, "V"))"
    case .overdischarge(let rate): "overdischarge at \(DisplayText.number(rate))C"
    case .externalShort(let resistance): "external short of \(ohms(resistance))"
    case .internalShort(let contact, let first, let growth):
      "internal short, \(contact.rawValue), \(ohms(first)) to \(ohms(contact.grownResistance)) "
        + "within \(DisplayText.duration(growth))"
    case .coolantFailure(let rate, let failure, _):
      "load of \(DisplayText.number(rate))C, coolant fails after \(DisplayText.duration(failure))"
    case .hotSpot(let power, let share):
      "hot spot of \(DisplayText.quantity(power, "W")) in \(DisplayText.percent(share)) of the cell"
    }
  }

  private var severity: Severity {
    switch result.outcome {
    case .noReaction: .note
    case .selfHeating: .watch
    case .vented, .unresolved: .act
    case .thermalRunaway, .rupture: .stop
    }
  }

  private var tiles: [ReportPage.Tile] {
    var tiles = [
      ReportPage.Tile(
        DisplayText.quantity((result.peakTemperature - 273.15).rounded(), "°C"),
        "highest temperature")
    ]
    if let hottest = AbuseTables.hottestZone(result) {
      tiles.append(
        .init(DisplayText.quantity((hottest - 273.15).rounded(), "°C"), "hottest in the hot zone"))
    }
    if result.isRunaway, let runaway = result.event(.runaway) {
      if let start = result.event(.selfHeating) ?? result.event(.exotherm) {
        tiles.append(
          .init(DisplayText.duration(runaway.time - start.time), "from self-heating to 1 K/s"))
      }
      if let vent = result.event(.vent), vent.time < runaway.time {
        tiles.append(
          .init(DisplayText.duration(runaway.time - vent.time), "from the vent to 1 K/s"))
      }
    }
    return tiles + [
      .init(DisplayText.quantity(result.peakPressure / 1e6, "MPa"), "highest pressure"),
      .init(
        DisplayText.quantity((1e3 * result.litresPerAmpereHour).rounded() / 1e3, "L/Ah"),
        "gas at 25 °C"),
      .init(DisplayText.quantity(result.ejectedMass * 1e3, "g"), "solids ejected"),
    ]
  }

  /// What was tested, and how.
  private var conditions: PageSection {
    let cell = result.cell
    let state = simulation.condition
    var facts: [(String, String)] = [
      ("cell", cell.summary),
      (
        "mass and heat capacity",
        DisplayText.quantity(cell.mass * 1e3, "g") + ", "
          + DisplayText.quantity(cell.specificHeat, "J/(kg·K)")
      ),
      ("state of charge", DisplayText.percent(state.stateOfCharge)),
      (
        "ageing",
        "lithium lost \(DisplayText.percent(state.lithiumLoss)), film "
          + "\(DisplayText.number(state.interphaseGrowth)) times that of a fresh cell, "
          + "plated lithium "
          + DisplayText.percent(state.platedLithium)
      ),
      (
        "start and surroundings",
        DisplayText.quantity(simulation.startTemperature - 273.15, "°C") + ", "
          + DisplayText.quantity(simulation.convection, "W/(m²·K)") + " and emissivity "
          + DisplayText.number(cell.emissivity)
      ),
      ("separator", separatorWords),
      (
        "what leaves the cell",
        cell.casing.ventFeedback
          ? "cools it and takes its heat along" : "does not act back on the temperature"
      ),
    ]
    if simulation.contactBurnOff.isFinite {
      facts.append(
        (
          "contact of the short",
          "melts through at " + DisplayText.quantity(simulation.contactBurnOff, "A²·s")
        ))
    }
    return PageSection(
      id: "conditions", title: "What was tested", facts: facts.map { PageFact($0.0, $0.1) })
  }

  private var separatorWords: String {
    let melts = result.cell.network.contents.contains { $0.role == .separator }
    if !melts, let design = result.cell.separator {
      return "gone near " + DisplayText.quantity(design.collapseTemperature - 273.15, "°C")
    }
    return melts ? "melts as in the source of the reactions" : "none"
  }
}
