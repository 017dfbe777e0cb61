// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Repeats the fit of the stand-in networks and compares with the ranges of the safety tables.

import BatteryDomain
import Quantities
import RunawayModels
import Testing

@Suite("Fitted networks")
struct FittedSetTests {
  @Test("The stand-ins peak in the middle of their ranges and trigger inside them")
  func fit() throws {
    for cell in [AbuseCell.sodium18650, .sulfide18650] {
      #expect(cell.network.isFitted)
      let facts = cell.chemistry.safety
      let peaks = try #require(facts.runawayPeak.value)
      let triggers = try #require(facts.runawayTrigger.value)
      let middle = (peaks.lowerBound.value + peaks.upperBound.value) / 2
      let result = AbuseSimulation(cell: cell, test: .calorimeter(CalorimeterProgram())).run()
      #expect(abs(result.peakTemperature - middle) < 15)
      let trigger = try #require(result.event(.runaway)).temperature
      #expect(trigger > triggers.lowerBound.value && trigger < triggers.upperBound.value)
      guard case .perCapacity(let range) = try #require(facts.gas.value) else { continue }
      let low = range.lowerBound.litresPerAmpereHour
      let high = range.upperBound.litresPerAmpereHour
      #expect(result.litresPerAmpereHour > low && result.litresPerAmpereHour < high)
      // The fit itself: the factor that gives the middle exactly, by the linear law of an adiabatic
      // cell, differs from the stored one by less than 3 %.
      let onset = try #require(result.event(.exotherm)).temperature
      let factor = (middle - onset) / (result.peakTemperature - onset)
      #expect(abs(factor - 1) < 0.03)
    }
  }
}
