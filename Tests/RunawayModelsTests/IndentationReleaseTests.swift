// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Shares of simulated indentation tests that lose the voltage, as the validation page says.

import Foundation
import NumericalMethods
import RunawayModels
import Testing

@Suite(
  "Indentation as drawn for the validation page",
  .enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct IndentationReleaseTests {
  /// A pouch cell as `Scripts/validate-indentation.py` writes it.
  func pouch(like name: String, ampereHours: Double, grams: Double) throws -> AbuseCell {
    let area = grams / 2.2 / 0.7
    return try AbuseCell.read(
      """
      like: \(name)
      capacity_ah: \(ampereHours)
      mass_g: \(grams)
      width_mm: \((area * 0.6).squareRoot() * 10)
      thickness_mm: 7
      height_mm: \((area / 0.6).squareRoot() * 10)
      resistance_ohm: \(0.04 / ampereHours)
      separator: trilayer
      vent_pressure_kpa: 150
      vent_feedback: true
      """, file: "pouch.yaml")
  }

  /// Share of draws that fall below a fifth of the first voltage within 400 s.
  func lost(_ cell: AbuseCell, melts: Bool) -> Double {
    var random = Xoshiro256(seed: 21)
    func logarithmic(_ low: Double, _ high: Double) -> Double {
      exp(Double.random(in: log(low)...log(high), using: &random))
    }
    var count = 0
    var lost = 0
    for charge in [0.2, 0.4, 0.6, 0.8, 1] {
      for _ in 0..<40 {
        var simulation = AbuseSimulation(
          cell: cell,
          test: .indentation(resistance: logarithmic(0.01, 1), growth: logarithmic(0.1, 30)))
        let neck = logarithmic(0.005, 2) * 1e-6
        if melts {
          simulation.contactBurnOff = ShortCircuit.meltingIntegral(aluminiumCrossSection: neck)
        }
        simulation.condition.stateOfCharge = charge
        simulation.duration = 400
        let result = simulation.run()
        #expect(result.outcome != .unresolved)
        let first = result.samples.first?.voltage ?? 0
        count += 1
        if result.samples.contains(where: { $0.voltage < 0.2 * first }) { lost += 1 }
      }
    }
    return Double(lost) / Double(count)
  }

  @Test("Contacts that stay are too harsh on LFP, contacts that melt too mild on NMC")
  func shares() throws {
    let iron = try pouch(like: "lfp-18650", ampereHours: 10, grams: 280)
    let nickel = try pouch(like: "ncm-18650", ampereHours: 10, grams: 210)
    // Measured: LFP 1 of 19, NMC 12 of 22.
    let shares = [
      lost(iron, melts: false), lost(iron, melts: true), lost(nickel, melts: false),
      lost(nickel, melts: true),
    ]
    print("voltage lost: LFP stays, LFP melts, NMC stays, NMC melts: \(shares)")
    #expect((0.35...0.85).contains(shares[0]))
    #expect(shares[1] < 0.15)
    #expect((0.45...0.85).contains(shares[2]))
    #expect(shares[3] < 0.15)
  }
}
