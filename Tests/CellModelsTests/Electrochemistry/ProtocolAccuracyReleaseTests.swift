// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Accuracy at the standard setting beyond discharges: charge with a hold, pulses, heat, ageing.

import CellModels
import Foundation
import NumericalMethods
import Testing

/// Enabled in release runs: the fine meshes are slow without optimisation.
@Suite(
  "Accuracy of cell models over protocols",
  .enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct ProtocolAccuracyReleaseTests {
  typealias Steps = [(control: CellControl, duration: Double, limits: CellLimits)]

  static let names = ["Chen2020", "Marquis2019", "Prada2013"]

  /// Runs steps on a model by name at the standard or the fine setting.
  func run(
    _ kind: CellModelKind, _ p: CellParameters, _ steps: Steps, from charge: Double,
    interval: Double, thermal: ThermalModel = .isothermal, fine: Bool
  ) throws -> ProtocolRun {
    let options =
      fine
      ? AccuracyReleaseTests.tight
      : kind == .dfn
        ? CellSimulation<PorousElectrodeModel>.standardOptions
        : CellSimulation<SingleParticleModel>.standardOptions
    switch kind {
    case .dfn:
      return try runProtocol(
        PorousElectrodeModel(p, resolution: fine ? .fine : .standard, thermal: thermal), p,
        from: charge, steps, interval: interval, options: options)
    default:
      return try runProtocol(
        SingleParticleModel(
          p, withElectrolyte: kind == .spme, resolution: fine ? .fine : .singleParticle,
          thermal: thermal), p, from: charge, steps, interval: interval, options: options)
    }
  }

  /// Both settings; prints what was reached.
  func compare(
    _ label: String, _ kind: CellModelKind, _ p: CellParameters, _ steps: Steps,
    from charge: Double, interval: Double, thermal: ThermalModel = .isothermal
  ) throws -> (fine: ProtocolRun, standard: ProtocolRun) {
    let fine = try run(
      kind, p, steps, from: charge, interval: interval, thermal: thermal, fine: true)
    let standard = try run(
      kind, p, steps, from: charge, interval: interval, thermal: thermal, fine: false)
    #expect(fine.steps.map(\.end) == standard.steps.map(\.end))
    let millivolts = 1e3 * standard.difference(from: fine, \.voltages)
    let kelvin = standard.difference(from: fine, \.temperatures)
    let times = zip(standard.steps, fine.steps).map { abs($0.duration / $1.duration - 1) }
    print(
      "\(label) \(kind) \(p.name) \(thermal): \(String(format: "%.3f", millivolts)) mV rms, "
        + "\(String(format: "%.4f", kelvin)) K rms, durations within "
        + "\(String(format: "%.4f", 100 * (times.max() ?? .nan))) %")
    // Charge by current and time is the lithium that moved; salt and lithium are kept.
    for run in [fine, standard] {
      #expect(
        abs(run.imposedCharge - run.movedCharge) <= 1e-10 * p.nominalCapacity)
      #expect(
        abs(run.last.electrodeLithium / run.start.electrodeLithium - 1) < 1e-10)
      if kind != .spm {
        #expect(
          abs(run.last.electrolyteLithium / run.start.electrolyteLithium - 1) < 1e-10)
      }
    }
    return (fine, standard)
  }

  @Test(
    "A C/2 charge with a hold to C/20 is within the limits of its converged curve",
    arguments: names, [CellModelKind.spm, .spme, .dfn])
  func chargeWithHold(name: String, kind: CellModelKind) throws {
    let p = AccuracyReleaseTests.set(name)
    var upper = CellLimits()
    upper.upperVoltage = p.upperCutOff
    var taper = CellLimits()
    taper.currentBelow = p.unitCurrent / 20
    let (fine, standard) = try compare(
      "C/2 CCCV", kind, p,
      [
        (.current(-0.5 * p.unitCurrent), 20_000, upper),
        (.voltage(p.upperCutOff), 40_000, taper),
      ], from: 0.02, interval: 24)
    #expect(fine.steps.map(\.end) == [.event(.upperVoltage), .event(.currentBelow)])
    let limit = kind == .dfn ? 1.5e-3 : 5e-4
    #expect(standard.difference(from: fine, \.voltages) < limit)
    // The current of the hold, in units of C.
    #expect(standard.difference(from: fine, \.currents) < 1e-3 * p.unitCurrent)
    let whole = [fine, standard].map { $0.steps.reduce(0) { $0 + $1.duration } }
    #expect(abs(whole[1] / whole[0] - 1) < 5e-4)
  }

  @Test(
    "A train of 2C and 1C pulses is within the limits of its converged curve",
    arguments: [CellModelKind.spm, .spme, .dfn])
  func pulses(kind: CellModelKind) throws {
    let p = CellParameters.chen2020
    var steps: Steps = []
    for pulse in 0..<24 {
      steps.append((.current((pulse % 2 == 0 ? 2 : 1) * p.unitCurrent), 60, CellLimits()))
    }
    let (fine, standard) = try compare(
      "pulses", kind, p, steps, from: 0.95, interval: 2)
    #expect(standard.difference(from: fine, \.voltages) < (kind == .dfn ? 2.5e-3 : 5e-4))
  }

  @Test(
    "Lumped heat at 1C and 2C keeps temperature and voltage within their limits",
    arguments: [1.0, 2], [CellModelKind.spm, .spme, .dfn])
  func lumped(rate: Double, kind: CellModelKind) throws {
    let p = CellParameters.chen2020
    var lower = CellLimits()
    lower.lowerVoltage = p.lowerCutOff
    let (fine, standard) = try compare(
      "\(rate)C", kind, p, [(.current(rate * p.unitCurrent), 6_000 / rate, lower)], from: 1,
      interval: 12 / rate, thermal: .lumped)
    let worst =
      zip(standard.steps[0].temperatures, fine.steps[0].temperatures)
      .map { abs($0 - $1) }.max() ?? .nan
    print("\(rate)C \(kind): \(String(format: "%.4f", worst)) K at worst")
    #expect(worst < 0.1)
    #expect(
      standard.difference(from: fine, \.voltages)
        < (kind != .dfn ? 5e-4 : rate > 1 ? 2.5e-3 : 1.5e-3))
    #expect(abs(standard.steps[0].duration / fine.steps[0].duration - 1) < 5e-4)
  }

  @Test(
    "A hundred cycles with film growth lose what the converged model loses, within 0.5 %",
    arguments: [InterphaseLaw.carbonate, .solvent])
  func ageing(law: InterphaseLaw) throws {
    let p = CellParameters.chen2020
    var lower = CellLimits()
    lower.lowerVoltage = p.lowerCutOff
    var upper = CellLimits()
    upper.upperVoltage = p.upperCutOff
    var taper = CellLimits()
    taper.currentBelow = p.unitCurrent / 20
    func age(fine: Bool) throws -> (bound: Double, faded: Double) {
      let model = try SingleParticleModel(
        p, withElectrolyte: false, resolution: fine ? .fine : .singleParticle, interphase: law)
      let start = try p.stoichiometries(stateOfCharge: 1)
      var simulation = CellSimulation(
        model, negative: start.negative, positive: start.positive,
        temperature: p.ambientTemperature,
        options: fine
          ? AccuracyReleaseTests.tight : CellSimulation<SingleParticleModel>.standardOptions)
      var capacities: [Double] = []
      for _ in 0..<100 {
        let before = simulation.time
        let down = simulation.run(.current(p.unitCurrent), duration: 6_000, limits: lower)
        #expect(down == .event(.lowerVoltage))
        capacities.append(p.unitCurrent * (simulation.time - before))
        let up = simulation.run(.current(-0.5 * p.unitCurrent), duration: 20_000, limits: upper)
        #expect(up == .event(.upperVoltage))
        let hold = simulation.run(.voltage(p.upperCutOff), duration: 20_000, limits: taper)
        #expect(hold == .event(.currentBelow))
      }
      return (
        simulation.observe().lostLithium, (capacities.first ?? 0) - (capacities.last ?? 0)
      )
    }
    let fine = try age(fine: true)
    let standard = try age(fine: false)
    print(
      "100 cycles, \(law): bound lithium "
        + "\(String(format: "%.4f", 100 * (standard.bound / fine.bound - 1))) %, faded capacity "
        + "\(String(format: "%.4f", 100 * (standard.faded / fine.faded - 1))) % off the converged")
    #expect(fine.faded > 0)
    #expect(abs(standard.bound / fine.bound - 1) < 5e-3)
    #expect(abs(standard.faded / fine.faded - 1) < 5e-3)
  }
}
