// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne pack study: variants of a pack with tolerances.

import ArgumentParser
import BatteryDomain
import Foundation
import PackModels
import PackReports
import ReportPages
import StructuredInput
import Synchronization

/// A design study of a pack.
struct PackStudyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Try every combination of varied values, many times with tolerances.",
    discussion: """
      The table 'study' of the file names the runs of each variant and the values to try:
        study:
          runs: 200
          vary:
            barrier.thickness_mm: [1, 2, 3]
            fuse.rated_a: [20, 40]
      Any key of the file can be varied. Tolerances are those of the table 'spread'. The same seeds \
      are used for every variant, so results repeat and variants meet the same cells.
      """)

  @OptionGroup var input: PackInput

  @Option(help: "Runs of each variant instead of those in the file.")
  var runs: Int?

  @Option(help: "CSV file to write, a row for each variant.", completion: .file())
  var output: String?

  @Option(help: "HTML page to write.", completion: .file())
  var report: String?

  @Option(help: "JSON file to write; - for the standard output.", completion: .file())
  var json: String?

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    guard runs.map({ $0 >= 1 }) ?? true else { throw ValidationError("--runs is at least 1.") }
    guard input.overrides.words.isEmpty else {
      throw ValidationError(
        "--set is for 'pack run' and 'pack graph'; write the value in the file.")
    }
  }

  func run() async throws {
    let text = try input.text()
    var study = try PackInput.telling { try PackStudy(text, file: input.file) }
    if let runs { study.runs = runs }
    try checkOutputs([output, report, json])
    let bar = Mutex(ProgressBar(title: "pack study", quiet: quiet))
    let results = await study.run { share in bar.withLock { $0.update(share) } }
    bar.withLock { $0.finish() }
    let rows = StudyRow.rows(results)
    let page = StudyPage(name: study.variants.first?.pack.name ?? "pack", rows: rows)
    if let output { try writeOutput(Data(Self.table(rows).utf8), to: output) }
    if let report { try PageFile.write(page.page, to: report) }
    if let json { try writeOutput(try Self.document(page), to: json) }
    guard !quiet, json != "-" else { return }
    var lines: [String] = []
    for row in rows {
      let p = row.result.propagation
      let label = row.result.variant.label + (row.isOnFront ? " *" : "")
      lines.append(
        String(
          format:
            "second cell in %3.0f %% (%.0f–%.0f), whole pack %3.0f %%, +%.2f kg, 1C +%.1f K  ",
          p.value * 100, p.interval.lowerBound * 100, p.interval.upperBound * 100,
          row.result.wholePack.value * 100, row.mass, row.warming) + label)
    }
    lines.append("* no other variant beats it in cells lost, mass and cooling together")
    lines.append(page.lead)
    try StandardOutput.write(lines.joined(separator: "\n") + "\n")
  }

  private static func table(_ rows: [StudyRow]) -> String {
    let axes = rows.first?.result.variant.values.map(\.path) ?? []
    var text = (axes + Self.columns).joined(separator: ",") + "\n"
    for row in rows {
      let r = row.result
      let numbers: [Double?] = [
        Double(r.runs.count), r.ignition.value, r.propagation.value,
        r.propagation.interval.lowerBound, r.propagation.interval.upperBound, r.wholePack.value,
        r.fiveMinutes.value, r.twoHours.value, r.medianTimeToSecondCell, r.medianTimeToWholePack,
        r.meanCells, row.mass, row.warming, row.isOnFront ? 1 : 0,
      ]
      let cells =
        r.variant.values.map(\.value) + numbers.map { $0.map { String(format: "%.6g", $0) } ?? "" }
      text += cells.joined(separator: ",") + "\n"
    }
    return text
  }

  private static let columns = [
    "runs", "ignition", "propagation", "propagation_low", "propagation_high", "whole_pack",
    "five_minutes_kept", "two_hours_kept", "median_time_to_second_s", "median_time_to_pack_s",
    "mean_cells", "added_mass_kg", "warming_1C_K", "on_front",
  ]

  private static func document(_ page: StudyPage) throws -> Data {
    struct Row: Encodable {
      var variant: [String: String]
      var runs: Int
      var propagation: Double
      var propagationInterval: [Double]
      var wholePack: Double
      var fiveMinutesKept: Double
      var twoHoursKept: Double
      var medianTimeToSecondS: Double?
      var medianTimeToPackS: Double?
      var meanCells: Double
      var addedMassKg: Double
      var warmingKelvin: Double
      var onFront: Bool
      var maturity: [String: String]
      var warnings: [String]
    }
    struct Document: Encodable {
      var pack: String
      var summary: String
      var variants: [Row]
    }
    let rows = page.rows.map { row in
      let r = row.result
      return Row(
        variant: Dictionary(
          r.variant.values.map { ($0.path, $0.value) }, uniquingKeysWith: { a, _ in a }),
        runs: r.runs.count, propagation: r.propagation.value,
        propagationInterval: [
          r.propagation.interval.lowerBound, r.propagation.interval.upperBound,
        ], wholePack: r.wholePack.value, fiveMinutesKept: r.fiveMinutes.value,
        twoHoursKept: r.twoHours.value, medianTimeToSecondS: r.medianTimeToSecondCell,
        medianTimeToPackS: r.medianTimeToWholePack, meanCells: r.meanCells,
        addedMassKg: row.mass, warmingKelvin: row.warming, onFront: row.isOnFront,
        maturity: Dictionary(
          r.variant.pack.measures.map { ($0.words, $0.maturity) },
          uniquingKeysWith: { a, _ in a }),
        warnings: r.variant.pack.couplingWarnings.map {
          "\($0.first) with \($0.second): \($0.reason)"
        })
    }
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(Document(pack: page.name, summary: page.lead, variants: rows))
      + Data("\n".utf8)
  }
}
