// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Two recorded vehicles on the core; the table of the validation page.

import Foundation
import OnboardConfiguration
import OnboardReplay
import TestSupport
import Testing

@Suite(
  "Recorded vehicles on the core",
  .enabled(
    if: Datasets.has("ev_fault_vehicles/car2_processed.csv.zip")
      && ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"
      && ProcessInfo.processInfo.environment["SLOW_TESTS"] == "1",
    Comment(rawValue: Datasets.skipMessage + ", ANODYNE_RELEASE_TESTS=1 and SLOW_TESTS=1")))
struct VehicleReplayReleaseTests {
  private func replay(_ car: Int) throws -> ReplayResult {
    let url = Datasets.repositoryRoot.appending(path: "Examples/bms/telemetry-88s.yaml")
    // The second vehicle has a cell less, and eight of its probes are dead.
    let overrides =
      car == 2 ? [] : [(path: "pack.cells", value: "87"), (path: "pack.probes", value: "15")]
    let image = try ConfigurationFile.read(
      String(contentsOf: url, encoding: .utf8), file: url.path, overrides: overrides)
    var run = ReplayRun(
      path: Datasets.file("ev_fault_vehicles/car\(car)_processed.csv.zip").path, name: image.name)
    run.options.usesInsulation = false
    if car == 3 { run.options.probes = Array(0..<7) + Array(15..<23) }
    return try image.open(&run)
  }

  /// Warnings about a cell, by the rows that judge cells.
  private func accused(_ result: ReplayResult) -> Set<Int> {
    let causes = ["rest drift", "self discharge", "internal short"]
    return Set(
      (result.trips("recommended") + result.trips("safety"))
        .filter { causes.contains($0.cause) }.compactMap(\.number))
  }

  @Test("car2: cell 82 ends lowest by far and is the only one warned of")
  func car2() throws {
    let result = try replay(2)
    let lowest = result.standing[0]
    #expect(lowest.number == 82)
    #expect(lowest.firstCharge > -0.04)
    #expect(lowest.lastCharge < -0.08)
    #expect(result.standing[1].lastCharge > -0.05)
    #expect(accused(result) == [82])
    let first = try #require(result.trips("recommended").first { $0.cause == "rest drift" })
    // 2019-05-10, the first alarm of the highest level in the recording.
    #expect(first.time < 1_557_446_400)
    #expect(result.trips("recommended").allSatisfy { !$0.before.isEmpty && $0.limitVersion == 3 })
  }

  @Test("car3: cells 81 and 2 stand lowest and stay so, and no other cell is warned of")
  func car3() throws {
    let result = try replay(3)
    #expect(result.standing.prefix(2).map(\.number) == [81, 2])
    #expect(result.standing.prefix(2).allSatisfy { abs($0.change) < 0.01 })
    #expect(accused(result).isSubset(of: [81, 2]))
    #expect(result.trips("safety").isEmpty)
  }
}
