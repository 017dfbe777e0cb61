// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of physical constants against the values CODATA prints for the derived ones.

import Quantities
import Testing

@Suite("Physical constants")
struct PhysicalConstantsTests {
  /// CODATA 2018 (doi:10.1103/RevModPhys.93.025010) prints ten digits of each.
  static let printed: [(String, Double, Double)] = [
    ("Faraday constant", PhysicalConstants.faraday, 96_485.332_12),
    ("molar gas constant", PhysicalConstants.gas, 8.314_462_618),
    ("molar volume", PhysicalConstants.molarVolume, 22.413_969_54e-3),
  ]

  @Test("derived constants agree with the printed ones to ten digits", arguments: printed)
  func derived(name: String, value: Double, printed: Double) {
    #expect((value / printed - 1).magnitude < 1e-9)
  }

  @Test("The Stefan–Boltzmann constant follows from k, h and c")
  func stefanBoltzmann() {
    let k = PhysicalConstants.boltzmann
    let h = PhysicalConstants.planck
    let c = PhysicalConstants.lightSpeed
    let fifthPower = Double.pi * .pi * .pi * .pi * .pi
    let sigma = 2 * fifthPower * (k * k * k * k) / (15 * (h * h * h) * (c * c))
    #expect((sigma / PhysicalConstants.stefanBoltzmann - 1).magnitude < 1e-9)
  }

  @Test("The thermal voltage at 25 °C is 25.69 mV")
  func thermalVoltage() {
    let voltage =
      PhysicalConstants.gas * PhysicalConstants.referenceTemperature / PhysicalConstants.faraday
    #expect((voltage - 0.025_693).magnitude < 1e-6)
    #expect(PhysicalConstants.secondsPerDay == 24 * PhysicalConstants.secondsPerHour)
  }
}
