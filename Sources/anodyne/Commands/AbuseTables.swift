// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne abuse: CSV rows, events, the printed summary and the JSON document.

import BatteryDomain
import Foundation
import Quantities
import RunawayModels

/// CSV rows, events and the printed summary of an abuse test.
enum AbuseTables {
  /// `run.csv` gives `run-events.csv`, `run-room.csv` and `run-sensors.csv`.
  static func path(_ path: String, _ part: String) -> String {
    (path.lowercased().hasSuffix(".csv") ? String(path.dropLast(4)) : path) + "-\(part).csv"
  }

  /// Concentrations in the room over time.
  static func room(_ hazard: RoomHazard) -> Data {
    let gases = GasSpecies.allCases.filter { $0.toxic != nil }
    var text =
      "time_s," + gases.map { "\($0.formula)_ppm" }.joined(separator: ",")
      + ",part_of_lower_flammability_limit\n"
    for (index, time) in hazard.times.enumerated() {
      text += "\(time),"
      for gas in gases { text += "\(hazard.partsPerMillion(gas, at: index))," }
      text += "\(hazard.flammability[index])\n"
    }
    return Data(text.utf8)
  }

  /// What sensors around the cell would read.
  static func sensors(_ result: AbuseResult) -> Data {
    var text =
      "time_s,surface_K,infrared_K,grating_shift_nm,hydrogen_ppm,carbon_dioxide_ppm,"
      + "enclosure_pressure_Pa,acoustic_hits_per_s\n"
    for r in SensorSet().readings(of: result) {
      text += "\(r.time),\(r.surface),\(r.infrared),\(r.gratingShift),\(r.hydrogen),"
      text += "\(r.carbonDioxide),\(r.enclosurePressure),\(r.acousticRate)\n"
    }
    return Data(text.utf8)
  }

  static func rows(_ result: AbuseResult) -> Data {
    var text =
      "time_s,temperature_K,voltage_V,pressure_Pa,gas_mol,heat_W,hot_zone_K,ambient_K,"
      + "warming_K_per_s,state_of_charge,electrical_heat_W,loss_W,short_current_A,vented_mol,"
      + "vent_flow_mol_per_s,ejected_kg,separator_left\n"
    for s in result.samples {
      text += "\(s.time),\(s.temperature),\(s.voltage),\(s.pressure),\(s.gasMade),"
      text += "\(s.reactionHeat),\(s.hotTemperature),\(s.ambient),\(s.temperatureRate),"
      text += "\(s.stateOfCharge),\(s.electricalHeat),\(s.loss),\(s.shortCurrent),\(s.gasOut),"
      text += "\(s.outflow),\(s.ejected),\(s.separatorLeft)\n"
    }
    return Data(text.utf8)
  }

  static func events(_ result: AbuseResult) -> Data {
    var text = "time_s,event,temperature_K,voltage_V,pressure_Pa,control_node\n"
    for event in result.events {
      text += "\(event.time),\(event.kind.rawValue),\(event.temperature),\(event.voltage),"
      text += "\(event.pressure),\(event.node.rawValue)\n"
    }
    return Data(text.utf8)
  }

  /// Highest temperature of the hot zone, in kelvin; nil where it is that of the cell.
  static func hottestZone(_ result: AbuseResult) -> Double? {
    let hottest = result.samples.lazy.map(\.hotTemperature).max() ?? 0
    return hottest > result.peakTemperature + 1 ? hottest : nil
  }

  /// What an outcome means, in a sentence.
  static func sentence(_ result: AbuseResult, _ hazard: RoomHazard) -> String {
    var peak = "\(Int((result.peakTemperature - 273.15).rounded())) °C"
    if let hottest = hottestZone(result) {
      peak += ", \(Int((hottest - 273.15).rounded())) °C in its hot zone"
    }
    let body =
      switch result.outcome {
      case .noReaction: "The cell stays below self-heating (highest \(peak))."
      case .selfHeating: "The cell heats itself but does not run away (highest \(peak))."
      case .vented:
        "The cell vents without thermal runaway (highest \(peak)): keep it away from others, "
          + "do not charge it again."
      case .thermalRunaway: "Thermal runaway, \(peak) at its peak."
      case .rupture: "Thermal runaway with a torn casing, \(peak) at its peak."
      case .unresolved: "The solver could not go on."
      }
    guard let danger = hazard.firstDanger else {
      let hasCyanide = result.cell.gas.amounts[GasSpecies.hydrogenCyanide.rawValue] > 0
      guard hasCyanide, result.event(.vent) != nil else {
        return body + " The gas stays harmless in this room."
      }
      // One in eighty of the cathode's cyanide is counted.
      return body + " The gas that is counted stays harmless in this room, but Prussian blue may "
        + "give up to eighty times as much HCN: leave the room."
    }
    // Rounded down: nobody may be told more time than there is.
    let seconds = Int((hazard.timeToEvacuate ?? 0).rounded(.down))
    let time =
      seconds < 30
      ? "at once" : seconds < 300 ? "within \(seconds) s" : "within \(seconds / 60) min"
    return body + " Leave the room \(time) after the first gas and air it: \(danger.what) "
      + "\(danger.what == "flammable gas" ? "passes a quarter of its lower limit" : "passes its IDLH")"
      + " there \(Int(danger.time.rounded())) s after the start of the test."
  }

  static func summary(_ result: AbuseResult, _ hazard: RoomHazard) -> String {
    var lines = ["\(result.cell.name), \(result.test.name): \(sentence(result, hazard))"]
    for event in result.events {
      let name = event.kind.rawValue.replacing("_", with: " ")
      lines.append(
        String(format: "  %10.1f s  ", event.time)
          + name.padding(toLength: 20, withPad: " ", startingAt: 0)
          + String(
            format: "%6.1f °C  %6.3f V  %8.0f kPa", event.temperature - 273.15, event.voltage,
            event.pressure / 1e3))
    }
    lines.append(
      String(
        format: "  gas %.2f L/Ah, %.1f g ejected, energy closed to %.0e",
        result.litresPerAmpereHour,
        result.ejectedMass * 1e3, result.energies.residual))
    return lines.joined(separator: "\n") + "\n"
  }
}

/// An abuse test as a JSON document.
struct AbuseDocument: Encodable {
  struct Event: Encodable {
    let timeSeconds: Double
    let event: String
    let temperatureKelvin: Double
    let voltageVolts: Double
    let pressurePascals: Double
    let controlNode: String
  }
  struct Toxic: Encodable {
    let gas: String
    let peakPpm: Double
    let idlhPpm: Double
    let dangerAfterSeconds: Double?
    let exposureLevel: Int
  }

  let cell: String
  let test: String
  let outcome: String
  let sentence: String
  let peakTemperatureKelvin: Double
  let peakPressurePascals: Double
  let gasMoles: [String: Double]
  let gasLitresPerAmpereHour: Double
  let ejectedKilograms: Double
  let ventedKilograms: Double
  let energyResidual: Double
  let heatOfReactionsJoules: Double
  let heatOfCurrentsJoules: Double
  let events: [Event]
  let toxic: [Toxic]
  let flammability: Double
  let timeToEvacuateSeconds: Double?
  let firstWarningsSeconds: [String: Double]

  init(_ result: AbuseResult, _ hazard: RoomHazard) {
    cell = result.cell.name
    test = result.test.name
    outcome = result.outcome.rawValue
    sentence = AbuseTables.sentence(result, hazard)
    peakTemperatureKelvin = result.peakTemperature
    peakPressurePascals = result.peakPressure
    gasMoles = Dictionary(
      uniqueKeysWithValues: GasSpecies.allCases.filter { $0 != .inert }.map {
        ($0.formula, result.gasMade[$0.rawValue])
      })
    gasLitresPerAmpereHour = result.litresPerAmpereHour
    ejectedKilograms = result.ejectedMass
    ventedKilograms = result.ventedMass
    energyResidual = result.energies.residual
    heatOfReactionsJoules = result.energies.reactions
    heatOfCurrentsJoules = result.energies.electrical
    events = result.events.map {
      Event(
        timeSeconds: $0.time, event: $0.kind.rawValue, temperatureKelvin: $0.temperature,
        voltageVolts: $0.voltage, pressurePascals: $0.pressure, controlNode: $0.node.rawValue)
    }
    toxic = ToxicGas.allCases.compactMap { gas in
      guard let species = GasSpecies.allCases.first(where: { $0.toxic == gas }) else { return nil }
      return Toxic(
        gas: gas.formula, peakPpm: hazard.peak(species),
        idlhPpm: gas.immediatelyDangerous.partsPerMillion,
        dangerAfterSeconds: hazard.timeOfDanger(gas), exposureLevel: hazard.exposureLevel(gas))
    }
    flammability = hazard.peakFlammability
    timeToEvacuateSeconds = hazard.timeToEvacuate
    firstWarningsSeconds = Dictionary(
      SensorSet().warnings(of: result).map { ($0.sensor, $0.time) }, uniquingKeysWith: min)
  }

  func data() throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
