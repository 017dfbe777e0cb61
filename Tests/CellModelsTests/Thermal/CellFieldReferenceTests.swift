// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A pouch cell with tabs beside an independent solver.

import CellModels
import NumericalMethods
import Testing

/// Marquis2019 at 2C with 1 W/(m²·K) on all faces, PyBaMM 26.10.1: SPM, `potential pair`, two
/// dimensions, `x-lumped`, 20 by 16 finite elements, IDAKLU at rtol 1e-5.
///
/// Between 12 by 10 and 20 by 16 elements its voltage moves by 0.15 mV, its mean by 0.3 mK and its
/// highest temperature by 5 mK: it feeds the positive tab with a uniform current, which is singular
/// at the tab's ends, where our tab has one potential.
@Suite("Temperature in the plane of a pouch beside PyBaMM")
struct CellFieldReferenceTests {
  struct Reference: Sendable {
    var time: Double
    var voltage: Double
    var mean: Double
    var lowest: Double
    var highest: Double
    /// Current density 12.9 mm and 8.6 mm from the corner farthest from the tabs, in A/m².
    var corner: Double
  }

  static let references = [
    Reference(
      time: 60, voltage: 3.714_708, mean: 298.747_02, lowest: 298.735_72, highest: 298.774_77,
      corner: 47.796),
    Reference(
      time: 300, voltage: 3.671_551, mean: 300.041_46, lowest: 300.023_61, highest: 300.073_39,
      corner: 47.846),
    Reference(
      time: 900, voltage: 3.592_834, mean: 300.670_05, lowest: 300.652_87, highest: 300.700_83,
      corner: 47.864),
  ]

  @Test("Voltage, mean, extremes and current far from the tabs agree")
  func pouch() throws {
    var p = CellParameters.marquis2019
    p.heat?.transferCoefficient = 1
    let model = try CellFieldModel<SingleParticleModel>(p, resolution: .plane) {
      part throws(ParameterError) in
      try SingleParticleModel(part, withElectrolyte: false, thermal: .lumped)
    }
    let start = p.initialStoichiometries
    var simulation = CellSimulation(
      model, negative: start.negative, positive: start.positive, temperature: 298.15)
    for reference in Self.references {
      let end = simulation.run(
        .current(2 * p.unitCurrent), duration: reference.time - simulation.time)
      #expect(end == .duration)
      let now = simulation.observe()
      let field = try #require(now.temperatures)
      let corner = simulation.model.profile(simulation.state).zoneCurrents[0] / p.electrodeArea
      #expect(abs(now.voltage - reference.voltage) < 5e-4)
      #expect(abs(now.temperature - reference.mean) < 1e-2)
      #expect(abs(field.lowest - reference.lowest) < 1e-2)
      #expect(abs(field.highest - reference.highest) < 1.5e-2)
      #expect(abs(corner - reference.corner) < 0.05)
    }
  }
}
