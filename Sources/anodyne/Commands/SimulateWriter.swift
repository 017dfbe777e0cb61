// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne simulate: the CSV files and the printed summary.

import BatteryFiles
import CellModels
import Foundation
import Quantities
import SimulationReport

/// Collects the rows of a simulation and tells how its steps ended.
struct SimulateWriter {
  private let path: String?
  private let cyclesPath: String?
  private let json: Bool
  private let quiet: Bool
  private var rows = ""
  private var cycleRows = ""
  private var count = 0
  private var stopped: Experiment.StepResult?

  init(
    path: String?, withCycles: Bool, json: Bool, quiet: Bool, withField: Bool = false
  ) throws {
    self.path = path
    self.json = json
    self.quiet = quiet
    cyclesPath = withCycles ? path.map(Self.cyclesPath) : nil
    rows =
      "time_s,current_A,voltage_V,temperature_K,cycle,step,plating_margin_V,salt_fraction,"
      + "film_thickness_m,plated_lithium_Ah,dead_lithium_Ah,lost_lithium_Ah,negative_stress_Pa,"
      + "positive_stress_Pa,swelling_m"
      + (withField ? ",temperature_max_K,temperature_min_K,temperature_surface_K\n" : "\n")
    cycleRows =
      "cycle,capacity_Ah,charged_Ah,lost_lithium_Ah,film_thickness_m,highest_temperature_K,"
      + "plating_margin_V,time_s,discharged_Wh,charged_Wh,film_lithium_Ah,plated_lithium_Ah,"
      + "dead_lithium_Ah,trapped_lithium_Ah,negative_active_fraction,positive_active_fraction,"
      + "wet_fraction,crack_length_m,leaked_Ah,gas_mol,swelling_m,lost_lithium_error_Ah\n"
    do throws(FileError) {
      for path in [path, cyclesPath].compactMap({ $0 }) { try OutputFile.check(path) }
    } catch { throw Self.failure(error) }
  }

  /// `run.csv` gives `run-cycles.csv`.
  static func cyclesPath(_ path: String) -> String {
    path.lowercased().hasSuffix(".csv")
      ? path.dropLast(4) + "-cycles.csv" : path + "-cycles.csv"
  }

  private static func failure(_ error: FileError) -> any Error {
    StandardError.write("anodyne: \(error.message)\n")
    return ExitStatus(error).exitCode
  }

  mutating func take(_ report: Experiment.Report) throws {
    switch report {
    case .sample(let sample):
      guard path != nil else { return }
      let o = sample.observation
      count += 1
      rows += "\(sample.time),\(o.current),\(o.voltage),\(o.temperature),\(sample.cycle),"
      rows += "\(sample.step),\(Self.number(o.platingMargin)),\(Self.number(o.salt)),"
      rows += "\(o.filmThickness),"
      rows += "\(ampereHours(o.platedLithium)),\(ampereHours(o.deadLithium)),"
      rows += "\(ampereHours(o.lostLithium)),\(o.negativeStress),\(o.positiveStress),"
      rows += "\(o.swelling)"
      if let field = o.temperatures {
        rows += ",\(field.highest),\(field.lowest),\(field.surface)"
      }
      rows += "\n"
    case .step(let result):
      tell(result)
      if result.end.isFinal { stopped = result }
    case .cycle(let result):
      let charge = 1 / 3_600.0
      cycleRows += "\(result.cycle),\(result.discharged * charge),\(result.charged * charge),"
      let o = result.observation
      cycleRows += "\(ampereHours(o.lostLithium)),\(o.filmThickness),"
      cycleRows += "\(result.highestTemperature),\(Self.number(result.platingMargin)),"
      cycleRows += "\(result.time),\(result.dischargedEnergy * charge),"
      cycleRows += "\(result.chargedEnergy * charge),"
      cycleRows += "\(ampereHours(o.filmLithium)),\(ampereHours(o.platedLithium)),"
      cycleRows += "\(ampereHours(o.deadLithium)),\(ampereHours(o.trappedLithium)),"
      cycleRows += "\(o.negativeActive),\(o.positiveActive),\(o.wetFraction),\(o.crackLength),"
      cycleRows += "\(o.leakedCharge * charge),\(o.gas),\(o.swelling),"
      cycleRows += "\(ampereHours(result.lostLithiumError))\n"
    }
  }

  /// Charge of an amount of lithium, in ampere-hours.
  private func ampereHours(_ moles: Double) -> Double {
    moles * PhysicalConstants.faraday / 3_600
  }

  /// Nothing where the model has no such quantity.
  private static func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "" }

  private func tell(_ result: Experiment.StepResult) {
    // A long series tells its first cycle and every tenth; the files have all of them.
    guard !quiet, json || result.cycle == 1 || result.cycle % 10 == 0 else { return }
    let text = result.text
    if json {
      let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      print(
        "{\"cycle\": \(result.cycle), \"step\": \(result.step), \"text\": \"\(escaped)\", "
          + "\"end\": \"\(result.end.words)\", \"time_s\": \(result.time), "
          + "\"charge_Ah\": \(result.charge / 3_600), \"voltage_V\": \(result.voltage)"
          + Self.fields(result.detail) + "}")
      return
    }
    print(
      "cycle \(result.cycle), \(text): \(result.end.words) at "
        + String(
          format: "%.2f s, %.4f V, %+.4f Ah", result.time, result.voltage, result.charge / 3_600)
        + Self.inside(result.detail))
  }

  /// Place and value of an event inside the cell, in words; nothing for one at the terminals.
  static func inside(_ detail: CellEventDetail?) -> String {
    guard let detail, detail.place.region != .terminals, detail.value.isFinite else { return "" }
    let position = detail.place.position.map { String(format: " at %.1f µm", 1e6 * $0) } ?? ""
    let value = String(format: ", value %.4g", detail.value)
    return "; \(detail.place.region.rawValue)\(position)\(value)"
  }

  /// Place and value of an event as JSON fields.
  private static func fields(_ detail: CellEventDetail?) -> String {
    guard let detail else { return "" }
    let position = detail.place.position.map { ", \"position_m\": \($0)" } ?? ""
    let value = detail.value.isFinite ? ", \"value\": \(detail.value)" : ""
    return ", \"place\": \"\(detail.place.region.rawValue)\"\(position)\(value)"
  }

  /// Where and with which value a step ended, when the interfaces of a solid-state cell ended it.
  private static func place(_ result: Experiment.StepResult) -> String {
    guard [.event(.criticalPlating), .alreadyPast(.criticalPlating)].contains(result.end),
      let solid = result.last.solidState
    else {
      return ""
    }
    // 1 mA/cm² is 10 A/m².
    return String(
      format: "; lithium side of the separator, %.3g of %.3g mA/cm², contact %.3g, voids %.3g µm",
      -solid.localCurrentDensity / 10, solid.platingLimit / 10, solid.lithiumContact,
      solid.voidThickness * 1e6)
  }

  /// Writes the files.
  ///
  /// - Throws: The exit code when a file cannot be written or the cell could not do a step.
  func finish() throws {
    do throws(FileError) {
      if let path {
        try OutputFile.write(Data(rows.utf8), to: path)
        if !quiet, !json { print("\(path): \(count) rows") }
      }
      if let cyclesPath {
        try OutputFile.write(Data(cycleRows.utf8), to: cyclesPath)
        if !quiet, !json { print("\(cyclesPath): a row for each cycle") }
      }
    } catch { throw Self.failure(error) }
    guard let stopped else { return }
    StandardError.write(
      "anodyne: \"\(stopped.text)\" stopped at "
        + "\(stopped.time) s, \(stopped.voltage) V: \(stopped.end.words)"
        + Self.place(stopped) + Self.inside(stopped.detail) + "\n")
    throw ExitStatus.badData.exitCode
  }
}
