// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Random cells under random triggers: named outcomes, finite, balanced.

import Foundation
import NumericalMethods
import RunawayModels
import Testing

@Suite("Random abuse tests")
struct RandomAbuseTests {
  /// A random test of a random cell.
  func draw(_ random: inout Xoshiro256) -> AbuseSimulation {
    func between(_ low: Double, _ high: Double) -> Double {
      Double.random(in: low...high, using: &random)
    }
    var cell = AbuseCell.all.randomElement(using: &random) ?? .ncm18650
    cell.mass *= between(0.7, 1.3)
    cell.resistance *= between(0.3, 3)
    cell.casing.ventPressure *= between(0.3, 2)
    cell.casing.ventArea *= between(0.1, 2)
    cell.casing.headspace *= between(0.3, 3)
    cell.casing.ventFeedback = Bool.random(using: &random)
    cell.network = cell.network.scalingHeats(by: between(0.7, 1.3))
    if Bool.random(using: &random), cell.network.basis == .cubicMetre {
      cell.separator = [.polyethylene, .trilayer, .ceramicCoated].randomElement(using: &random)
    }
    let tests: [AbuseTest] = [
      .oven(temperature: 273.15 + between(60, 350)), .nail(resistance: between(0.002, 1)),
      .indentation(resistance: between(0.005, 5), growth: between(0.1, 60)),
      .heater(power: between(1, 300), patchShare: between(0.05, 1), limit: between(350, 700)),
      .overcharge(rate: between(0.1, 3), voltageLimit: between(4.5, 15)),
      .overdischarge(rate: between(0.1, 3)), .externalShort(resistance: between(0.001, 2)),
      .internalShort(
        contact: ShortContact.allCases.randomElement(using: &random) ?? .cathodeAnode,
        firstResistance: between(100, 1_000), growth: between(10, 5_000)),
      .coolantFailure(rate: between(0.5, 5), failure: between(60, 1_000), cooled: between(20, 300)),
      .hotSpot(power: between(0.5, 50), share: between(0.01, 0.3)),
      .calorimeter(CalorimeterProgram()),
    ]
    var simulation = AbuseSimulation(
      cell: cell, test: tests.randomElement(using: &random) ?? .oven(temperature: 400))
    simulation.condition = CellCondition(
      stateOfCharge: between(0, 1.1), lithiumLoss: between(0, 0.3),
      interphaseGrowth: between(0.5, 5), platedLithium: between(0, 0.1))
    if Bool.random(using: &random) { simulation.contactBurnOff = pow(10, between(-1, 5)) }
    simulation.convection = between(0, 50)
    simulation.startTemperature = 273.15 + between(-20, 50)
    return simulation
  }

  @Test("Random cells and triggers end with a named outcome, finite and balanced")
  func randomRuns() {
    var random = Xoshiro256(seed: 4)
    let isFast = ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"
    let count = isFast ? 10_000 : 60
    var outcomes: [AbuseOutcome: Int] = [:]
    var steps = 0
    for index in 0..<count {
      let simulation = draw(&random)
      let result = simulation.run()
      outcomes[result.outcome, default: 0] += 1
      steps = max(steps, result.attempts)
      if result.outcome == .unresolved {
        print(
          "run \(index) unresolved: \(simulation.cell.name), \(simulation.test), \(result.samples.last?.time ?? -1) s"
        )
      }
      let isFinite = result.samples.allSatisfy {
        $0.temperature.isFinite && $0.voltage.isFinite && $0.pressure.isFinite
          && $0.gasMade.isFinite
      }
      #expect(isFinite, "run \(index), \(simulation.cell.name), \(simulation.test)")
      #expect(
        result.energies.residual < 1e-6, "run \(index), \(simulation.cell.name), \(simulation.test)"
      )
      #expect(
        result.speciesResidual < 1e-8, "run \(index), \(simulation.cell.name), \(simulation.test)")
    }
    print("\(count) random runs, at most \(steps) tried steps: \(outcomes)")
    #expect(outcomes[.unresolved] == nil)
    // A run that hangs would try many more.
    #expect(steps < 20_000)
  }
}
