// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Numbers of propagation runs that need a release build: convergence and size.

import Foundation
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
    // Pouches: the chain crosses rows too, and every cell burns.
    pack.cell.shell = .pouch
    return pack
  }

  @Test(arguments: [25, 100, 400, 1_000])
  func `an hour with propagation closes its balance at every size`(count: Int) throws {
    // Rows that touch: every cell burns within the hour.
    let columns = [25: 5, 100: 10, 400: 20, 1_000: 25][count] ?? 20
    var pack = try Self.module(count, columns: columns)
    pack.arrangement = PackArrangement(
      geometry: pack.cell.geometry, kind: .stack, count: count, columns: columns, gap: 0, rowGap: 0)
    pack.trigger.cell = count / 2
    let start = Self.threadSeconds()
    var simulation = PackSimulation(pack)
    let result = simulation.run()
    let time = (Self.threadSeconds() - start) * 1e3
    print(
      "pack of \(count): \(time) ms CPU, \(result.steps) steps, \(result.outcome.rawValue), "
        + "\(result.sequence.count) cells, balance \(result.energy.imbalance)")
    #expect(result.energy.imbalance < 1e-6)
    #expect(result.sequence.count > 10)
  }

  @Test func `the standard step is converged`() throws {
    var pack = try Self.module(8, columns: 8)
    pack.arrangement = PackArrangement(
      geometry: pack.cell.geometry, kind: .stack, count: 8, columns: 8, gap: 0, rowGap: 0.01)
    var standard = PackSimulation(pack)
    let coarse = standard.run()
    var fine = PackSimulation(pack)
    fine.stepping = .precise
    let reference = fine.run()
    let a = coarse.sequence.map(\.time)
    let b = reference.sequence.map(\.time)
    print("standard \(a)\nfine     \(b)")
    #expect(a.count == b.count)
    for (x, y) in zip(a, b) { #expect(abs(x - y) < 0.02 * y + 2) }
    let peakError = zip(coarse.peaks, reference.peaks).map { abs($0 - $1) }.max() ?? .nan
    let crossing = (a.last ?? .nan) - a[1]
    let exact = (b.last ?? .nan) - b[1]
    print("peaks within \(peakError) K, crossing of a cell \(crossing / 6) against \(exact / 6) s")
    #expect(peakError < 3)
    #expect(abs(crossing - exact) < 0.015 * exact)
  }

  @Test func `more nodes through the thickness change the crossing time little`() throws {
    var times: [Double] = []
    for nodes in [5, 10, 20] {
      var pack = try Self.module(4, columns: 4)
      pack.arrangement = PackArrangement(
        geometry: pack.cell.geometry, kind: .stack, count: 4, columns: 4, gap: 0, rowGap: 0.01)
      pack.nodesPerCell = nodes
      var simulation = PackSimulation(pack)
      let order = simulation.run().sequence
      times.append(order.count == 4 ? order[3].time - order[1].time : .nan)
    }
    print("crossing of two cells with 5, 10, 20 nodes: \(times) s")
    #expect(abs(times[1] - times[2]) < 0.1 * times[2])
    #expect(abs(times[0] - times[2]) < 0.25 * times[2])
  }
}
