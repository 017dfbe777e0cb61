// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Circuits found again in tests of cells with known parameters.

import CellIdentification
import CellModels
import Foundation
import Testing

@Suite("Circuit identification")
struct CircuitIdentificationTests {
  private func identify(
    noise: Double = 5e-4, seed: UInt64 = 1, celsius: [Double] = [25]
  ) throws -> CircuitIdentification {
    let truth = Truth.circuit()
    var recordings: [Recording] = []
    for (index, value) in celsius.enumerated() {
      let number = 10 * seed + UInt64(index)
      recordings.append(Truth.pulses(truth, celsius: value, noise: noise, seed: number))
    }
    recordings.append(Truth.slow(truth, noise: noise, seed: 10 * seed + 9))
    return try CircuitIdentification(recordings, settings: Truth.settings)
  }

  @Test("Resistances and the time constant of a known cell lie in their intervals")
  func recovery() throws {
    let found = try identify()
    let group = try #require(found.groups.first)
    let truth = Truth.circuit()
    let tau = try #require(group.timeConstants.first)
    #expect(abs(log(tau.value / 40)) < 0.1)
    for (node, z) in Truth.nodes.enumerated() where z > 0.1 && z < 0.9 {
      let series = group.discharge[0][node]
      let pair = group.discharge[1][node]
      let series0 = truth.seriesResistance.value(
        stateOfCharge: z, temperature: 298.15, dischargeShare: 1)
      let pair0 = truth.pairs[0].resistance.value(
        stateOfCharge: z, temperature: 298.15, dischargeShare: 1)
      #expect(abs(series.value - series0) < 1e-3, "\(z): \(series) for \(series0)")
      #expect(abs(pair.value - pair0) < 2e-3, "\(z): \(pair) for \(pair0)")
      #expect(series.error > 0 && series.error < 1e-3)
    }
    #expect(group.rootMeanSquare < 1e-3)
    #expect(abs(found.parameters.capacity / 9_000 - 1) < 1e-3)
    #expect(!found.energyIsIdentified && found.notes.contains { $0.contains("assumed") })
  }

  @Test("Intervals of 95 % hold the truth in nine cases of ten, and are useful")
  func coverage() throws {
    let truth = Truth.circuit()
    var inside = 0
    var total = 0
    for seed in 1...8 {
      let group = try #require(identify(noise: 1e-3, seed: UInt64(seed)).groups.first)
      for (node, z) in Truth.nodes.enumerated() where z > 0.1 && z < 0.9 {
        for (block, map) in [truth.seriesResistance, truth.pairs[0].resistance].enumerated() {
          let value = map.value(stateOfCharge: z, temperature: 298.15, dischargeShare: 1)
          let found = group.discharge[block][node]
          let span = group.intervalFactor * found.error
          total += 1
          if abs(found.value - value) < span { inside += 1 }
          // An interval wider than the value itself would hold anything.
          #expect(span < 0.2 * value)
          #expect(group.resolution.discharge[block][node] > 0.5)
        }
      }
    }
    // More cells, noises and nodes: IntervalCoverageReleaseTests.
    #expect(Double(inside) >= 0.9 * Double(total), "\(inside) of \(total)")
  }

  @Test("Two temperatures give the activation energy, and a third is predicted")
  func temperatures() throws {
    let found = try identify(noise: 2e-4, celsius: [0, 25])
    #expect(found.groups.count == 2 && found.energyIsIdentified)
    #expect(abs(found.activationEnergy - 25_000) < 2_500)
    let drive = Truth.record(
      "drive", Truth.circuit(), celsius: -10, noise: 0, seed: 5,
      profile: [(0, 10, 1)] + (0..<60).map { (3 * sin(Double($0)) + 1.5, 30, 1) })
    let validation = CircuitValidation(found.parameters, on: drive, start: found.start)
    #expect(validation.error.rootMeanSquare < 0.1 * validation.openCircuitError.rootMeanSquare)
    #expect(validation.bands.map(\.error.count).reduce(0, +) == drive.count)
  }

  @Test("Gaps, a clock that does not start at zero and missing temperatures do no harm")
  func gaps() throws {
    let truth = Truth.circuit()
    let whole = Truth.pulses(truth, noise: 2e-4, seed: 3)
    var times: [Double] = []
    var currents: [Double] = []
    var voltages: [Double] = []
    for row in 0..<whole.count where row % 97 != 5 {
      times.append(whole.times[row] + 1e6)
      currents.append(whole.currents[row])
      voltages.append(row % 101 == 7 ? .nan : whole.voltages[row])
    }
    let cut = Recording(name: "cut", times: times, currents: currents, voltages: voltages)
    let found = try CircuitIdentification(
      [cut, Truth.slow(truth, noise: 2e-4, seed: 4)], settings: Truth.settings)
    let series = try #require(found.groups.first).discharge[0][2].value
    #expect(abs(series - 0.022) < 2e-3)
  }

  @Test("What cannot be identified is refused by name")
  func refused() throws {
    let truth = Truth.circuit()
    let pulses = Truth.pulses(truth, noise: 2e-4, seed: 3)
    let reversed = Recording(
      name: "reversed", times: pulses.times, currents: pulses.currents.map { -$0 },
      voltages: pulses.voltages)
    #expect(throws: IdentificationError.wrongSign(recording: "reversed")) {
      try CircuitIdentification([reversed])
    }
    #expect(throws: IdentificationError.tooFewSamples(recording: "short", count: 2, needed: 20)) {
      try CircuitIdentification([
        Recording(name: "short", times: [0, 1], currents: [0, 1], voltages: [4, 3.9])
      ])
    }
    #expect(throws: IdentificationError.noExcitation(steps: 0, needed: 5)) {
      try CircuitIdentification([Truth.slow(truth, noise: 0, seed: 1)])
    }
    let short = Truth.record(
      "drive", truth, noise: 0, seed: 1, profile: (0..<40).map { (Double($0 % 3), 5, 1) })
    do {
      _ = try CircuitIdentification([short])
      Issue.record("a drive of minutes tells no capacity")
    } catch {
      guard case .noStartingPoint = error else {
        Issue.record("\(error)")
        return
      }
      #expect(error.description.contains("C/20"))
    }
  }

  @Test("A pulse test from full to empty is enough without a slow test")
  func withoutSlowTest() throws {
    let truth = Truth.circuit()
    var profile: [(current: Double, duration: Double, step: Double)] = [(0, 20, 2)]
    for _ in 0..<10 { profile += [(5, 20, 1), (0, 100, 5), (1.25, 640, 20), (0, 1_800, 30)] }
    let recording = Truth.record("pulses", truth, noise: 2e-4, seed: 2, profile: profile)
    let found = try CircuitIdentification([recording], settings: Truth.settings)
    #expect(abs(found.parameters.capacity / 9_000 - 1) < 0.02)
    let middle = found.parameters.openCircuit.voltage(at: 0.5, temperature: 298.15)
    #expect(abs(middle - Truth.open(0.5)) < 5e-3)
    #expect(found.notes.contains { $0.contains("charge takes the resistances of discharge") })
  }
}
