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
