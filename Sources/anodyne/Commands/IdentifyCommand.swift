// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne identify: parameters of a cell model from measurements.

import ArgumentParser
import BatteryFiles
import CellIdentification
import CellModels
import Foundation
import ReportPages

/// Parameters of a cell model from measurements.
struct IdentifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "identify",
    abstract: "Find the parameters of a cell model in measurements.",
    discussion: """
      Example:
        anodyne identify ocv C20.csv --output ocv.json
        anodyne identify ecm C20.csv HPPC.csv Cap_1C.csv --validate US06.csv --output cell.json
        anodyne simulate "Discharge at 1C until 2.8 V" --model ecm --parameters cell.json
        anodyne identify spme C20.csv HPPC.csv Cap_1C.csv --base chen2020 --output spme.json
      """,
    subcommands: [
      IdentifyOpenCircuit.self, IdentifyCircuit.self, IdentifySingleParticle.self,
    ])
}

/// What every kind of identification reads and writes.
struct IdentifyArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Recordings of one cell in any format that inspect knows; FILE#WORD takes the tables whose "
        + "name contains the word.", valueName: "data"), completion: .file())
  var data: [String]

  @Option(help: "JSON file to write.", completion: .file())
  var output: String?

  @Option(help: "HTML page to write.", completion: .file())
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Where the JSON goes as well; - prints it instead of the table.", valueName: "file|-"))
  var json: String?

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  @OptionGroup(title: "Reading") var reading: ReadArguments

  func validate() throws {
    guard !data.isEmpty else { throw ValidationError("Name at least one recording.") }
    if report == "-" { throw ValidationError("--report needs the name of a file.") }
    for path in outputs where data.contains(where: { OutputFile.isSame($0, path) }) {
      throw ValidationError("\(path) is an input; writing it would destroy the measurements.")
    }
  }

  private var outputs: [String] { [output, report, json].compactMap { $0 }.filter { $0 != "-" } }

  /// Refuses outputs that cannot be written, before the work.
  func check() throws {
    for path in outputs {
      try AnalyzeOutput.orExit { () throws(FileError) in try OutputFile.check(path) }
    }
  }

  /// Reads recordings; an error becomes one line and the exit code.
  func load(_ paths: [String], _ bar: inout ProgressBar, upTo share: Double) throws -> [Recording] {
    var recordings: [Recording] = []
    let options = try reading.options()
    for (index, path) in paths.enumerated() {
      let part = share / Double(paths.count)
      recordings += try Self.orExit {
        try RecordingLoader.load(path, options: options) { progress in
          bar.update(part * (Double(index) + progress))
        }
      }
    }
    return recordings
  }

  /// Reads recordings to test on, and refuses what cannot be one before the work.
  func loadTests(
    _ paths: [String], fitted: [Recording], _ bar: inout ProgressBar, upTo share: Double
  ) throws -> [Recording] {
    try paths.flatMap { path in
      let recordings = try load([path], &bar, upTo: share)
      return try Self.orExit { try Recording.tests(among: recordings, fitted: fitted) }
    }
  }

  /// Runs work on data; what is wrong becomes one line and the exit code.
  static func orExit<Result>(_ work: () throws -> Result) throws -> Result {
    do {
      return try work()
    } catch let error as FileError {
      StandardError.write("anodyne: \(error.message)\n")
      throw ExitStatus(error).exitCode
    } catch let error as ParameterError {
      StandardError.write("anodyne: \(error)\n")
      throw ExitStatus.badData.exitCode
    } catch let error as IdentificationError {
      StandardError.write("anodyne: \(error)\n")
      throw ExitStatus.badData.exitCode
    }
  }

  /// Writes what was asked for.
  ///
  /// - Parameters:
  ///   - document: What is found, as JSON.
  ///   - parameters: What --output holds; the document if nil.
  ///   - page: The page.
  ///   - text: What is printed.
  /// - Throws: The exit code when a file cannot be written.
  func write(
    json document: Data, parameters: Data? = nil, page: ReportPage, text: String
  ) throws {
    for (path, data) in [(output, parameters ?? document), (json, document)] {
      guard let path, path != "-" else { continue }
      try AnalyzeOutput.orExit { () throws(FileError) in try OutputFile.write(data, to: path) }
    }
    if let report {
      let library = PlotlyLibrary.load()
      if library == nil {
        StandardError.write(
          "anodyne: warning: the chart library was not found, so \(report) has its tables but no "
            + "charts; \(PlotlyLibrary.remedy).\n")
      }
      let html = try page.html(plotly: library)
      try AnalyzeOutput.orExit { () throws(FileError) in
        try OutputFile.write(Data(html.utf8), to: report)
      }
    }
    if json == "-" {
      try StandardOutput.write(document)
    } else if !quiet {
      var words = text
      if let output { words += "Parameters: \(output)\n" }
      if let report { words += "Report: \(report)\n" }
      try StandardOutput.write(words)
    }
  }
}

/// Capacity, open-circuit voltage and hysteresis from slow tests.
struct IdentifyOpenCircuit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ocv",
    abstract: "Capacity, open-circuit voltage and width of the loop from C/20 tests.",
    discussion: """
      Example:
        anodyne identify ocv 549_C20DisCh_parsed.csv --output ocv.json --report ocv.html

      A test discharges the full cell to empty in 8 hours or more; a slow charge after it gives the \
      other branch of the loop and the coulombic offset.
      """)

  @OptionGroup var arguments: IdentifyArguments

  func run() throws {
    try arguments.check()
    var bar = ProgressBar(title: "identify", quiet: arguments.quiet)
    let recordings = try arguments.load(arguments.data, &bar, upTo: 1)
    bar.finish()
    let tests = try IdentifyArguments.orExit { try OpenCircuitTest.all(in: recordings) }
    let document = OpenCircuitDocument(tests)
    try arguments.write(
      json: document.json(), page: IdentificationPage.page(tests), text: document.text)
  }
}

/// An equivalent circuit from slow tests, pulses and discharges.
struct IdentifyCircuit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ecm",
    abstract: "An equivalent circuit over charge and temperature, with intervals.",
    discussion: """
      Example:
        anodyne identify ecm 25degC/*C20* 25degC/*HPPC* 25degC/*Cap_1C* 0degC/*C20* 0degC/*HPPC* \
      --validate 25degC/*US06* --validate 0degC/*US06* --output cell.json --report cell.html
        anodyne identify ecm R1.mat#ocv_data R1.mat#pulse_data R1.mat#ref_data \
      --validate R1.mat#rw_data --output r1.json

      Give a C/20 test and a pulse test at each temperature, and a 1C discharge if there is one: \
      pulses alone overstate the slow losses of a long discharge. The number of RC pairs is chosen \
      by the error in blocks of time that are left out of the fit, which is printed. Intervals of \
      95 % count that errors stay alike for a while; resistances in brackets are not determined by \
      the data but taken from their neighbours. Recordings of --validate are not fitted: they show what the \
      parameters are worth, beside the error of the open-circuit voltage alone.

      Exit codes: 0 done, 64 wrong usage, 65 the data do not hold the parameters, 66 a file cannot \
      be read, 73 an output cannot be created.
      """)

  @OptionGroup var arguments: IdentifyArguments

  @Option(
    name: .customLong("validate"),
    help: ArgumentHelp(
      "A recording to test on and not to fit; may be repeated.", valueName: "data"),
    completion: .file())
  var unfitted: [String] = []

  @Option(help: ArgumentHelp("Number of RC pairs, 0 to 3; chosen if absent.", valueName: "number"))
  var pairs: Int?

  func validate() throws {
    guard pairs.map({ (0...3).contains($0) }) ?? true else {
      throw ValidationError("--pairs is 0 to 3.")
    }
  }

  func run() throws {
    try arguments.check()
    var bar = ProgressBar(title: "identify", quiet: arguments.quiet)
    let recordings = try arguments.load(arguments.data, &bar, upTo: 0.1)
    let tests = try arguments.loadTests(unfitted, fitted: recordings, &bar, upTo: 0.15)
    var settings = CircuitFitSettings()
    if let pairs { settings.pairCounts = [pairs] }
    let found = try IdentifyArguments.orExit {
      try CircuitIdentification(recordings, settings: settings) { bar.update(0.15 + 0.8 * $0) }
    }
    let validations = tests.map {
      CircuitValidation(found.parameters, on: $0, start: found.start)
    }
    bar.finish()
    let document = CircuitDocument(found, validations: validations)
    try arguments.write(
      json: document.json(), page: IdentificationPage.page(document), text: document.text)
  }
}
