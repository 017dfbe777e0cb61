// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cells whose temperature is a field.

import CellModels
import Foundation
import NumericalMethods
import Testing

@Suite("Cells with a temperature field")
struct CellFieldModelTests {
  static func single(_ part: CellParameters) throws(ParameterError) -> SingleParticleModel {
    try SingleParticleModel(
      part, withElectrolyte: false,
      resolution: CellResolution(negative: 4, separator: 2, positive: 4, particleModes: 5),
      thermal: .lumped)
  }

  /// A discharge at 2C, with a check at each accepted step.
  static func discharge(
    _ p: CellParameters, _ resolution: CellFieldResolution, seconds: Double,
    tolerance: Double = 1e-5,
    each: (UnsafePointer<Double>, inout CellFieldModel<SingleParticleModel>) -> Void = { _, _ in }
  ) throws -> CellObservation {
    let model = try CellFieldModel<SingleParticleModel>(p, resolution: resolution) {
      part throws(ParameterError) in try single(part)
    }
    let start = p.initialStoichiometries
    var simulation = CellSimulation(
      model, negative: start.negative, positive: start.positive, temperature: 298.15,
      options: StiffOptions(relativeTolerance: tolerance))
    let end = simulation.run(.current(2 * p.unitCurrent), duration: seconds) { _, state, model in
      each(state, &model)
      return true
    }
    #expect(end == .duration)
    return simulation.observe()
  }

  @Test(
    "Heat generated is heat stored and heat lost to 1e-8, at a loose tolerance",
    arguments: [
      (CellParameters.chen2020, CellFieldResolution(zones: 3, refinement: 2)),
      (CellParameters.chen2020, CellFieldResolution(zones: 2, rows: 3)),
      (CellParameters.marquis2019, CellFieldResolution(zones: 3, rows: 2, refinement: 2)),
    ])
  func energyBalance(_ p: CellParameters, _ resolution: CellFieldResolution) throws {
    var worst = 0.0
    var generated = 0.0
    let end = try Self.discharge(p, resolution, seconds: 900, tolerance: 1e-3) { state, model in
      let balance = model.heatBalance(state)
      let stored = p.heatCapacity * (model.summary(state).mean - 298.15)
      worst = max(worst, abs(balance.generated - balance.lost - stored))
      generated = balance.generated
    }
    #expect(generated > 50)
    #expect(worst < 1e-8 * generated)
    #expect(end.temperature > 298.3)
  }

  @Test("Lithium is conserved to 1e-10 over all zones, and charge is what moved")
  func conservation() throws {
    let p = CellParameters.marquis2019
    var first: CellObservation?
    let last = try Self.discharge(
      p, CellFieldResolution(zones: 3, rows: 2), seconds: 900, tolerance: 1e-4
    ) { state, model in
      if first == nil { first = model.observe(state) }
    }
    let start = try #require(first)
    #expect(abs(last.electrodeLithium / start.electrodeLithium - 1) < 1e-10)
    let moved =
      (start.negativeStoichiometry - last.negativeStoichiometry) * p.hostCapacity.negative
      * 96_485.332_12
    #expect(abs(moved / (2 * p.unitCurrent * 900) - 1) < 1e-10)
  }

  @Test("Large conductivities and ideal collectors give the lumped cell to 1e-3 K")
  func lumpedLimit() throws {
    var p = CellParameters.chen2020
    p.heat?.field = CellFieldParameters(
      shape: .cylinder(core: 0, radius: 0.0105, height: 0.07), throughConductivity: 1e7,
      inPlaneConductivity: 1e7)
    // The set rounds the surface of the can to 53.1 cm².
    p.heat?.coolingArea = 2 * .pi * 0.0105 * (0.07 + 0.0105)
    let start = p.initialStoichiometries
    var lumped = CellSimulation(
      try Self.single(p), negative: start.negative, positive: start.positive, temperature: 298.15,
      options: StiffOptions(relativeTolerance: 1e-7))
    #expect(lumped.run(.current(10), duration: 1_200) == .duration)
    for resolution in [
      CellFieldResolution(zones: 3), CellFieldResolution(zones: 2, rows: 2, refinement: 2),
    ] {
      let field = try Self.discharge(p, resolution, seconds: 1_200, tolerance: 1e-7)
      let temperatures = try #require(field.temperatures)
      #expect(abs(field.temperature - lumped.observe().temperature) < 1e-3)
      #expect(temperatures.highest - temperatures.lowest < 1e-3)
      #expect(abs(field.voltage - lumped.observe().voltage) < 1e-5)
    }
  }

  @Test("The middle of a cylinder is hottest and zones there carry more current")
  func localCoupling() throws {
    var p = CellParameters.chen2020
    p.heat?.field?.firstFace = .convection(coefficient: 200)
    var profile: TemperatureProfile?
    var ratio = 0.0
    let end = try Self.discharge(p, CellFieldResolution(zones: 4, refinement: 2), seconds: 600) {
      state, model in
      let now = model.profile(state)
      ratio = max(ratio, now.zoneCurrents[0] / now.zoneCurrents[3])
      profile = now
    }
    #expect(ratio > 1.0005)
    let temperatures = try #require(end.temperatures)
    #expect(temperatures.highest - temperatures.surface > 1)
    #expect(temperatures.hottestPlace.x < 0.002)
    let field = try #require(profile)
    #expect(zip(field.temperatures, field.temperatures.dropFirst()).allSatisfy { $0 > $1 })
    #expect(field.columns == 8 && field.rows == 1)
  }

  @Test("Collectors lose heat and crowd the current towards the tabs")
  func tabs() throws {
    let p = CellParameters.marquis2019
    var first: TemperatureProfile?
    _ = try Self.discharge(p, CellFieldResolution(zones: 6, rows: 4), seconds: 1) { state, model in
      if first == nil { first = model.profile(state) }
    }
    let profile = try #require(first)
    // Upper row: tabs. Lower row: far away.
    let near = profile.zoneCurrents[18..<24].reduce(0, +) / 6
    let far = profile.zoneCurrents[0..<6].reduce(0, +) / 6
    #expect(near > far)
    #expect(abs(profile.zoneCurrents.reduce(0, +) / 24 - 2 * p.unitCurrent) < 1e-8)
  }

  @Test("Voltage and power are held, limits end a step, in words too")
  func experiment() throws {
    let steps = try ["Discharge at 12 W for 120 s", "Hold at 3.7 V for 60 s", "Rest for 100 s"]
      .map { try ExperimentStep($0) }
    for model in CellModelKind.allCases where [.spm, .spme].contains(model) {
      var experiment = Experiment(steps: steps, parameters: .chen2020)
      experiment.model = model
      experiment.thermal = .fieldAlongLine
      var ends: [StepEnd] = []
      try experiment.run { report in
        switch report {
        case .step(let step): ends.append(step.end)
        case .sample(let sample):
          let o = sample.observation
          let field = try #require(o.temperatures)
          #expect(field.lowest <= o.temperature && o.temperature <= field.highest)
          #expect(field.profile?.temperatures.count == 20)
          if sample.step == 1 { #expect(abs(o.current * o.voltage - 12) < 1e-5) }
          if sample.step == 2 { #expect(abs(o.voltage - 3.7) < 1e-6) }
        case .cycle: break
        }
      }
      #expect(ends == [.duration, .duration, .duration])
    }
  }

  @Test("A set without a shape is refused by name")
  func refusal() {
    let expected = ParameterError.missing(
      key: "Negative electrode thermal conductivity [W.m-1.K-1]")
    var p = CellParameters.chen2020
    p.heat?.field = nil
    #expect(throws: expected) {
      _ = try CellFieldModel<SingleParticleModel>(p, resolution: .line) {
        part throws(ParameterError) in try Self.single(part)
      }
    }
    var q = CellParameters.marquis2019
    q.heat?.field?.negativeTab?.centre = 0.3
    #expect(throws: ParameterError.self) {
      _ = try CellFieldModel<SingleParticleModel>(q, resolution: .plane) {
        part throws(ParameterError) in try Self.single(part)
      }
    }
  }
}
