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

  @Test func `random packs and triggers end with a named outcome and a closed balance`() throws {
    let isLong = ProcessInfo.processInfo.environment["SLOW_TESTS"] != nil
    let count = isLong ? 10_000 : 400
    var generator = Xoshiro256(seed: 20_261_121)
    var outcomes: [PackOutcome: Int] = [:]
    for index in 0..<count {
      let pack = Self.random(using: &generator)
      var simulation = PackSimulation(pack)
      let result = simulation.run()
      outcomes[result.outcome, default: 0] += 1
      let finite = result.peaks.allSatisfy { $0.isFinite && $0 > 150 && $0 < 10_000 }
      #expect(
        finite,
        "pack \(index): peaks \(result.peaks)")
      #expect(result.energy.imbalance < 1e-6, "pack \(index): \(result.energy)")
      #expect(result.steps < 200_000)
      let gas = result.rows.allSatisfy { row in
        row.pressure.isFinite && row.gasTemperatures.allSatisfy { $0 > 140 && $0 < 10_000 }
      }
      #expect(gas, "pack \(index): gas in the housing")
    }
    print("random packs: \(outcomes)")
    #expect(outcomes.count == PackOutcome.allCases.count)
  }

  static func random(using generator: inout Xoshiro256) -> PackDescription {
    func between(_ range: ClosedRange<Double>) -> Double {
      Double.random(in: range, using: &generator)
    }
    let name = PackCell.names.randomElement(using: &generator) ?? PackCell.names[0]
    guard var cell = PackCell.named(name) else { preconditionFailure("names are known") }
    cell.resistance *= between(0.3...3)
    cell.conductivity *= between(0.3...3)
    let count = Int.random(in: 1...8, using: &generator)
    let isFlat = name == "ncm-25ah"
    let series = count % 2 == 0 && Bool.random(using: &generator) ? count / 2 : count
    let gap = Bool.random(using: &generator) ? 0 : between(0...0.01)
    let isString = Bool.random(using: &generator)
    let kind: ArrangementKind =
      isFlat ? .stack : Bool.random(using: &generator) ? .square : .hexagonal
    let arrangement = PackArrangement(
      geometry: cell.geometry, kind: kind, count: count,
      columns: Int.random(in: 1...count, using: &generator), gap: gap, rowGap: gap)
    let wiring: Wiring =
      isString
      ? .stringsInParallel(series: series, parallel: count / series)
      : .groupsInSeries(series: series, parallel: count / series)
    var pack = PackDescription(cell: cell, wiring: wiring, arrangement: arrangement)
    if gap > 1e-4, Bool.random(using: &generator) {
      pack.barrier = Barrier(
        material: BarrierMaterial.allCases.randomElement(using: &generator) ?? .mica,
        thickness: gap * between(0.1...1))
    }
    pack.filling = BarrierMaterial.allCases.randomElement(using: &generator) ?? .air
    pack.contactResistance = pow(10, between(-4...(-1)))
    pack.cooling.convection = between(0...50)
    pack.cooling.plate = Bool.random(using: &generator) ? 0 : between(0...2_000)
    pack.cooling.immersion = Bool.random(using: &generator) ? 0 : between(0...500)
    pack.cooling.failsAt = Bool.random(using: &generator) ? nil : between(0...2_000)
    if Bool.random(using: &generator) {
      pack.fuse = CellFuse(
        ratedCurrent: between(1...200), meltingIntegral: pow(10, between(1...5)))
    }
    if Bool.random(using: &generator) { pack.contactorsOpenAt = between(320...400) }
    switch Int.random(in: 0...3, using: &generator) {
    case 0: pack.load = .open
    case 1: pack.load = .current(between(-2...3) * cell.capacity / 3_600)
    case 2: pack.load = .power(between(-1...3) * cell.capacity / 3_600 * 4)
    default: pack.load = .resistance(between(1e-3...10))
    }
    pack.spread.capacity = between(0...0.1)
    pack.spread.resistance = between(0...0.3)
    pack.spread.stateOfCharge = between(0...0.1)
    pack.spread.heat = between(0...0.1)
    pack.stateOfCharge = between(0...1)
    pack.lithiumLoss = between(0...0.3)
    pack.temperature = between(253...333)
    pack.nodesPerCell = Int.random(in: 1...10, using: &generator)
    pack.trigger.kind = Trigger.Kind.allCases.randomElement(using: &generator) ?? .heater
    pack.trigger.cell = Int.random(in: 0..<count, using: &generator)
    pack.trigger.power = pow(10, between(0...4))
    pack.trigger.resistance = pow(10, between(-3...3))
    pack.trigger.finalResistance = pow(10, between(-4...0))
    pack.trigger.fall = between(0...2_000)
    pack.trigger.ovenTemperature = between(350...600)
    pack.trigger.current = between(0.2...4) * cell.capacity / 3_600
    pack.venting.ejectedMass = between(0...0.8)
    pack.venting.jetShare = between(0...1)
    pack.duration = pow(10, between(1.5...4))
    pack.seed = UInt64.random(in: 0...1_000, using: &generator)
    return pack
  }
}
