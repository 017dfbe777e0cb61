// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// CPU time of an oven test, with its error against tight tolerances beside it.

import Foundation
import NumericalMethods
import RunawayModels
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite(
  "Speed of abuse tests", .serialized,
  .enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct AbuseSpeedReleaseTests {
  /// CPU time of this thread, in milliseconds.
  static func milliseconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
    return 1e3 * Double(now.tv_sec) + 1e-6 * Double(now.tv_nsec)
  }

  @Test(
    "An oven test stays below ten milliseconds, within 2 % of the peak and a second",
    arguments: [("lco-18650", 155.0), ("ncm-18650", 180), ("lfp-18650", 210)])
  func oven(name: String, celsius: Double) throws {
    let cell = try #require(AbuseCell.named(name))
    var simulation = AbuseSimulation(cell: cell, test: .oven(temperature: celsius + 273.15))
    var result = simulation.run()
    var smallest = Double.infinity
    for _ in 0..<11 {
      let start = Self.milliseconds()
      result = simulation.run()
      smallest = min(smallest, Self.milliseconds() - start)
    }
    simulation.tolerance = 1e-6
    let fine = simulation.run()
    let peak = result.peakTemperature - fine.peakTemperature
    let time =
      try #require(result.event(.runaway)).time - #require(fine.event(.runaway)).time
    print("\(name), \(celsius) °C: \(smallest) ms CPU, \(result.steps) steps, \(peak) K, \(time) s")
    #expect(smallest < 10)
    #expect(abs(peak) < 0.02 * fine.peakTemperature)
    #expect(abs(time) < 1)
  }
}
