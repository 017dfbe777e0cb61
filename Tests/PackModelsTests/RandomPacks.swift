// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Random packs, housings and triggers, and what must hold for a run of each.

import Foundation
import NumericalMethods
import PackModels
import Testing

/// Random packs from a seeded generator.
enum RandomPacks {
  /// What must hold for the run of a pack: finite, plausible temperatures, a closed balance, an end.
  ///
  /// - Returns: How the run ended.
  static func check(_ pack: PackDescription, _ label: String) -> PackOutcome {
    var simulation = PackSimulation(pack)
    let result = simulation.run()
    let finite = result.peaks.allSatisfy { $0.isFinite && $0 > 150 && $0 < 10_000 }
    #expect(finite, "\(label): peaks \(result.peaks)")
    #expect(
      result.energy.imbalance < 1e-6, "\(label): \(result.energy), \(result.energy.imbalance)")
    #expect(result.steps < 200_000, "\(label)")
    // Gas is never hotter than the hottest that warms it, nor much colder than what it starts from.
    let hottest = max(
      result.rows.flatMap(\.temperatures).max() ?? 0, result.hottest, pack.temperature,
      pack.trigger.kind == .oven ? pack.trigger.ovenTemperature : 0)
    let coldest = min(pack.temperature, pack.cooling.coolantTemperature) - 2
    for row in result.rows {
      let plausible =
        row.pressure.isFinite && row.flammability.isFinite && row.gasOutside >= -1e-9
        && row.gasTemperatures.allSatisfy { $0 > coldest && $0 < hottest + 5 }
      #expect(
        plausible,
        "\(label): gas of \(row.gasTemperatures) K at \(row.time) s, \(row.pressure) Pa, hottest \(hottest)"
      )
      if !plausible { break }
    }
    return result.outcome
  }

  /// A housing of any proportion that a file can describe.
  static func housing(using generator: inout Xoshiro256) -> PackEnclosure {
    func between(_ range: ClosedRange<Double>) -> Double {
      Double.random(in: range, using: &generator)
    }
    var housing = PackEnclosure(volume: pow(10, between(-3...2)))
    housing.compartments = Int.random(in: 1...8, using: &generator)
    housing.direction = Bool.random(using: &generator) ? .along : .across
    housing.openingArea = Bool.random(using: &generator) ? pow(10, between(-6...0)) : 0
    housing.ventCompartment = Int.random(in: 0..<housing.compartments, using: &generator)
    housing.ventArea = Bool.random(using: &generator) ? pow(10, between(-6...0)) : 0
    housing.burstPressure = pow(10, between(2...6))
    housing.breatherArea = Bool.random(using: &generator) ? pow(10, between(-8...(-3))) : 0
    housing.tearPressure = housing.burstPressure * pow(10, between(0.1...2))
    housing.convection = Bool.random(using: &generator) ? pow(10, between(-1...3)) : 20
    housing.wallMass = pow(10, between(-2...2))
    return housing
  }

  /// A pack in a housing, or without one.
  static func any(using generator: inout Xoshiro256, housed: Bool) -> PackDescription {
    var pack = bare(using: &generator)
    if housed { pack.enclosure = housing(using: &generator) }
    return pack
  }

  /// A pack without a housing.
  static func bare(using generator: inout Xoshiro256) -> PackDescription {
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
