// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne bms capacity: capacity from partial charges of a life test.

import ArgumentParser
import Foundation
import OnboardReplay

/// Capacity from partial charges against the discharges that follow.
struct BMSCapacity: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capacity",
    abstract: "Capacity from partial charges of a life test, against the next discharges.",
    discussion: """
      Example:
        anodyne bms capacity B0025.mat B0047.mat

      The first discharges calibrate the share that the window has of the capacity; each later \
      charge is an estimate, the discharge after it, at the same temperature and current, its truth.
      """)

  @Argument(help: "Life tests with numbered steps.", completion: .file())
  var data: [String]

  @Option(help: "Voltage at which the window opens, in volts.")
  var window = 3.9

  @Option(help: "Discharges that calibrate.")
  var calibration = 20

  @Option(help: "JSON file to write; - prints it instead of the table.", completion: .file())
  var json: String?

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    guard !data.isEmpty else { throw ValidationError("Name at least one life test.") }
    guard (0.5...6).contains(window) else { throw ValidationError("--window is 0.5 to 6 V.") }
    guard (1...10_000).contains(calibration) else {
      throw ValidationError("--calibration is at least 1.")
    }
  }

  func run() throws {
    try checkOutputs([json])
    var studies: [String: PartialChargeStudy] = [:]
    var text = ""
    for path in data {
      var bar = ProgressBar(title: path, quiet: quiet)
      let study = try ReplayJob.telling {
        try PartialChargeStudy(
          path: path, windowVoltage: window, calibrationCycles: calibration
        ) { bar.update($0) }
      }
      bar.finish()
      studies[path] = study
      text += Self.lines(path, study)
    }
    if let json {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try writeOutput(try encoder.encode(studies) + Data("\n".utf8), to: json)
    }
    guard !quiet, json != "-" else { return }
    try StandardOutput.write(text)
  }

  private static func lines(_ path: String, _ study: PartialChargeStudy) -> String {
    let errors = study.errors
    var text = "\(path): \(study.points.count { $0.isCalibration }) calibrate, "
    text += "\(errors.count) estimates"
    if !errors.isEmpty {
      text += String(
        format: ", error %.2f %% median, %.2f %% in nine of ten, %.2f %% at most",
        100 * study.quantile(0.5), 100 * study.quantile(0.9), 100 * study.quantile(1))
    }
    text += "\n"
    for point in study.points where !point.isCalibration {
      text += "  discharge \(point.discharge): "
      if let estimate = point.estimate, let truth = point.truth, let error = point.error {
        text += String(
          format: "%.3f Ah, then %.3f Ah after %.1f h: %+.2f %%\n", estimate, truth, point.hours,
          100 * error)
      } else {
        text += "does not count: \(point.reason)\n"
      }
    }
    return text
  }
}
