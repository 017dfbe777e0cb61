// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Numbers of propagation runs that need a release build: convergence, size, random packs.

import Foundation
import NumericalMethods
import PackModels
import TestSupport
import Testing

private let isEnabled = ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] != nil

@Suite(.enabled(if: isEnabled), .serialized) struct PackSpeedReleaseTests {
  static func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  static func module(_ count: Int, columns: Int) throws -> PackDescription {
    let cell = try #require(PackCell.named("ncm-25ah"))
    var pack = PackDescription(
      cell: cell, wiring: .groupsInSeries(series: count, parallel: 1),
      arrangement: PackArrangement(
        geometry: cell.geometry, kind: .stack, count: count, columns: columns, gap: 0.001,
        rowGap: 0.01))
    pack.trigger.power = 600
    return pack
  }

  @Test(arguments: [25, 100, 400, 1_000])
  func `cost of an hour with propagation`(count: Int) throws {
    let pack = try Self.module(count, columns: 20)
    let start = Self.threadSeconds()
    var simulation = PackSimulation(pack)
    let result = simulation.run()
    let time = (Self.threadSeconds() - start) * 1e3
    print(
      "pack of \(count): \(time) ms CPU, \(result.steps) steps, \(result.outcome.rawValue), "
        + "\(result.sequence.count) cells, balance \(result.energy.imbalance)")
    #expect(result.energy.imbalance < 1e-6)
  }
}
