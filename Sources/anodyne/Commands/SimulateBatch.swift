// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne simulate --batch: many cells from a table, a row of results for each.

import BatteryFiles
import CellModels
import Foundation
import Quantities
import SimulationReport
import Synchronization

/// Runs a table of cells and writes a row of results for each.
struct SimulateBatch {
  private let table: CellBatchTable
  private let output: String?
  private let quiet: Bool

  /// Reads the table.
  ///
  /// - Throws: The exit code when the table cannot be read or a field is wrong.
  init(
    path: String, steps: [String], experiment: Experiment, output: String?, quiet: Bool
  ) throws {
    self.output = output
    self.quiet = quiet
    let text: String
    do { text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8) } catch {
      StandardError.write("anodyne: \(path): cannot be read as UTF-8 text\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    do {
      table = try CellBatchTable(
        csv: text, steps: steps, experiment: experiment, profiles: DriveCycleFile.read)
    } catch {
      StandardError.write("anodyne: \(path): \(error)\n")
      throw ExitStatus.badData.exitCode
    }
    guard let output else { return }
    do { try OutputFile.check(output) } catch {
      StandardError.write("anodyne: \(error.message)\n")
      throw ExitStatus(error).exitCode
    }
  }

  /// Runs all cells on all cores.
  ///
  /// - Throws: The exit code when the output cannot be written or cells were refused.
  func run() async throws {
    let count = table.batch.cells.count
    let bar = Mutex(ProgressBar(title: "simulate \(count) cells", quiet: quiet))
    let outcomes = try await table.batch.run { done in
      bar.withLock { $0.update(Double(done) / Double(count)) }
    }
    bar.withLock { $0.finish() }
    if let output {
      var rows =
        "name,end,time_s,cycle,step,capacity_Ah,discharged_Ah,charged_Ah,voltage_V,"
        + "lowest_voltage_V,highest_voltage_V,temperature_K,highest_temperature_K,"
        + "plating_margin_V,lost_lithium_Ah\n"
      for (name, outcome) in zip(table.names, outcomes) { rows += Self.row(name, outcome) }
      do { try OutputFile.write(Data(rows.utf8), to: output) } catch {
        StandardError.write("anodyne: \(error.message)\n")
        throw ExitStatus(error).exitCode
      }
    }
    try summarize(outcomes)
  }

  /// Runs all cells on this thread and prints the smallest CPU time as JSON.
  func measure(repetitions: Int) {
    var smallest = Double.infinity
    let count = table.batch.cells.count
    for _ in 0..<max(1, repetitions) {
      let start = SimulateMeasure.cpuMilliseconds
      _ = table.batch.runHere(0..<count)
      smallest = min(smallest, SimulateMeasure.cpuMilliseconds - start)
    }
    print(
      "{\"cells\": \(count), \"cpu_ms_smallest\": \(smallest), "
        + "\"side_by_side\": \(table.batch.runsInLanes)}")
  }

  private static func row(_ name: String, _ outcome: CellBatch.Outcome) -> String {
    switch outcome {
    case .failure(let error):
      return "\(quoted(name)),\(quoted("refused: \(error)"))"
        + String(repeating: ",", count: 13) + "\n"
    case .success(let cell):
      let hours = 1 / 3_600.0
      let fields: [Double] = [
        cell.lastDischarge * hours, cell.discharged * hours, cell.charged * hours, cell.voltage,
        cell.lowestVoltage, cell.highestVoltage, cell.temperature, cell.highestTemperature,
        cell.platingMargin, cell.lostLithium * PhysicalConstants.faraday * hours,
      ]
      return "\(quoted(name)),\(quoted(cell.end.words)),\(cell.time),"
        + "\(cell.cycle),\(cell.step),"
        + fields.map { $0.isFinite ? "\($0)" : "" }.joined(separator: ",") + "\n"
    }
  }

  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { $0 == "," || $0 == "\"" }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  private func summarize(_ outcomes: [CellBatch.Outcome]) throws {
    var ends: [String: Int] = [:]
    var refused = 0
    for (name, outcome) in zip(table.names, outcomes) {
      switch outcome {
      case .success(let cell): ends[cell.end.words, default: 0] += 1
      case .failure(let error):
        refused += 1
        if refused <= 3 { StandardError.write("anodyne: cell \(name): \(error)\n") }
      }
    }
    if !quiet {
      let parts = ends.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { "\($0.value) \($0.key)" }
      let tail = refused > 0 ? "; \(refused) refused" : ""
      print("\(outcomes.count) cells: \(parts.joined(separator: ", "))\(tail)")
      if let output { print("\(output): a row for each cell") }
    }
    if refused > 0 { throw ExitStatus.badData.exitCode }
  }
}
