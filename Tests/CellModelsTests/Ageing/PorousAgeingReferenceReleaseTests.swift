// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Ageing of the porous-electrode model against an independent solver.

import CellModels
import Foundation
import NumericalMethods
import Testing

/// References: PyBaMM 26.10.1, DFN, IDAKLU at rtol 1e-6, OKane2022 from the set's initial
/// concentrations, three cycles of discharge at 1C to 2.5 V and charge at 1C to 4.2 V, film growth
/// limited by solvent diffusion, porosity change by film and metal; 30 volumes in each electrode, 8
/// in the separator, 100 or 150 points in the particles. Enabled in release runs.
@Suite(
  "Ageing in volumes against an independent solver",
  .enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct PorousAgeingReferenceReleaseTests {
  func cycled(
    _ options: AgeingOptions, temperature: Double
  ) throws -> (time: Double, end: CellObservation, profiles: CellProfiles) {
    let p = CellParameters.okane2022
    let start = p.initialStoichiometries
    var simulation = CellSimulation(
      try PorousElectrodeModel(p, ageing: options),
      negative: start.negative, positive: start.positive, temperature: temperature)
    var low = CellLimits()
    low.lowerVoltage = 2.5
    var high = CellLimits()
    high.upperVoltage = 4.2
    for _ in 0..<3 {
      #expect(simulation.run(.current(5), duration: 9_000, limits: low) == .event(.lowerVoltage))
      #expect(simulation.run(.current(-5), duration: 9_000, limits: high) == .event(.upperVoltage))
    }
    return (simulation.time, simulation.observe(), simulation.model.profiles(simulation.state))
  }

  @Test("Cracks, film on cracks and loss of active material at 25 °C")
  func cracks() throws {
    var options = AgeingOptions()
    options.interphase = .solvent
    options.cracking = .paris
    options.activeMaterialLoss = .stress
    let (time, end, profiles) = try cycled(options, temperature: 298.15)
    #expect(abs(time / 17_460.0 - 1) < 1e-3)
    #expect(abs(end.filmLithium / (7.568e-6 + 9.931_7e-5) - 1) < 2e-3)
    #expect(abs((end.crackLength - 2e-8) / 3.776_7e-12 - 1) < 5e-3)
    #expect(abs(0.75 * (1 - end.negativeActive) / 3.071_5e-5 - 1) < 5e-3)
    #expect(abs(0.665 * (1 - end.positiveActive) / 1.023_9e-5 - 1) < 5e-3)
    #expect(abs(end.trappedLithium / (3.393_9e-6 + 2.809_7e-6) - 1) < 5e-3)
    #expect(abs(end.negativeStress / -8.408_4e6 - 1) < 5e-3)
    #expect(abs(end.positiveStress / 5.436_2e7 - 1) < 5e-3)
    // In the volumes next to the collector and next to the separator.
    #expect(abs(0.75 * (1 - profiles.activeMaterial[0]) / 2.710_5e-5 - 1) < 1e-2)
    #expect(abs(0.75 * (1 - profiles.activeMaterial[29]) / 4.224_8e-5 - 1) < 1e-2)
  }

  // Time of the end in s, lithium in the film in mol, plated and dead lithium in mol/m³, and the
  // dead lithium next to the collector and next to the separator.
  @Test(
    "Plating at 0 °C",
    arguments: [
      (PlatingLaw.irreversible, [9_815.64, 1.065_37e-6, 0.0, 706.753, 98.307, 3_853.2]),
      (.partiallyReversible, [10_051.04, 1.090_84e-6, 222.228, 0.307_428, 0.039_446, 1.598_55]),
    ])
  func plating(law: PlatingLaw, reference: [Double]) throws {
    var options = AgeingOptions()
    options.interphase = .solvent
    options.plating = law
    let (time, end, profiles) = try cycled(options, temperature: 273.15)
    let p = CellParameters.okane2022
    let volume = p.negative.thickness * p.electrodeArea
    #expect(abs(time / reference[0] - 1) < 4e-3)
    #expect(abs(end.filmLithium / reference[1] - 1) < 4e-3)
    #expect(abs(end.platedLithium / volume - reference[2]) <= 1.2e-2 * reference[2])
    #expect(abs(end.deadLithium / volume - reference[3]) <= 1.5e-2 * reference[3])
    #expect(abs(profiles.deadLithium[0] - reference[4]) <= 3e-2 * reference[4])
    #expect(abs(profiles.deadLithium[29] - reference[5]) <= 1.5e-2 * reference[5])
  }
}
