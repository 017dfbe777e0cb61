// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne testbed: judges detectors on simulated packs with known faults.

import ArgumentParser
import BatteryDomain
import Foundation
import OnboardConfiguration
import ReportPages
import StructuredInput
import Synchronization
import Testbed

/// Judges detectors on simulated packs with known faults.
struct TestbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "testbed",
    abstract: "Judge detectors on simulated packs with known faults.",
    discussion: """
      Examples:
        anodyne testbed list
        anodyne testbed run Examples/scenarios/internal-short.yaml --json short.json
        anodyne testbed run Examples/scenarios/reference.yaml --report suite.html
        anodyne testbed run Examples/scenarios/healthy.yaml --controller Examples/bms/testbed-ncm.yaml
        anodyne testbed run Examples/scenarios/healthy.yaml --seeds 17 --journal healthy.jsonl

      Exit codes: 0 done, 64 the command line is wrong, 65 the file is wrong, 66 it cannot be \
      read, 73 output cannot be created.
      """, subcommands: [TestbedRun.self, TestbedList.self])
}

/// What scenario files can name.
struct TestbedList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List detectors, cells, uses, faults and oddities.")

  func run() throws {
    func block(_ title: String, _ lines: [String]) -> String {
      title + "\n" + lines.map { "  \($0)\n" }.joined()
    }
    func padded(_ word: String) -> String {
      word.padding(toLength: 14, withPad: " ", startingAt: 0)
    }
    try StandardOutput.write(
      block("detectors", DetectorKind.all.map { "\(padded($0.name))\($0.summary)" })
        + block(
          "cells",
          PlantCell.all.map {
            padded($0.name) + $0.chemistry.label
              + String(format: ", %.0f Ah, %.2f mΩ", $0.capacity / 3_600, $0.totalResistance * 1e3)
          })
        + block("duties", [DutyKind.allCases.map(\.rawValue).joined(separator: ", ")])
        + block("seasons", [Season.allCases.map(\.rawValue).joined(separator: ", ")])
        + block("faults", [FaultClass.allCases.map(\.rawValue).joined(separator: ", ")])
        + block("laws", [GrowthLaw.allCases.map(\.rawValue).joined(separator: ", ")])
        + block("odd", [Oddity.allCases.map(\.rawValue).joined(separator: ", ")]))
  }
}

/// Runs a scenario file.
struct TestbedRun: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run all scenarios and seeds of a file and score the detectors.")

  @Argument(help: "Scenario file in YAML.", completion: .file())
  var file: String

  @Option(help: "Detectors, separated by commas; all where left out.")
  var detectors: String?

  @Option(help: "Seeds of each scenario instead of those in the file.")
  var seeds: Int?

  @Option(help: "First seed.")
  var firstSeed: UInt64 = 1

  @Option(
    help: "File that keeps finished runs: the same command goes on where it was stopped.",
    completion: .file())
  var journal: String?

  @Option(help: "Runs at the same time; the number of cores where left out.")
  var jobs: Int?

  @Option(
    help: "Configuration of the onboard core that controls the packs, in place of limits alone.",
    completion: .file())
  var controller: String?

  @Option(help: "HTML page to write.", completion: .file())
  var report: String?

  @Option(help: "JSON file to write; - for the standard output.", completion: .file())
  var json: String?

  @Flag(name: .shortAndLong, help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    guard seeds.map({ $0 >= 1 }) ?? true else { throw ValidationError("--seeds is at least 1.") }
    guard jobs.map({ $0 >= 1 }) ?? true else { throw ValidationError("--jobs is at least 1.") }
    _ = try chosen()
  }

  private func chosen() throws -> [DetectorKind] {
    guard let detectors else { return DetectorKind.all }
    return try detectors.split(separator: ",").map { word in
      guard let kind = DetectorKind.named(String(word)) else {
        let known = DetectorKind.all.map(\.name).joined(separator: ", ")
        throw ValidationError("--detectors: '\(word)' is not known; known: \(known).")
      }
      return kind
    }
  }

  /// The core of a configuration, which must be for the packs of every scenario.
  private func core(
    _ path: String, for suite: ScenarioSuite
  ) throws -> @Sendable (DetectorContext) -> any TestbedController {
    let image = try BMSInput.image(path)
    for scenario in suite.scenarios {
      let layout = scenario.layout
      guard layout.cells == image.size.cells, layout.probes == image.size.probes else {
        StandardError.write(
          "anodyne: \(path) is for \(image.size.cells) cells and \(image.size.probes) probes, the "
            + "scenario \(scenario.name) has \(layout.cells) and \(layout.probes)\n")
        throw ExitStatus.badData.exitCode
      }
    }
    var work = CoreControllerFactory()
    return try image.open(&work)
  }

  private func opened(_ suite: String, text: String, kinds: [DetectorKind]) throws -> RunJournal? {
    guard let journal else { return nil }
    do throws(RunJournalError) {
      return try RunJournal(
        URL(fileURLWithPath: journal), suite: suite, text: text,
        detectors: kinds.map(\.name) + (controller.map { ["controller \($0)"] } ?? []))
    } catch {
      StandardError.write("anodyne: \(error)\n")
      throw ExitStatus.unreadableInput.exitCode
    }
  }

  func run() async throws {
    let text: String
    do { text = try String(contentsOf: URL(fileURLWithPath: file), encoding: .utf8) } catch {
      StandardError.write("anodyne: \(file): cannot be read: \(error.localizedDescription)\n")
      throw ExitStatus.unreadableInput.exitCode
    }
    var suite = try PackInput.telling { try ScenarioSuite(text, file: file) }
    if let seeds {
      for index in suite.scenarios.indices { suite.scenarios[index].seeds = seeds }
    }
    try checkOutputs([report, json])
    let kinds = try chosen()
    var runner = SuiteRunner(suite, detectors: kinds)
    runner.firstSeed = firstSeed
    if let controller { runner.controller = try core(controller, for: suite) }
    let bar = Mutex(ProgressBar(title: "testbed", quiet: quiet))
    let kept = try opened(suite.name, text: text, kinds: kinds)
    let failure = Mutex<RunJournalError?>(nil)
    let records = await runner.run(
      workers: jobs ?? ProcessInfo.processInfo.activeProcessorCount, known: kept?.known ?? [:],
      finished: { record in
        do throws(RunJournalError) { try kept?.append(record) } catch {
          failure.withLock { $0 = error }
        }
      },
      progress: { share in bar.withLock { $0.update(share) } })
    bar.withLock { $0.finish() }
    if let error = failure.withLock({ $0 }) {
      StandardError.write("anodyne: \(error)\n")
      throw ExitStatus.ioError.exitCode
    }
    let card = Scorecard(records, kinds: kinds)
    if let json {
      struct Document: Encodable {
        var suite: String
        var scorecard: Scorecard
        var runs: [RunRecord]
      }
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      let data = try encoder.encode(
        Document(suite: suite.name, scorecard: card, runs: records))
      try writeOutput(data + Data("\n".utf8), to: json)
    }
    if let report {
      try PageFile.write(
        TestbedPage(name: suite.name, card: card, records: records).page, to: report)
    }
    guard !quiet, json != "-" else { return }
    try StandardOutput.write(TestbedText.table(card))
  }
}
