// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Runaway through packs: by kinetics, with every joule accounted for.

import Foundation
import NumericalMethods
import PackModels
import Testing

@Suite struct PropagationTests {
  private func stack(_ count: Int, gap: Double) throws -> PackDescription {
    let cell = try #require(PackCell.named("ncm-25ah"))
    var pack = PackDescription(
      cell: cell, wiring: .groupsInSeries(series: count, parallel: 1),
      arrangement: PackArrangement(
        geometry: cell.geometry, kind: .stack, count: count, columns: count, gap: gap,
        rowGap: 0.01))
    pack.trigger.power = 600
    return pack
  }

  @Test func `a heated cell of a bare stack takes the others with it, one after the other`() throws
  {
    var simulation = PackSimulation(try stack(6, gap: 0))
    let result = simulation.run()
    #expect(result.outcome == .wholePack)
    #expect(result.sequence.map(\.cell) == Array(0..<6))
    #expect(result.energy.imbalance < 1e-9)
    #expect(result.events.first?.kind == .triggered)
    #expect(abs((result.events.first?.temperature ?? 0) - 298.15) < 1e-9)
    let second = try #require(result.timeToSecondCell)
    #expect(second > 15 && second < 200)
  }

  @Test func `aerogel between cells stops it`() throws {
    var pack = try stack(6, gap: 0.006)
    pack.barrier = Barrier(material: .aerogel, thickness: 0.006)
    pack.cooling.plate = 200
    pack.venting.jetShare = 0
    var simulation = PackSimulation(pack)
    let result = simulation.run()
    #expect(result.outcome == .contained)
    #expect(result.energy.imbalance < 1e-9)
  }

  @Test func `a colder, emptier stack propagates later or not at all`() throws {
    var full = PackSimulation(try stack(4, gap: 0))
    let reference = full.run()
    var pack = try stack(4, gap: 0)
    pack.stateOfCharge = 0.5
    var half = PackSimulation(pack)
    let result = half.run()
    let first = try #require(reference.timeToSecondCell)
    #expect(result.timeToSecondCell.map { $0 > first } ?? true)
    #expect(result.energy.imbalance < 1e-9)
  }

  @Test func `nothing happens without a trigger`() throws {
    var pack = try stack(4, gap: 0.002)
    pack.trigger.kind = .none
    var simulation = PackSimulation(pack)
    let result = simulation.run()
    #expect(result.outcome == .noRunaway)
    #expect(result.peaks.allSatisfy { abs($0 - 298.15) < 1e-6 })
  }

  @Test func `the cells beside a short feed it until their fuses melt`() throws {
    let cell = try #require(PackCell.named("ncm-18650"))
    var pack = PackDescription(
      cell: cell, wiring: .groupsInSeries(series: 1, parallel: 8),
      arrangement: PackArrangement(
        geometry: cell.geometry, kind: .square, count: 8, columns: 4, gap: 0.002, rowGap: 0.002))
    pack.trigger.kind = .nail
    pack.trigger.cell = 2
    var bare = PackSimulation(pack)
    let unprotected = bare.run()
    pack.fuse = CellFuse(ratedCurrent: 15, meltingIntegral: 500)
    var protected = PackSimulation(pack)
    let result = protected.run()
    #expect(result.events.contains { $0.kind == .fuse && $0.cell == 2 })
    #expect(!unprotected.events.contains { $0.kind == .fuse })
    #expect(result.energy.electrical < unprotected.energy.electrical)
    #expect(result.energy.imbalance < 1e-9 && unprotected.energy.imbalance < 1e-9)
  }

  @Test func `an oven above the critical temperature fires every cell`() throws {
    let cell = try #require(PackCell.named("lco-18650"))
    var pack = PackDescription(
      cell: cell, wiring: .cell(0),
      arrangement: PackArrangement(
        geometry: cell.geometry, kind: .square, count: 1, columns: 1, gap: 0, rowGap: 0))
    pack.cooling.convection = 7.17
    pack.trigger.kind = .oven
    pack.duration = 6 * 3_600
    var outcomes: [PackOutcome] = []
    for celsius in [140.0, 158] {
      pack.trigger.ovenTemperature = celsius + 273.15
      var simulation = PackSimulation(pack)
      outcomes.append(simulation.run().outcome)
    }
    #expect(outcomes == [.noRunaway, .wholePack])
  }

  @Test func `the same seed gives the same bits`() throws {
    var pack = try stack(3, gap: 0)
    pack.spread.capacity = 0.02
    pack.spread.heat = 0.05
    pack.spread.contact = 0.2
    var first = PackSimulation(pack)
    var second = PackSimulation(pack)
    let a = first.run()
    let b = second.run()
    #expect(a.rows == b.rows && a.events == b.events)
    pack.seed = 2
    var third = PackSimulation(pack)
    #expect(third.run().runawayTimes != a.runawayTimes)
  }
}
