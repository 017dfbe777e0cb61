// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Ageing of the single-particle models against an independent solver.

import CellModels
import NumericalMethods
import Testing

/// References: PyBaMM 26.10.1, IDAKLU at rtol 1e-7, OKane2022 from the set's initial
/// concentrations, three cycles of discharge at 1C to 2.5 V and charge at 1C to 4.2 V, film growth
/// limited by solvent diffusion. Its uniform particle mesh of first order, and its tables, are the
/// tolerance.
@Suite("Ageing against an independent solver")
struct AgeingReferenceTests {
  static func cycled(
    _ options: AgeingOptions, withElectrolyte: Bool, temperature: Double
  ) throws -> (time: Double, end: CellObservation) {
    let p = CellParameters.okane2022
    let start = p.initialStoichiometries
    var simulation = CellSimulation(
      try SingleParticleModel(p, withElectrolyte: withElectrolyte, ageing: options),
      negative: start.negative, positive: start.positive, temperature: temperature,
      options: StiffOptions(relativeTolerance: 1e-5))
    var low = CellLimits()
    low.lowerVoltage = 2.5
    var high = CellLimits()
    high.upperVoltage = 4.2
    for _ in 0..<3 {
      #expect(simulation.run(.current(5), duration: 9_000, limits: low) == .event(.lowerVoltage))
      #expect(simulation.run(.current(-5), duration: 9_000, limits: high) == .event(.upperVoltage))
    }
    return (simulation.time, simulation.observe())
  }

  /// Volume of the negative electrode, in m³.
  static var volume: Double {
    CellParameters.okane2022.negative.thickness * CellParameters.okane2022.electrodeArea
  }

  // SPM with "surface form" algebraic, 0 °C, 200 points in the particles: time of the end in s,
  // plated and dead lithium in mol/m³, lithium in the film in mol.
  @Test(
    "Plating at 0 °C",
    arguments: [
      (PlatingLaw.irreversible, 12_436.03, 0.0, 1_196.03, 1.348_70e-6),
      (.reversible, 12_727.35, 326.569, 0, 1.380_17e-6),
      (.partiallyReversible, 12_727.19, 326.372, 0.707_803, 1.380_15e-6),
    ])
  func plating(law: PlatingLaw, time: Double, plated: Double, dead: Double, film: Double) throws {
    var options = AgeingOptions()
    options.interphase = .solvent
    options.plating = law
    let own = try Self.cycled(options, withElectrolyte: false, temperature: 273.15)
    #expect(abs(own.time / time - 1) < 2e-3)
    #expect(abs(own.end.platedLithium / Self.volume - plated) <= 2e-3 * plated)
    #expect(abs(own.end.deadLithium / Self.volume - dead) <= 4e-3 * dead)
    #expect(abs(own.end.filmLithium / film - 1) < 2e-3)
  }

  // Options "swelling and cracking", "SEI on cracks", "stress-driven" and stress-induced diffusion,
  // 25 °C, 60 points in the particles: time in s; lithium in films in mol; crack length in m;
  // fractions of active material; lithium in lost material in mol; stresses in Pa.
  @Test("Cracks, film on cracks and loss of active material at 25 °C", arguments: [false, true])
  func cracks(withElectrolyte: Bool) throws {
    let reference =
      withElectrolyte
      ? [
        17_435.95, 9.924_67e-5 + 7.557_39e-6, 2.000_360_86e-8, 0.749_970_33, 0.664_989_836,
        3.192_13e-6 + 2.790_12e-6, -8.441_21e6, 5.419_29e7,
      ]
      : [
        19_518.31, 1.050_08e-4 + 8.439_16e-6, 2.000_385_21e-8, 0.749_968_27, 0.664_986_076,
        3.613_42e-6 + 3.456_52e-6, -8.107_86e6, 6.471_78e7,
      ]
    var options = AgeingOptions()
    options.interphase = .solvent
    options.cracking = .paris
    options.activeMaterialLoss = .stress
    let own = try Self.cycled(options, withElectrolyte: withElectrolyte, temperature: 298.15)
    #expect(abs(own.time / reference[0] - 1) < 5e-3)
    #expect(abs(own.end.filmLithium / reference[1] - 1) < 5e-3)
    #expect(abs((own.end.crackLength - 2e-8) / (reference[2] - 2e-8) - 1) < 1e-2)
    #expect(abs((0.75 * (1 - own.end.negativeActive)) / (0.75 - reference[3]) - 1) < 1e-2)
    #expect(abs((0.665 * (1 - own.end.positiveActive)) / (0.665 - reference[4]) - 1) < 1.5e-2)
    #expect(abs(own.end.trappedLithium / reference[5] - 1) < 1e-2)
    #expect(abs(own.end.negativeStress / reference[6] - 1) < 5e-3)
    #expect(abs(own.end.positiveStress / reference[7] - 1) < 1e-2)
  }
}
