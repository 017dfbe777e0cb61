// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Random cells, currents and temperatures: every run ends with a result or a named event.

import CellModels
import Foundation
import NumericalMethods
import Testing

/// Enabled in release runs: ten thousand runs are slow without optimisation.
@Suite(
  "Random draws of cell models", .serialized,
  .enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct RandomDrawReleaseTests {
  /// A set with its parameters changed by up to 30 %.
  func draw(_ index: Int, _ random: inout Xoshiro256) -> CellParameters {
    var p = [
      CellParameters.chen2020, .marquis2019, .okane2022, .prada2013, .ecker2015, .chen2020Composite,
    ][index % 6]
    func factor(_ random: inout Xoshiro256) -> Double {
      Double.random(in: 0.7...1.3, using: &random)
    }
    for side in [\CellParameters.negative, \CellParameters.positive] {
      p[keyPath: side].thickness *= factor(&random)
      p[keyPath: side].particleRadius *= factor(&random)
      p[keyPath: side].conductivity *= factor(&random)
      p[keyPath: side].reactionRate *= factor(&random)
      p[keyPath: side].porosity *= factor(&random)
      p[keyPath: side].bruggemanElectrolyte *= factor(&random)
      let active = p[keyPath: side].activeFraction * Double.random(in: 0.7...1, using: &random)
      let other = p[keyPath: side].second?.activeFraction ?? 0
      p[keyPath: side].activeFraction = min(active, 1 - p[keyPath: side].porosity - other)
      p[keyPath: side].diffusivity = scaled(p[keyPath: side].diffusivity, factor(&random))
    }
    p.separator.thickness *= factor(&random)
    p.separator.porosity = min(1, p.separator.porosity * factor(&random))
    p.electrolyte.transferenceNumber *= factor(&random)
    p.electrolyte.thermodynamicFactor *= factor(&random)
    p.electrolyte.initialConcentration *= factor(&random)
    p.electrolyte.diffusivity = scaled(p.electrolyte.diffusivity, factor(&random))
    p.electrolyte.conductivity = scaled(p.electrolyte.conductivity, factor(&random))
    p.electrodeArea *= factor(&random)
    if var heat = p.heat {
      heat.transferCoefficient *= factor(&random)
      p.heat = heat
    }
    return p
  }

  func scaled(_ old: PropertyFunction, _ factor: Double) -> PropertyFunction {
    if let constant = old.constant {
      return PropertyFunction(constant: constant * factor, activationEnergy: old.activationEnergy)
    }
    let value = old.value
    return PropertyFunction(activationEnergy: old.activationEnergy) { factor * value($0) }
  }

  /// What became of the draws of one model.
  struct Tally {
    var runs = 0
    var refused = 0
    var failures = 0
    var ends: [StepEnd: Int] = [:]
    var worst: [String] = []
  }

  /// Runs one draw; returns whether all was finite and every event told its facts.
  func run<Model: ElectrochemicalModel & ~Copyable>(
    _ model: consuming Model, _ p: CellParameters, _ tally: inout Tally, rate: Double,
    charge: Double, temperature: Double, label: String
  ) {
    guard let start = try? p.stoichiometries(stateOfCharge: charge) else {
      tally.refused += 1
      return
    }
    model.ambientTemperature = temperature
    var simulation = CellSimulation(
      model, negative: start.negative, positive: start.positive, temperature: temperature)
    var limits = CellLimits()
    if rate > 0 {
      limits.lowerVoltage = p.lowerCutOff
    } else {
      limits.upperVoltage = p.upperCutOff
    }
    // One draw in three also stops where lithium may plate, on charge.
    if tally.runs % 3 == 0, rate < 0 { limits.platingMargin = 0 }
    var isFinite = true
    let end = simulation.run(
      .current(rate * p.unitCurrent), duration: 20_000, limits: limits
    ) { time, state, model in
      let now = model.observe(state)
      isFinite = isFinite && time.isFinite && now.voltage.isFinite && now.temperature.isFinite
      return isFinite
    }
    tally.runs += 1
    tally.ends[end, default: 0] += 1
    #expect(isFinite, "\(label)")
    switch end {
    case .event(let event), .alreadyPast(let event):
      let detail = simulation.detail(of: end)
      #expect(detail?.event == event)
      #expect(detail?.time.isFinite == true && detail?.value.isFinite == true, "\(label)")
      let resolvesPlace =
        event == .electrolyteDepleted || (event == .platingPossible && label.hasPrefix("dfn"))
      #expect(!resolvesPlace || detail?.place.position != nil, "\(label)")
    case .duration: break
    case .failed, .impossible:
      tally.failures += 1
      tally.worst.append(label)
    }
  }

  /// The draws: ten thousand, or the part that `ANODYNE_DRAWS=FIRST-LAST` names.
  static var draws: ClosedRange<Int> {
    let words = ProcessInfo.processInfo.environment["ANODYNE_DRAWS"]?.split(separator: "-") ?? []
    let ends = words.compactMap { Int($0) }
    return ends.count == 2 && ends[0] <= ends[1] ? ends[0]...ends[1] : 0...9_999
  }

  /// The model of all draws, if `ANODYNE_DRAW_MODEL` names one; they take turns otherwise.
  static var model: String? { ProcessInfo.processInfo.environment["ANODYNE_DRAW_MODEL"] }

  /// Phenomena of ageing that the parameters of a draw allow.
  func ageing(_ index: Int, _ p: CellParameters) -> AgeingOptions {
    var options = AgeingOptions()
    let turn = index / 6
    if p.interphase != nil { options.interphase = InterphaseLaw.allCases[(turn / 3) % 6] }
    if p.plating != nil { options.plating = PlatingLaw.allCases[(turn / 18) % 4] }
    guard p.negative.mechanics != nil, p.negative.second == nil else { return options }
    let wear = (turn / 5) % 3
    if wear > 0 {
      options.cracking = .paris
      options.activeMaterialLoss = .stress
    }
    if wear > 1, options.interphase != .none {
      options.electrolyteLoss = .solventConsumption(excess: 0.01)
      options.selfDischarge = .resistance(100)
    }
    return options
  }

  @Test("Of ten thousand random draws fewer than ten end for reasons of the solver")
  func randomDraws() throws {
    var tallies: [String: Tally] = [:]
    for index in Self.draws {
      var random = Xoshiro256(seed: 2_026 + 7_919 * UInt64(index))
      let p = draw(index, &random)
      let temperature = 273.15 + Double.random(in: -20...60, using: &random)
      let rate = Double.random(in: -5...5, using: &random)
      let charge = Double.random(in: 0...1, using: &random)
      let turn = index / 6
      let isLumped = p.heat != nil && turn % 2 == 1
      let thermal: ThermalModel = isLumped ? .lumped : .isothermal
      let options = ageing(index, p)
      let kind = Self.model ?? ["spm", "spme", "dfn"][turn % 3]
      let phenomena =
        options.cracking != .none
        ? " with wear"
        : options.plating != .none
          ? " with plating" : options.interphase != .none ? " with film growth" : ""
      let name = "\(kind) \(thermal)" + phenomena
      var tally = tallies[name] ?? Tally()
      let label = "\(name), draw \(index) \(p.name) \(rate)C \(charge) \(temperature) K \(options)"
      do throws(ParameterError) {
        if kind == "dfn" {
          run(
            try PorousElectrodeModel(p, thermal: thermal, ageing: options), p, &tally,
            rate: rate, charge: charge, temperature: temperature, label: label)
        } else {
          run(
            try SingleParticleModel(
              p, withElectrolyte: kind == "spme", thermal: thermal, ageing: options), p,
            &tally, rate: rate, charge: charge, temperature: temperature, label: label)
        }
      } catch {
        tally.refused += 1
      }
      tallies[name] = tally
    }
    report(tallies)
    let ran = tallies.values.reduce(0) { $0 + $1.runs }
    let failures = tallies.values.reduce(0) { $0 + $1.failures }
    // Only a draw with no state between its cut-offs is refused, by name.
    #expect(ran > Self.draws.count * 98 / 100)
    #expect(Double(failures) < max(1, 1e-3 * Double(ran)))
  }

  private func report(_ tallies: [String: Tally]) {
    for (name, tally) in tallies.sorted(by: { $0.key < $1.key }) {
      let ends = tally.ends.sorted { $0.value > $1.value }
        .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      print(
        "\(name): \(tally.runs) runs, \(tally.refused) refused, \(tally.failures) failed: \(ends)")
      for label in tally.worst { print("  \(label)") }
    }
  }
}
