// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Speed of the plant, and the long suites that bound false alarms and score every fault.

import BatteryDomain
import Foundation
import Testbed
import Testing

struct TestbedReleaseTests {
  static let isRelease = ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"
  static let isSlow = ProcessInfo.processInfo.environment["SLOW_TESTS"] == "1"

  /// Processor time of this thread in seconds.
  private func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  @Test(.enabled(if: isRelease))
  func `A day of ninety-six cells takes less than a second at one second steps`() {
    var scenario = Scenario(name: "speed", cell: .ncm60Ah)
    scenario.step = 1
    scenario.parkedStep = 1
    scenario.duration = 86_400
    var run = VehicleRun(scenario, seed: 1)
    let start = processorTime()
    let record = run.run(detectors: [], controller: ReferenceController(run.context))
    let seconds = processorTime() - start
    print(String(format: "vehicle-day at 1 s, 96 cells: %.3f s", seconds))
    #expect(record.days >= 0.99)
    #expect(seconds < 1)
  }

  @Test(.enabled(if: isRelease))
  func `A day at telemetry rate takes less than twenty milliseconds`() {
    var scenario = Scenario(name: "telemetry speed", cell: .lfp150Ah)
    scenario.step = 30
    scenario.duration = 20 * 86_400
    var run = VehicleRun(scenario, seed: 1)
    let start = processorTime()
    let record = run.run(detectors: [], controller: ReferenceController(run.context))
    let seconds = (processorTime() - start) / record.days
    print(String(format: "vehicle-day at telemetry rate, 96 cells: %.1f ms", seconds * 1e3))
    #expect(seconds < 0.02)
  }

  @Test(.enabled(if: isRelease))
  func `Runs scale over the cores`() async throws {
    var scenario = Scenario(name: "scale", cell: .ncm60Ah)
    scenario.step = 30
    scenario.duration = 4 * 86_400
    scenario.seeds = 16
    let runner = SuiteRunner(ScenarioSuite(name: "scale", scenarios: [scenario]), detectors: [])
    func seconds(_ workers: Int) async -> Double {
      let clock = ContinuousClock()
      let start = clock.now
      _ = await runner.run(workers: workers)
      return Double((clock.now - start).components.attoseconds) * 1e-18
        + Double((clock.now - start).components.seconds)
    }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let one = await seconds(1)
    let all = await seconds(cores)
    // Printed, not judged: other work on the machine decides it.
    print(
      String(
        format: "workers: 1 takes %.2f s, %d take %.2f s for 16 vehicles of four days", one, cores,
        all))
    #expect(one > 0)
  }

  /// Healthy vehicle-days that look odd; ANODYNE_HEALTHY_SEEDS sets how many (one seed is 1,800 days).
  @Test(.enabled(if: isRelease && healthySeeds > 0))
  func `Healthy odd vehicles are silent in the rules`() async throws {
    var suite = try suite("healthy")
    for index in suite.scenarios.indices { suite.scenarios[index].seeds = Self.healthySeeds }
    let kinds: [DetectorKind] = [.siblings, .rules]
    var runner = SuiteRunner(suite, detectors: kinds)
    // Constants were chosen on other seeds.
    runner.firstSeed = 101
    let records = await runner.run(workers: ProcessInfo.processInfo.activeProcessorCount)
    let card = Scorecard(records, kinds: kinds)
    for score in card.detectors {
      print(
        String(
          format: "%@: %d false alarms in %.0f healthy vehicle-days, at most %.3g per 1,000",
          score.detector, score.falseAlarms, score.healthyDays, score.falseAlarmUpperBound))
    }
    #expect(card.detectors[1].falseAlarms == 0)
  }

  static let healthySeeds =
    ProcessInfo.processInfo.environment["ANODYNE_HEALTHY_SEEDS"].flatMap(Int.init) ?? 0

  @Test(.enabled(if: isRelease))
  func `Shorts outside are named within five milliseconds, and no burst is`() async throws {
    var suite = try suite("reference")
    suite.scenarios = suite.scenarios.filter {
      $0.name.hasPrefix("external-short/") || $0.name.hasPrefix("bursts/")
    }
    for index in suite.scenarios.indices { suite.scenarios[index].seeds = Self.isSlow ? 25 : 2 }
    let records = await SuiteRunner(suite, detectors: [.rules]).run(
      workers: ProcessInfo.processInfo.activeProcessorCount)
    let card = Scorecard(records, kinds: [.rules])
    let rows = card.detectors[0].classes.filter { $0.fault == .externalShort }
    let recall = rows.reduce(0) { $0 + $1.detected.count }
    let shorts = rows.reduce(0) { $0 + $1.detected.total }
    let slowest = rows.compactMap(\.delay.last).max() ?? .infinity
    print("external short: \(recall) of \(shorts), slowest \(slowest * 1e3) ms")
    #expect(shorts >= 16)
    #expect(Double(recall) >= 0.99 * Double(shorts))
    #expect(rows.allSatisfy { $0.precision.value >= 0.95 })
    #expect(slowest <= 0.005)
    let deadline = try #require(card.controller.deadlines.first { $0.cause == .externalShort })
    #expect(deadline.met.count == deadline.met.total)
  }

  private func suite(_ name: String) throws -> ScenarioSuite {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let url = folder.appending(path: "Examples/scenarios/\(name).yaml")
    return try ScenarioSuite(String(contentsOf: url, encoding: .utf8), file: name)
  }

  @Test func `The reference suite has two hundred scenarios of five seeds`() throws {
    let reference = try suite("reference")
    #expect(reference.scenarios.count >= 200)
    #expect(reference.scenarios.allSatisfy { $0.seeds >= 5 })
    let present = Set(reference.scenarios.flatMap(\.faults).map(\.kind))
    #expect(present == Set(FaultClass.allCases).subtracting([.thermalRunaway]))
    #expect(try suite("internal-short").runs == 5)
    #expect(try suite("healthy").scenarios.allSatisfy(\.faults.isEmpty))
  }
}
