// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Open-circuit voltage, capacity and hysteresis out of slow tests with known truth.

import CellIdentification
import CellModels
import Foundation
import Testing

@Suite("Open-circuit tests")
struct OpenCircuitTests {
  /// A slow discharge and charge of a cell with known curve, loop and resistance.
  private func slowTest(
    capacity: Double = 9_000, offset: Double = 0, noise: Double = 0, withCharge: Bool = true
  ) -> Recording {
    var random = Random(seed: 7)
    let current = capacity / (20 * 3_600)
    var times: [Double] = []
    var currents: [Double] = []
    var voltages: [Double] = []
    var time = 0.0
    func add(_ current: Double, _ voltage: Double, _ random: inout Random) {
      times.append(time)
      currents.append(current + offset)
      voltages.append(voltage + noise * random.normal())
      time += 60
    }
    for step in 0...1_200 {
      add(current, Truth.open(1 - Double(step) / 1_200) - 0.012 - current * 0.06, &random)
    }
    for _ in 0..<60 { add(-offset, Truth.open(0) - 0.012, &random) }
    if withCharge {
      for step in 1...1_200 {
        add(-current, Truth.open(Double(step) / 1_200) + 0.012 + current * 0.06, &random)
      }
    }
    return Recording(name: "slow", times: times, currents: currents, voltages: voltages)
  }

  @Test("Capacity, curve and width of the loop come out as put in", arguments: [0, 1e-3])
  func recovery(noise: Double) throws {
    let test = try #require(OpenCircuitTest(slowTest(noise: noise)))
    #expect(abs(test.capacity / 9_000 - 1) < 1e-9)
    #expect(abs(try #require(test.coulombicOffset)) < 1e-6)
    let width = try #require(test.halfWidth)
    let curve = test.openCircuit
    for index in stride(from: 5, through: 195, by: 10) {
      let z = test.nodes[index]
      #expect(abs(curve.value(at: z) - Truth.open(z)) < 1.5e-3 + noise)
      #expect(abs(width[index] - 0.012 - 0.125 * 0.06) < 1.5e-3 + noise)
    }
    #expect(zip(curve.values, curve.values.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("An offset of the current is stated and does not shift the branches against each other")
  func offset() throws {
    let test = try #require(OpenCircuitTest(slowTest(offset: 0.002)))
    // The current is low by 0.002 A on charge and high on discharge, of 0.125 A.
    #expect(abs(try #require(test.coulombicOffset) - (0.123 / 0.127 - 1)) < 1e-3)
    #expect(abs(test.openCircuit.value(at: 0.5) - Truth.open(0.5)) < 1e-3)
  }

  @Test("Without a charge branch there is a curve but no loop")
  func dischargeOnly() throws {
    let test = try #require(OpenCircuitTest(slowTest(withCharge: false)))
    #expect(test.halfWidth == nil && test.coulombicOffset == nil)
    #expect(abs(test.openCircuit.value(at: 0.5) - (Truth.open(0.5) - 0.0195)) < 1e-3)
  }

  @Test("A fast discharge is no slow test")
  func fast() {
    let times = (0...3_600).map(Double.init)
    let recording = Recording(
      name: "1C", times: times, currents: times.map { _ in 2.5 },
      voltages: times.map { 4.2 - $0 / 3_600 })
    #expect(OpenCircuitTest(recording) == nil)
  }
}
