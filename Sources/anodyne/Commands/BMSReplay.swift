// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne bms replay: the core over recorded data.

import ArgumentParser
import BatteryFiles
import Foundation
import OnboardConfiguration
import OnboardReplay
import ReportPages

/// Runs the core over recorded data.
struct BMSReplay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Run the core over recorded data and print every decision with its evidence.",
    discussion: """
      Examples:
        anodyne bms replay car2.csv --config Examples/bms/telemetry-88s.yaml \
      --ignore insulation --report replay.html
        anodyne bms replay car3.csv --config Examples/bms/telemetry-88s.yaml \
      --set pack.cells=87 --set pack.probes=15 --probes 1-7,16-23
        anodyne bms replay US06.csv --config cell.yaml --json -

      The recording is any file that anodyne inspect knows, of one cell or of a pack with per-cell \
      voltages. The recorded current flows whatever the core commands; interruptions longer than \
      sensing.longest_interval_milliseconds are replayed as looks at the parked pack.
      """)

  @Argument(help: "Recorded data.", completion: .file())
  var data: String

  @OptionGroup(title: "Configuration") var chosen: BMSReplayConfiguration

  @Option(help: "Probes of the recording to use, for example 1-7,16-23; all where left out.")
  var probes: String?

  @Option(help: "Cells of the recording to use, for example 1-88; all where left out.")
  var cells: String?

  @Option(help: "Temperature of a recording without any, in degrees Celsius.")
  var temperature = 25.0

  @Option(help: ArgumentHelp("Quantity not to use: insulation.", valueName: "quantity"))
  var ignore: [String] = []

  @Option(help: "Rows of evidence before and after a decision.")
  var evidence = 15

  @Flag(help: "Print all rows of evidence.")
  var allEvidence = false

  @Option(help: "HTML page to write.", completion: .file())
  var report: String?

  @Option(help: "JSON file to write; - prints it instead of the text.", completion: .file())
  var json: String?

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  @OptionGroup(title: "Reading") var reading: ReadArguments

  func validate() throws {
    _ = try Self.numbers(probes, "--probes")
    _ = try Self.numbers(cells, "--cells")
    if let word = ignore.first(where: { $0 != "insulation" }) {
      throw ValidationError("--ignore knows insulation, not '\(word)'.")
    }
    guard (1...200).contains(evidence) else {
      throw ValidationError("--evidence is 1 to 200.")
    }
    guard (-60...150).contains(temperature) else {
      throw ValidationError("--temperature is -60 to 150 degrees Celsius.")
    }
  }

  /// Positions from 0 of a list such as 1-7,16.
  static func numbers(_ text: String?, _ option: String) throws -> [Int] {
    guard let text else { return [] }
    return try text.split(separator: ",").flatMap { part -> [Int] in
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let low = ends.first.flatMap({ $0 }), let high = ends.last.flatMap({ $0 }),
        ends.count <= 2, low >= 1, high >= low, high <= 10_000
      else { throw ValidationError("\(option) takes numbers such as 1-7,16, not '\(part)'.") }
      return Array((low - 1)...(high - 1))
    }
  }

  func run() throws {
    try checkOutputs([report, json])
    let image = try chosen.image()
    var bar = ProgressBar(title: "replay", quiet: quiet)
    let work = try ReplayJob.options(self, image)
    let result = try ReplayJob.run(work, image) { bar.update($0) }
    bar.finish()
    if let json { try writeOutput(try result.json(), to: json) }
    if let report { try PageFile.write(result.page, to: report) }
    guard !quiet, json != "-" else { return }
    try StandardOutput.write(result.text(allEvidence: allEvidence))
  }
}

/// Which configuration a replay uses.
struct BMSReplayConfiguration: ParsableArguments {
  @Option(help: "Configuration in YAML or JSON, or an image.", completion: .file())
  var config: String

  @OptionGroup var overrides: OverrideArguments

  /// The image.
  func image() throws -> PackImage { try BMSInput.image(config, overrides: overrides.pairs) }
}

/// Runs a replay and tells what is wrong.
enum ReplayJob {
  static func options(_ command: BMSReplay, _ image: PackImage) throws -> ReplayRun {
    var run = ReplayRun(path: command.data, name: image.name)
    run.reading = try command.reading.options()
    run.options.probes = try BMSReplay.numbers(command.probes, "--probes")
    run.options.cells = try BMSReplay.numbers(command.cells, "--cells")
    run.options.temperature = command.temperature + 273.15
    run.options.usesInsulation = !command.ignore.contains("insulation")
    run.options.evidenceRows = command.evidence
    return run
  }

  static func run(
    _ run: ReplayRun, _ image: PackImage, progress: @escaping (Double) -> Void
  ) throws -> ReplayResult {
    var run = run
    run.progress = progress
    return try telling { try image.open(&run) }
  }

  /// Does something with a recording; what is wrong becomes one line and the exit code.
  static func telling<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as FileError {
      StandardError.write("anodyne: \(error.message)\n")
      throw ExitStatus(error).exitCode
    } catch let error as ReplayError {
      StandardError.write("anodyne: \(error)\n")
      throw ExitStatus.badData.exitCode
    }
  }
}
