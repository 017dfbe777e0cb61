// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne bms evaluate: how well the core's filters find the charge of a recording.

import ArgumentParser
import CellIdentification
import Foundation
import OnboardConfiguration
import OnboardReplay

/// Errors of the estimators of the state of charge.
struct BMSEvaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Errors of the core's charge estimators on a recording that starts full.",
    discussion: """
      Example:
        anodyne bms evaluate 551_US06.csv --config cell.yaml --capacity 2.78

      Each estimator starts 20 % wrong, at full charge and at 60 %, and with a sensor that is 50 mA \
      off (a share of the capacity with --offset). True is one minus the counted charge over the \
      capacity.
      """)

  @Argument(help: "Recording of one cell that starts at full charge.", completion: .file())
  var data: String

  @OptionGroup(title: "Configuration") var chosen: BMSReplayConfiguration

  @Option(help: "True capacity in ampere-hours; that of the configuration where left out.")
  var capacity: Double?

  @Option(help: "Error that counts as converged, in percent.")
  var bound = 2.0

  @Option(help: "Seconds left out of the errors.")
  var settling = 900.0

  @Option(help: "Offset of the current sensor in the last trials, in amperes.")
  var offset = 0.05

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup(title: "Reading") var reading: ReadArguments

  func validate() throws {
    guard capacity.map({ $0 > 0 }) ?? true else { throw ValidationError("--capacity is above 0.") }
    guard bound > 0, settling >= 0 else {
      throw ValidationError("--bound is above 0, --settling not below.")
    }
  }

  func run() throws {
    let image = try chosen.image()
    let reading = try reading.options()
    let recordings = try IdentifyArguments.orExit {
      try RecordingLoader.load(data, options: reading)
    }
    guard let recording = recordings.first else { return }
    var work = EvaluationWork(
      recording: recording, capacity: capacity, settling: settling, bound: bound / 100,
      offset: offset)
    let rows = try image.open(&work)
    if json {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      return try StandardOutput.write(try encoder.encode(rows) + Data("\n".utf8))
    }
    var text =
      "start  told  offset   estimator      rms     most  converged   NIS  NEES  within 2 sigma\n"
    for row in rows {
      text += String(
        format:
          "%4.0f %%  %3.0f %%  %+.3f A  %@ %6.2f %%  %5.2f %%  %5.1f min  %4.2f  %4.2f  %3.0f %%\n",
        100 * row.start, 100 * row.told, row.offset,
        row.estimator.padding(toLength: 9, withPad: " ", startingAt: 0), 100 * row.rootMeanSquare,
        100 * row.largest, row.convergence / 60, row.normalisedInnovation, row.normalisedError,
        100 * row.coverage)
    }
    try StandardOutput.write(text)
  }
}

/// One line of the evaluation.
struct EvaluationRow: Codable {
  var start: Double
  var told: Double
  var offset: Double
  var estimator: String
  var rootMeanSquare: Double
  var largest: Double
  var convergence: Double
  var normalisedInnovation: Double
  var normalisedError: Double
  var coverage: Double
}
