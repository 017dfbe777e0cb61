// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests recorded on single-particle models with known numbers.

import CellIdentification
import CellModels
import Foundation

/// A simulated cell: a published set with numbers of its own, and tests recorded on it.
struct SingleParticleTruth {
  let cell: CellParameters
  /// Factors on the base set by quantity; that of the contact resistance is its value in ohms.
  let factors: [SingleParticleQuantity: Double]
  /// Stoichiometries of the empty and the full cell.
  let window: (empty: Electrodes, full: Electrodes)

  typealias Electrodes = (negative: Double, positive: Double)

  /// Draws a cell about a base set, as far as the spreads say, with an area and thicknesses of its
  /// own.
  ///
  /// - Parameters:
  ///   - base: The set.
  ///   - seed: Of the draw.
  ///   - reach: Share of the spreads.
  /// - Throws: `ParameterError` when the cell has no state between its cut-offs.
  init(base: CellParameters, seed: UInt64, reach: Double = 0.4) throws {
    var random = Random(seed: seed)
    var cell = base
    var factors: [SingleParticleQuantity: Double] = [:]
    // Another size of cell, which balancing has to find.
    cell.electrodeArea *= 0.6
    cell.nominalCapacity *= 0.6
    for quantity in SingleParticleQuantity.allCases {
      let factor = exp(reach * quantity.spread * random.normal())
      factors[quantity] = factor
      switch quantity {
      case .contactResistance:
        factors[quantity] = 0.005 * factor
        cell.contactResistance = 0.005 * factor
      case .electrodeArea:
        cell.electrodeArea *= factor
        cell.negative.thickness /= factor
        cell.positive.thickness /= factor
      default: try cell.change(quantity.rawValue, .multiply(factor))
      }
    }
    self.cell = cell
    self.factors = factors
    window = (
      try cell.stoichiometries(stateOfCharge: 0), try cell.stoichiometries(stateOfCharge: 1)
    )
  }

  /// The value that a finding should have.
  func value(of finding: SingleParticleIdentification.Finding) -> Double? {
    switch finding.quantity {
    case .contactResistance: cell.contactResistance
    case .electrodeArea: cell.electrodeArea * cell.pairCount
    default: factors[finding.quantity].map { finding.base * $0 }
    }
  }

  /// Stoichiometries of what the tests call empty: `charge` coulombs from full.
  func empty(after charge: Double) -> Electrodes {
    let moles = charge / 96_485.332_12
    let hosts = cell.hostCapacity
    return (
      window.full.negative - moles / hosts.negative, window.full.positive + moles / hosts.positive
    )
  }

  /// Runs steps of constant current from full, sampled at intervals.
  func record(
    _ name: String, _ steps: [(rate: Double, duration: Double, interval: Double)],
    noise: RecordingNoise, seed: UInt64
  ) throws -> Recording {
    var source = RecordingNoise.Source(noise, seed: seed)
    let start = window.full
    var simulation = CellSimulation(
      try SingleParticleModel(cell, withElectrolyte: true), negative: start.negative,
      positive: start.positive, temperature: 298.15)
    var limits = CellLimits()
    limits.lowerVoltage = cell.lowerCutOff
    limits.upperVoltage = cell.upperCutOff + 0.1
    var times: [Double] = []
    var currents: [Double] = []
    var voltages: [Double] = []
    for step in steps {
      let current = step.rate * cell.nominalCapacity / 3_600
      _ = simulation.run(
        .current(current), duration: step.duration, limits: limits, interval: step.interval
      ) { time, state, model in
        // The start of a step has the time of the end of the one before, and another current.
        if let last = times.last, time <= last { return true }
        times.append(time)
        currents.append(current)
        let step = time - (times.dropLast().last ?? time)
        voltages.append(model.observe(state).voltage + source.next(after: step))
        return true
      }
    }
    return Recording(
      name: name, times: times, currents: currents, voltages: voltages,
      temperatures: times.map { _ in 298.15 })
  }

  /// A C/25 discharge and charge, a pulse test and a 1C discharge.
  func tests(noise: RecordingNoise, seed: UInt64) throws -> [Recording] {
    var pulses: [(rate: Double, duration: Double, interval: Double)] = [(0, 20, 2)]
    for _ in 0..<8 {
      pulses += [
        (2, 20, 1), (0, 60, 2), (-1, 20, 1), (0, 60, 2), (0.5, 720, 20), (0, 900, 20),
      ]
    }
    // The charge gives back what the discharge took: it ends full, as one that is held does.
    let discharge = try record(
      "slow", [(0.04, 100_000, 120)], noise: RecordingNoise(white: 0), seed: seed
    )
    .duration
    let tests = [
      try record(
        "slow", [(0.04, 100_000, 120), (0, 3_600, 120), (-0.04, discharge, 120)], noise: noise,
        seed: seed),
      try record("pulses", pulses, noise: noise, seed: seed + 1),
      try record("1C", [(0, 20, 2), (1, 4_000, 10)], noise: noise, seed: seed + 2),
    ]
    // Nobody keeps a test that the cell broke off at once.
    return tests.filter { $0.count >= 20 }
  }

  /// A drive of many currents.
  func drive(noise: RecordingNoise, seed: UInt64) throws -> Recording {
    var random = Random(seed: seed)
    let steps = (0..<150).map { _ in
      (rate: 0.8 + 1.2 * random.normal(), duration: 12.0, interval: 2.0)
    }
    return try record("drive", [(0, 10, 2)] + steps, noise: noise, seed: seed)
  }
}
