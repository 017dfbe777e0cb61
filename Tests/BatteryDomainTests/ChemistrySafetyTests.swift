// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of the safety tables: complete or unknown with a reason, ordered, physical, sourced.

import BatteryDomain
import Quantities
import Testing

@Suite("Chemistry safety")
struct ChemistrySafetyTests {
  @Test("Rows are in the order of the chemistries, names are unique")
  func order() {
    #expect(ChemistrySafety.all.map(\.chemistry) == Chemistry.allCases)
    #expect(Set(Chemistry.allCases.map(\.label)).count == Chemistry.allCases.count)
  }

  @Test("every fact is known with a source or unknown with a reason", arguments: Chemistry.allCases)
  func complete(chemistry: Chemistry) {
    let safety = chemistry.safety
    let window = safety.window
    for fact in [
      safety.runawayTrigger, safety.runawayPeak, window.chargeTemperature,
      window.dischargeTemperature, window.storageTemperature,
    ] {
      check(fact)
      guard let range = fact.value else { continue }
      #expect(range.lowerBound < range.upperBound)
      #expect(QuantityCatalogue.isPlausible(range.lowerBound.value, as: .cellTemperature))
      #expect(QuantityCatalogue.isPlausible(range.upperBound.value, as: .cellTemperature))
    }
    check(safety.gas)
    check(safety.toxic)
    check(window.voltage)
    if let range = window.voltage.value {
      #expect(range.lowerBound < range.upperBound)
      #expect(QuantityCatalogue.isPlausible(range.upperBound.value, as: .cellVoltage))
    }
    if let trigger = safety.runawayTrigger.value, let peak = safety.runawayPeak.value {
      #expect(trigger.upperBound < peak.lowerBound)
    }
    for temperatures in [window.chargeTemperature, window.dischargeTemperature] {
      if let range = temperatures.value, let trigger = safety.runawayTrigger.value {
        #expect(range.upperBound < trigger.lowerBound)
      }
    }
    if let charge = window.chargeTemperature.value,
      let discharge = window.dischargeTemperature.value
    {
      #expect(discharge.lowerBound <= charge.lowerBound)
    }
  }

  private func check<Value>(_ fact: Fact<Value>) {
    switch fact {
    case .known(let sourced): #expect(!sourced.source.citation.isEmpty)
    case .unknown(let reason): #expect(reason.count > 10)
    }
    #expect((fact.value == nil) == (fact.reason != nil))
    #expect((fact.sourced == nil) == (fact.value == nil))
  }

  @Test(
    "the rows of the review's table are transcribed",
    arguments: [
      (.lfp, 196, 280, 417, 511, 0.6, 2.5), (.ncm523, 165, 253, 544, 850, 1.74, 5.0),
      (.sulfideSolidState, 150, 313, 500, 700, 0.8, 1.5),
      (.sodiumLayered, 157, 271, 466, 794, 1.8, 5.1),
      (.sodiumPrussianBlue, 157, 271, 466, 794, 1.8, 5.1),
    ] as [(Chemistry, Double, Double, Double, Double, Double, Double)])
  func review(
    chemistry: Chemistry, triggerLow: Double, triggerHigh: Double, peakLow: Double,
    peakHigh: Double, gasLow: Double, gasHigh: Double
  ) {
    let safety = chemistry.safety
    #expect(
      safety.runawayTrigger.value
        == Temperature(celsius: triggerLow)...Temperature(celsius: triggerHigh))
    #expect(
      safety.runawayPeak.value == Temperature(celsius: peakLow)...Temperature(celsius: peakHigh))
    #expect(
      safety.gas.value
        == .perCapacity(
          GasYield(litresPerAmpereHour: gasLow)...GasYield(litresPerAmpereHour: gasHigh)))
    #expect(safety.runawayTrigger.sourced?.source == .batterySafetyReview)
    #expect(safety.runawayTrigger.sourced?.verification == .read)
  }

  @Test("Potassium ion: gas as a part of the cathode mass")
  func potassium() {
    #expect(
      Chemistry.potassiumIon.safety.gas.value == .partOfCathodeMass(Ratio(percent: 51.4)))
    #expect(Chemistry.potassiumIon.safety.gas.value?.text == "51.4 % of the cathode mass")
    #expect(Chemistry.lfp.safety.gas.value?.text == "0.60–2.50 L/Ah")
  }

  @Test(
    "dangerous concentrations are the NIOSH values",
    arguments: zip(
      [
        ToxicGas.hydrogenFluoride, .carbonMonoxide, .hydrogenSulfide, .sulfurDioxide,
        .hydrogenCyanide,
      ], [30.0, 1_200, 100, 100, 50]))
  func dangerous(gas: ToxicGas, partsPerMillion: Double) {
    #expect(
      gas.immediatelyDangerous.isApproximatelyEqual(
        to: Ratio(partsPerMillion: partsPerMillion), relativeTolerance: 1e-15))
  }

  @Test("Measured hydrogen fluoride of LFP is above the dangerous concentration")
  func exceeds() throws {
    let lfp = try #require(Chemistry.lfp.safety.toxic.value)
    #expect(lfp.map(\.gas) == [.hydrogenFluoride, .carbonMonoxide])
    #expect(lfp[0].exceedsDangerous == true)
    #expect(lfp[1].exceedsDangerous == nil)
    let sulfide = try #require(Chemistry.sulfideSolidState.safety.toxic.value)
    #expect(sulfide[0].measured.value?.text == "< 25 ppm")
    #expect(sulfide[0].exceedsDangerous == false)
    // Less than 100 ppm cannot tell whether 50 ppm was exceeded.
    let blue = try #require(Chemistry.sodiumPrussianBlue.safety.toxic.value)
    #expect(blue[0].gas == .hydrogenCyanide && blue[0].exceedsDangerous == nil)
    let layered = try #require(Chemistry.sodiumLayered.safety.toxic.value)
    #expect(!layered.contains { $0.gas == .hydrogenCyanide })
  }
}
