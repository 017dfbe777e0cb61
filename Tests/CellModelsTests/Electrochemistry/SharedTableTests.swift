// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tabulated functions of one cell read by many tasks at once.

import CellModels
import Testing

@Suite("Shared tables")
struct SharedTableTests {
  /// Voltages of ten minutes at 2C.
  private static func voltages() throws -> [UInt64] {
    let start = try CellParameters.chen2020.stoichiometries(stateOfCharge: 1)
    // Models of one set share its tables; each is let go at the end.
    var simulation = CellSimulation(
      try SingleParticleModel(.chen2020, withElectrolyte: true), negative: start.negative,
      positive: start.positive, temperature: 298.15)
    var limits = CellLimits()
    limits.lowerVoltage = 2.5
    limits.upperVoltage = 4.3
    var bits: [UInt64] = []
    _ = simulation.run(.current(10), duration: 600, limits: limits, interval: 20) {
      _, state, model in
      bits.append(model.observe(state).voltage.bitPattern)
      return true
    }
    return bits
  }

  @Test("Tasks that share the tables of a cell, and drop them in any order, get the same bits")
  func concurrent() async throws {
    let expected = try Self.voltages()
    #expect(expected.count > 20)
    let results = try await withThrowingTaskGroup(of: [UInt64].self) { group in
      for _ in 0..<24 { group.addTask { try Self.voltages() } }
      var all: [[UInt64]] = []
      for try await bits in group { all.append(bits) }
      return all
    }
    #expect(results.count == 24)
    for bits in results { #expect(bits == expected) }
  }
}
