// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// `anodyne analyze`: files in, a ranked safety report out.

import ArgumentParser
import BatteryDomain
import BatteryFiles
import Foundation
import Quantities
import ReportPages
import SafetyReport

/// `anodyne analyze`: files in, a ranked safety report out.
struct Analyze: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Rank what is wrong with the batteries behind files of measurements.",
    discussion: """
      Reads vehicle telemetry and cell tests, cleans them, and prints the findings with the most \
      urgent first. A file that cannot be read stops no other; it is named on the standard error \
      stream and in the report.

      Examples:
        anodyne analyze car2.csv --report report.html
        anodyne analyze measurements/ --json report.json --quiet
        anodyne analyze cell.csv --columns 'time=t[s],voltage=U[mV],current=-I[A]'
        anodyne analyze B0005.csv --nominal-capacity 2 --cutoff 2.7 --json - | jq .headline

      Severities: stop (take out of use now), act (inspect within days), watch (look again at the \
      next review), note (worth knowing).

      Exit codes: 0 every file was analysed, 64 wrong usage, 65 a file holds bad data, 66 a file \
      cannot be read, 73 an output cannot be written. With 65 and 66 all other files were \
      analysed and the outputs are complete.

      Set SOURCE_DATE_EPOCH for output that is the same byte for byte.
      """)

  @Argument(help: "Files, or folders to search through.")
  var paths: [String]

  @Option(
    name: [.long, .customShort("o")],
    help: ArgumentHelp("Write the report as one self-contained HTML page.", valueName: "file"))
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Write the report as JSON; '-' writes it to the standard output stream instead of the table.",
      valueName: "file"))
  var json: String?

  @Flag(name: [.long, .customShort("q")], help: "Print neither the table nor the progress bar.")
  var quiet = false

  @Option(
    help: ArgumentHelp("Most findings in the table; the report holds them all.", valueName: "n"))
  var limit = 20

  @Option(
    help: ArgumentHelp("Nominal capacity of tested cells, in ampere-hours.", valueName: "Ah"))
  var nominalCapacity: Double?

  @Option(help: ArgumentHelp("Discharge cut-off of tested cells, in volts.", valueName: "V"))
  var cutoff: Double?

  @Option(
    help: ArgumentHelp(
      "Capacity at which the life of a tested cell ends, in ampere-hours; 80 % of its baseline "
        + "when left out.", valueName: "Ah"))
  var endOfLife: Double?

  @OptionGroup(title: "Reading") var reading: ReadArguments

  func validate() throws {
    guard !paths.isEmpty else { throw ValidationError("Name at least one file or folder.") }
    guard limit >= 0 else { throw ValidationError("--limit must not be negative.") }
    if let nominalCapacity, !(nominalCapacity > 0 && nominalCapacity < 10_000) {
      throw ValidationError("--nominal-capacity must lie between 0 and 10,000 Ah.")
    }
    if let cutoff, !(cutoff > 0 && cutoff < 10) {
      throw ValidationError("--cutoff must lie between 0 and 10 V.")
    }
    if let endOfLife, !(endOfLife > 0 && endOfLife < 10_000) {
      throw ValidationError("--end-of-life must lie between 0 and 10,000 Ah.")
    }
    let outputs = [report, json].compactMap { $0 }.filter { $0 != "-" }
    if report == "-" { throw ValidationError("--report needs the name of a file.") }
    if outputs.count == 2, OutputFile.isSame(outputs[0], outputs[1]) {
      throw ValidationError("--report and --json name the same file.")
    }
    for output in outputs where paths.contains(where: { OutputFile.isSame($0, output) }) {
      throw ValidationError("\(output) is an input; writing it would destroy the measurements.")
    }
  }

  func run() async throws {
    // Before the work, not after it: a place that cannot be written is known at once.
    for output in [report, json].compactMap({ $0 }) where output != "-" {
      try AnalyzeOutput.orExit { () throws(FileError) in try OutputFile.check(output) }
    }
    let meter = AnalyzeMeter(quiet: quiet)
    let run = AnalysisRun(
      paths: paths,
      options: .init(
        reading: try reading.options(),
        nominalCapacity: nominalCapacity.map { Charge(ampereHours: $0).value },
        cutoffVoltage: cutoff,
        endOfLifeCapacity: endOfLife.map { Charge(ampereHours: $0).value }))
    let document = await run.run(generatedAt: AnalyzeOutput.now()) { meter.update($0) }
    meter.finish()
    for failure in document.failures { StandardError.write("anodyne: \(failure.message)\n") }

    if let json {
      let data = try document.json()
      if json == "-" {
        try StandardOutput.write(data)
      } else {
        try AnalyzeOutput.orExit { () throws(FileError) in try OutputFile.write(data, to: json) }
      }
    }
    if let report { try writePage(document, to: report) }
    if !quiet, json != "-" {
      let style = TerminalStyle.standardOutput
      var text = AnalyzeTable(document: document, limit: limit, style: style).text
      if let report { text += "Report: \(report)\n" }
      if let json { text += "JSON: \(json)\n" }
      try StandardOutput.write(text)
    }
    if let status = document.failures.map(\.exitCode).min() { throw ExitCode(Int32(status)) }
  }

  private func writePage(_ document: ReportDocument, to path: String) throws {
    let library = PlotlyLibrary.load()
    if library == nil {
      StandardError.write(
        "anodyne: warning: the chart library was not found, so \(path) has its tables but no "
          + "charts; \(PlotlyLibrary.remedy), and analyze again.\n")
    }
    let page = try HTMLReport(document: document, chartLibrary: library).render()
    try AnalyzeOutput.orExit { () throws(FileError) in
      try OutputFile.write(Data(page.utf8), to: path)
    }
  }
}

/// What `analyze` needs around its outputs.
enum AnalyzeOutput {
  /// The time of writing: `SOURCE_DATE_EPOCH` where it is set, so that output can be reproduced.
  static func now() -> Double {
    if let text = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"], let time = Double(text),
      time.isFinite
    {
      return time
    }
    return Date().timeIntervalSince1970.rounded()
  }

  /// Runs work on a file; its error becomes one line and the exit code.
  static func orExit(_ work: () throws(FileError) -> Void) throws {
    do {
      try work()
    } catch {
      StandardError.write("anodyne: \(error.message)\n")
      throw ExitStatus(error).exitCode
    }
  }
}
