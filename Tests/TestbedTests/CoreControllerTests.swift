// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The onboard core as the controller of a simulated pack.

import OnboardConfiguration
import Testbed
import Testing

@Suite("The onboard core in the testbed")
struct CoreControllerTests {
  private func controller() throws -> @Sendable (DetectorContext) -> any TestbedController {
    let image = try ConfigurationFile.read(
      """
      pack: {cells: 6, probes: 2, chemistry: ncm111, capacity_ampere_hours: 60,
        charge_current_amperes: 90, discharge_current_amperes: 260}
      circuit: {set: chen2020}
      sensing:
        longest_interval_milliseconds: 1800000
        cell_voltage: {median_width: 1, greatest_rate: 0, frozen_excursion: 0.15}
        probe_temperature: {median_width: 1, greatest_rate: 0, low_pass_seconds: 0}
        current: {median_width: 1}
      diagnosis:
        facts: {cycle_milliseconds: 10000}
        rows:
          communication_loss: {debounce_milliseconds: [60000, 120000, 600000], detect_milliseconds: 600000}
          untrusted_input: {debounce_milliseconds: [60000, 120000, 600000], detect_milliseconds: 600000}
      supervision: {tolerated_milliseconds: 60000, grace_milliseconds: 60000, drive_grace_milliseconds: 600000}
      """, file: "testbed.yaml")
    var factory = CoreControllerFactory()
    return try image.open(&factory)
  }

  private func scenario(_ faults: [FaultPlan] = []) -> Scenario {
    var scenario = Scenario(name: "core", cell: .ncm60Ah)
    scenario.layout = PlantLayout(modules: 1, cellsPerModule: 6)
    scenario.duration = 6 * 3_600
    scenario.step = 10
    scenario.faults = faults
    return scenario
  }

  @Test("A healthy pack is driven, charged and never opened, and its charge is known")
  func healthy() throws {
    var run = VehicleRun(scenario(), seed: 4)
    let record = run.run(detectors: [], controller: try controller()(run.context))
    #expect(record.wrongTrip == nil)
    #expect((record.chargeError ?? 1) < 0.1)
    #expect(record.highestVoltage < 4.25)
  }

  @Test("A hard short in a cell is a verdict that names it, with its limit")
  func short() throws {
    let plan = FaultPlan(
      kind: .internalShort, onsetHours: 2...2, growthHours: 0.01...0.01, law: .exponential,
      initial: 10...10, final: 0.02...0.02)
    var run = VehicleRun(scenario([plan]), seed: 4)
    let record = run.run(detectors: [], controller: try controller()(run.context))
    let found = try #require(record.controller.detection(of: .internalShort))
    #expect(found.isIsolated)
    #expect(found.verdict.evidence.contains { $0.name == "limit" })
  }
}
