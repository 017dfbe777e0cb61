// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne pack run: one propagation run with its rows, events and page.

import ArgumentParser
import Foundation
import PackModels
import PackReports
import ReportPages
import RunawayModels

/// One propagation run.
struct PackRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run one trigger through a pack.",
    discussion: """
      The CSV has the columns time_s, hottest_K, voltage_V, current_A, heat_W, gas_mol, \
      gas_outside_mol, housing_Pa, cells_in_runaway and cell_1_K …; a second file ending in -events.csv has a row for each event.
      """)

  @OptionGroup var input: PackInput

  @Option(help: "CSV file to write.", completion: .file())
  var output: String?

  @Option(help: "HTML page to write.", completion: .file())
  var report: String?

  @Option(help: "JSON file to write; - for the standard output.", completion: .file())
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Run so many times, print the smallest CPU time in milliseconds as JSON, and write nothing.",
      valueName: "runs"))
  var measure: Int?

  @Flag(help: "Do not look for a measure that stops the propagation.")
  var noMeasures = false

  @Flag(help: "Step ten times more finely: shows what the standard steps lose.")
  var precise = false

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    guard let measure else { return }
    guard (1...1_000).contains(measure) else {
      throw ValidationError("--measure \(measure) is not from 1 to 1000.")
    }
    let ignored = [
      ("output", output != nil), ("report", report != nil), ("json", json != nil),
      ("no-measures", noMeasures), ("quiet", quiet),
    ]
    for option in ignored where option.1 {
      throw ValidationError("--\(option.0) has no meaning with --measure, which prints one line.")
    }
  }

  func run() throws {
    let pack = try input.pack()
    if let measure { return try time(pack, runs: measure) }
    try checkOutputs([output, report, json])
    var bar = ProgressBar(title: "pack run", quiet: quiet)
    var simulation = PackSimulation(pack)
    if precise { simulation.stepping = .precise }
    let result = simulation.run { share in
      bar.update(share)
      return true
    }
    bar.finish()
    let remedies = noMeasures || precise ? [] : PackRemedy.search(pack, after: result)
    if let output {
      try writeOutput(Data(Self.table(pack, result).utf8), to: output)
      let base = output.hasSuffix(".csv") ? String(output.dropLast(4)) : output
      try writeOutput(Data(Self.events(result).utf8), to: base + "-events.csv")
    }
    if let report {
      try PageFile.write(PackPage(pack, result, remedies: remedies).page, to: report)
    }
    if let json { try writeOutput(try Self.document(pack, result, remedies), to: json) }
    guard !quiet, json != "-" else { return }
    try StandardOutput.write(Self.summary(pack, result, remedies))
  }

  private func time(_ pack: PackDescription, runs: Int) throws {
    var smallest = Double.infinity
    var steps = 0
    var cells = 0
    var peak = 0.0
    var toNext = 0.0
    for _ in 0..<runs {
      let start = clock()
      var simulation = PackSimulation(pack)
      if precise { simulation.stepping = .precise }
      let result = simulation.run()
      let spent = Double(clock() - start) / Double(CLOCKS_PER_SEC) * 1e3
      peak = result.peaks.reduce(0, +) / Double(result.peaks.count)
      if let all = result.timeToWholePack { toNext = all / Double(max(1, pack.cellCount - 1)) }
      smallest = min(smallest, spent)
      steps = result.steps
      cells = result.sequence.count
    }
    try StandardOutput.write(
      "{\"cpu_ms_smallest\": \(smallest), \"cells\": \(pack.cellCount), "
        + "\"cells_in_runaway\": \(cells), \"steps\": \(steps), \"mean_peak_kelvin\": \(peak), "
        + "\"mean_time_to_next_cell_s\": \(toNext)}\n")
  }

  private static func summary(
    _ pack: PackDescription, _ result: PackResult, _ remedies: [PackRemedy]
  ) -> String {
    var lines = ["\(pack.name): \(PackWords.summary(pack, result))"]
    for entry in result.sequence.prefix(20) {
      lines.append(
        "  cell \(entry.cell + 1) ran away at \(PackWords.duration(entry.time)), peak "
          + PackWords.celsius(result.peaks[entry.cell]))
    }
    if result.sequence.count > 20 { lines.append("  … \(result.sequence.count - 20) more") }
    for criterion in PackWords.criteria(result) {
      lines.append(
        "  \(criterion.met ? "met    " : "not met") \(criterion.name): \(criterion.note)")
    }
    lines.append("  heat balance closed to \(String(format: "%.0e", result.energy.imbalance))")
    if pack.enclosure != nil {
      lines.append(
        String(format: "  highest pressure in the housing %.1f kPa", result.peakPressure / 1e3))
    }
    lines.append(PackWords.advice(pack, result, remedies: remedies))
    if let words = PackWords.prices(pack, tried: remedies) { lines.append(words) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func table(_ pack: PackDescription, _ result: PackResult) -> String {
    let heads = (1...pack.cellCount).map { "cell_\($0)_K" }.joined(separator: ",")
    var text =
      "time_s,hottest_K,voltage_V,current_A,heat_W,gas_mol,gas_outside_mol,housing_Pa,"
      + "cells_in_runaway,\(heads)\n"
    for row in result.rows {
      let count = result.runawayTimes.count { ($0 ?? .infinity) <= row.time }
      let cells = row.temperatures.map { String(format: "%.2f", $0) }.joined(separator: ",")
      text += String(
        format: "%.3f,%.2f,%.4f,%.4f,%.1f,%.5f,%.5f,%.1f,%d,", row.time,
        row.temperatures.max() ?? 0,
        row.voltage, row.current, row.heat, row.gas, row.gasOutside, row.pressure, count)
      text += cells + "\n"
    }
    return text
  }

  private static func events(_ result: PackResult) -> String {
    var text = "time_s,event,cell,temperature_K\n"
    for event in result.events {
      text += String(format: "%.3f,", event.time)
      text += "\(event.kind.rawValue),\(event.cell.map { String($0 + 1) } ?? ""),"
      text += String(format: "%.2f\n", event.temperature)
    }
    return text
  }

  private static func document(
    _ pack: PackDescription, _ result: PackResult, _ remedies: [PackRemedy]
  ) throws -> Data {
    struct Event: Encodable {
      var timeS: Double
      var event: String
      var cell: Int?
      var temperatureKelvin: Double
    }
    struct Document: Encodable {
      var pack: String
      var outcome: String
      var summary: String
      var advice: String
      var measuresTried: [String]
      var housingPeakPa: Double
      var cells: Int
      var cellsInRunaway: [Int]
      var runawayTimesS: [Double]
      var timeToSecondCellS: Double?
      var timeToWholePackS: Double?
      var peakKelvin: [Double]
      var gasMoles: Double
      var firstDanger: String?
      var firstDangerS: Double?
      var criteria: [String: Bool]
      var energyJoules: [String: Double]
      var heatImbalance: Double
      var events: [Event]
    }
    let e = result.energy
    let document = Document(
      pack: pack.name, outcome: result.outcome.rawValue, summary: PackWords.summary(pack, result),
      advice: PackWords.advice(pack, result, remedies: remedies),
      measuresTried: remedies.map(\.words), housingPeakPa: result.peakPressure,
      cells: pack.cellCount,
      cellsInRunaway: result.sequence.map { $0.cell + 1 },
      runawayTimesS: result.sequence.map(\.time),
      timeToSecondCellS: result.timeToSecondCell,
      timeToWholePackS: result.timeToWholePack, peakKelvin: result.peaks,
      gasMoles: result.rows.last?.gas ?? 0, firstDanger: result.hazard?.firstDanger?.what,
      firstDangerS: result.hazard?.firstDanger?.time,
      criteria: Dictionary(
        PackWords.criteria(result).map { ($0.name, $0.met) }, uniquingKeysWith: { a, _ in a }),
      energyJoules: [
        "reactions": e.chemical, "electrical": e.electrical, "trigger": e.trigger,
        "ambient": e.ambient, "coolant": e.coolant, "ejected": e.ejected, "stored": e.stored,
        "flames": e.flames, "burnt": e.burnt,
      ], heatImbalance: e.imbalance,
      events: result.events.map {
        Event(
          timeS: $0.time, event: $0.kind.rawValue, cell: $0.cell.map { $0 + 1 },
          temperatureKelvin: $0.temperature)
      })
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(document) + Data("\n".utf8)
  }
}
