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
    let records = await runner.run(
      workers: jobs ?? ProcessInfo.processInfo.activeProcessorCount
    ) { share in bar.withLock { $0.update(share) } }
    bar.withLock { $0.finish() }
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

/// The scorecard as text.
enum TestbedText {
  /// One block a detector.
  static func table(_ card: Scorecard) -> String {
    var text = String(format: "%d runs, %.1f vehicle-days\n", card.runs, card.days)
    for score in card.detectors {
      text += String(
        format:
          "\n%@: %d of %d named; %d false alarms in %.0f healthy days, at most %.3g per 1,000\n",
        score.detector, score.detected.count, score.detected.total, score.falseAlarms,
        score.healthyDays, score.falseAlarmUpperBound)
      for row in score.classes {
        text += "  " + words(row) + "\n"
      }
    }
    for pair in card.comparisons where pair.interval.count == 2 {
      text += String(
        format: "%@ against %@: %+.1f %% (95 %%: %+.1f to %+.1f)\n", pair.first, pair.second,
        pair.difference * 100, pair.interval[0] * 100, pair.interval[1] * 100)
    }
    return text
  }

  private static func words(_ row: ClassScore) -> String {
    var text = "\(row.fault.rawValue), \(row.chemistry.label): "
    text += "\(row.detected.count)/\(row.detected.total), right part \(row.isolated.count)"
    if row.warnedTwoHours.total > 0 {
      text += ", two hours before runaway \(row.warnedTwoHours.count)/\(row.warnedTwoHours.total)"
    }
    if row.delay.count == 2 { text += String(format: ", delay %.4g s", row.delay[0]) }
    if row.shortResistance.count == 3, row.leakedAmpereHours.count == 3 {
      text += String(
        format: ", at %.2g Ω and %.2g Ah", row.shortResistance[1], row.leakedAmpereHours[1])
    }
    return text
  }
}

/// The page of a suite.
struct TestbedPage {
  let name: String
  let card: Scorecard
  let records: [RunRecord]

  /// The page.
  var page: ReportPage {
    let lead =
      "\(card.runs) simulated packs, "
      + String(format: "%.0f vehicle-days; ", card.days)
      + card.detectors.map { "\($0.detector) named \($0.detected.count) of \($0.detected.total)" }
      .joined(separator: ", ") + "."
    let overview = TableMarkup(
      caption: "Detectors on the same runs",
      columns: [
        .text("detector"), .number("named"), .number("95 % interval"), .number("false alarms"),
        .number("per 1,000 vehicle-days"), .number("95 % upper bound"),
      ],
      rows: card.detectors.map { score in
        [
          score.detector, "\(score.detected.count)/\(score.detected.total)",
          score.detectedInterval.map { String(format: "%.1f %%", $0 * 100) }
            .joined(separator: "–"), "\(score.falseAlarms)",
          String(format: "%.3g", score.falseAlarmRate),
          String(format: "%.3g", score.falseAlarmUpperBound),
        ].map { Markup(escaping: $0) }
      })
    let sections = card.detectors.map { score in
      PageSection(
        id: "detector-\(score.detector)", title: score.detector,
        tables: [
          TableMarkup(
            caption: "By fault and chemistry",
            columns: [
              .text("fault"), .text("chemistry"), .number("named"), .number("right part"),
              .number("2 h before runaway"), .number("median delay"),
              .number("median lead to runaway"), .number("Ω at detection"),
              .number("Ah at detection"),
            ],
            rows: score.classes.map { row in
              [
                row.fault.rawValue, row.chemistry.label,
                "\(row.detected.count)/\(row.detected.total)", "\(row.isolated.count)",
                "\(row.warnedTwoHours.count)/\(row.warnedTwoHours.total)",
                row.delay.first.map { DisplayText.duration($0) } ?? "–",
                row.leadToRunaway.last.map { DisplayText.duration($0) } ?? "–",
                row.shortResistance.count == 3
                  ? DisplayText.number(row.shortResistance[1], significant: 2) : "–",
                row.leakedAmpereHours.count == 3
                  ? DisplayText.number(row.leakedAmpereHours[1], significant: 2) : "–",
              ].map { Markup(escaping: $0) }
            })
        ])
    }
    return ReportPage(
      kind: "testbed", title: name, lead: lead,
      tiles: [
        .init("\(card.runs)", "runs"), .init(String(format: "%.0f", card.days), "vehicle-days"),
        .init("\(card.detectors.count)", "detectors"),
      ],
      sections: [PageSection(id: "detectors", title: "Detectors", tables: [overview])] + sections,
      notes: [
        "All packs are simulated; rates of faults in real fleets are not.",
        "A false alarm is a verdict of a class that is not present. The upper bound is the exact "
          + "one-sided 95 % bound of a Poisson count over days without a fault.",
      ])
  }
}
