// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Oven tests of the lumped 18650 cells against published critical temperatures.

import Foundation
import RunawayModels
import Testing

@Suite("Oven tests")
struct OvenTests {
  static func celsius(_ value: Double) -> Double { value + 273.15 }

  @Test(
    "Critical oven temperatures are the published ones",
    arguments: [
      ("lco-18650", 148.0, 2.0), ("ncm-18650", 168, 3), ("lfp-18650", 198, 5),
    ])
  func critical(name: String, expected: Double, tolerance: Double) throws {
    let cell = try #require(AbuseCell.named(name))
    let simulation = AbuseSimulation(cell: cell, test: .oven(temperature: 400))
    let found = try #require(
      simulation.criticalOvenTemperature(
        in: Self.celsius(expected - 12)...Self.celsius(expected + 12), resolution: 0.2))
    #expect(abs(found - Self.celsius(expected)) <= tolerance)
  }

  @Test("LCO runs away at 155 °C and not at 145 °C")
  func cobaltOxide() {
    for (oven, runsAway) in [(155.0, true), (145, false)] {
      let result = AbuseSimulation(
        cell: .lco18650, test: .oven(temperature: Self.celsius(oven))
      ).run()
      #expect(result.isRunaway == runsAway)
      #expect(result.energies.residual < 1e-6)
      #expect(result.speciesResidual < 1e-8)
    }
  }

  @Test("A hundred times the accuracy moves the critical temperature by less than 0.1 K")
  func tolerance() throws {
    var simulation = AbuseSimulation(cell: .lco18650, test: .oven(temperature: 400))
    let range = Self.celsius(144)...Self.celsius(150)
    let usual = try #require(simulation.criticalOvenTemperature(in: range, resolution: 0.02))
    simulation.tolerance = 1e-5
    let fine = try #require(simulation.criticalOvenTemperature(in: range, resolution: 0.02))
    #expect(abs(usual - fine) < 0.1)
  }

  @Test(
    "The voltage is lost in runaway, not before, and the charge left turns to heat",
    arguments: ["lco-18650", "ncm-18650", "lfp-18650"])
  func voltage(name: String) throws {
    let cell = try #require(AbuseCell.named(name))
    let result = AbuseSimulation(cell: cell, test: .calorimeter(CalorimeterProgram())).run()
    let lost = try #require(result.event(.voltageLost))
    let runaway = try #require(result.event(.runaway))
    #expect(lost.time >= runaway.time - 60)
    #expect(try #require(result.samples.last).voltage < 0.01)
    #expect(result.energies.electrical > 5_000)
    #expect(result.energies.electrical < cell.nominalEnergy)
  }

  @Test(
    "Calorimetry finds self-heating from 80 to 100 °C and runaway in the order LCO, NCM, LFP")
  func calorimetry() throws {
    var runaways: [Double] = []
    // Onset 85 °C, 1 K/s at 198, 225 and 253 °C, peaks 663, 923 and 597 °C were computed before
    // from the same laws with another program.
    let expected = [("lco-18650", 198.0, 663.0), ("ncm-18650", 225, 923), ("lfp-18650", 253, 597)]
    for (name, runaway, peak) in expected {
      var cell = try #require(AbuseCell.named(name))
      // That program has no separator, and no charge turns to heat.
      cell.separator = nil
      let result = AbuseSimulation(cell: cell, test: .calorimeter(CalorimeterProgram())).run()
      let onset = try #require(result.event(.exotherm)).temperature - 273.15
      let fast = try #require(result.event(.runaway)).temperature - 273.15
      #expect((80...100).contains(onset))
      #expect(abs(fast - runaway) < 8)
      // Those peaks are of a full can; 10 % of the reaction heat is missing here.
      let scaled = 85 + 0.9 * (peak - 85)
      #expect(abs(result.peakTemperature - 273.15 - scaled) < 0.06 * scaled)
      #expect(result.energies.residual < 1e-6)
      #expect(result.speciesResidual < 1e-8)
      runaways.append(fast)
    }
    #expect(runaways == runaways.sorted())
  }
}
