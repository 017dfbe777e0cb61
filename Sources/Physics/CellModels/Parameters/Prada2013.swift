// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The A123 26650 cell (lithium iron phosphate against graphite) after Prada et al. 2013.

public import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The A123 26650 cell, 2.3 Ah, lithium iron phosphate against graphite.
///
/// - Reference: Prada et al. (2013), doi:10.1149/2.053302jes, completed as in PyBaMM's set of that
///   name: iron phosphate potential of Afshar et al. (2017), doi:10.1016/j.electacta.2017.03.121,
///   graphite potential of ``Chen2020``.
public enum Prada2013 {
  /// Nominal capacity.
  public static let nominalCapacity = Charge(ampereHours: 2.3)
  /// Lower voltage limit.
  public static let lowerVoltage = Voltage(2.0)
  /// Upper voltage limit.
  public static let upperVoltage = Voltage(3.6)
  /// Stoichiometries at 2.0 V and 3.6 V for the lithium content of the set.
  public static let balance = ElectrodeBalance(
    negative: (empty: 0.017_618, full: 0.810_043), positive: (empty: 0.703_502, full: 0.003_762))

  /// Open-circuit potential of the graphite electrode, in volts.
  public static func negativePotential(_ x: Double) -> Double { Chen2020.negativePotential(x) }

  /// Open-circuit potential of the iron phosphate electrode, in volts.
  public static func positivePotential(_ y: Double) -> Double {
    3.407_7 - 0.020_269 * y + 0.5 * exp(-150 * y) - 0.9 * exp(-30 * (1 - y))
  }

  /// The negative electrode.
  public static let negative = ElectrodeParameters(
    thickness: 34e-6, activeFraction: 0.58, porosity: 0.36, particleRadius: 5e-6,
    diffusivity: 3e-15, maximumConcentration: 30_555,
    // 6.48e-7·√1000·30,555/2 A/m².
    exchangeCurrentDensity: 0.313_06,
    // Bruggeman exponent 1.5 on the solid fraction.
    solidConductivity: 215 * pow(0.58, 1.5), doubleLayerCapacity: 0.2,
    potentialSlope: meanSlope(of: negativePotential, over: (0.176_1, 0.651_6)))

  /// The positive electrode.
  public static let positive = ElectrodeParameters(
    thickness: 80e-6, activeFraction: 0.374, porosity: 0.426, particleRadius: 5e-8,
    diffusivity: 5.9e-18, maximumConcentration: 22_806,
    // 6.0e-7·√1000·22,806/2 A/m².
    exchangeCurrentDensity: 0.216_357,
    solidConductivity: 0.337_950_74 * pow(0.374, 1.5), doubleLayerCapacity: 0.2,
    potentialSlope: meanSlope(of: positivePotential, over: (0.563_6, 0.143_7)))

  /// Quasi-steady resistances of the cell at 25 °C.
  public static let reduced = ReducedCell(
    negative: negative, positive: positive, separator: (thickness: 25e-6, porosity: 0.45),
    // The set's conductivity at its initial concentration of 1.2 mol/l.
    electrolyteConductivity: 1.898_5, area: Area(0.6 * 0.3))

  /// Charge between the two voltage limits at rest, in the set's negative electrode.
  public static let capacity = Charge(
    PhysicalConstants.faraday * 0.58 * 34e-6 * (0.6 * 0.3) * 30_555
      * (balance.negative.full - balance.negative.empty))

  /// The full-cell open-circuit voltage, without entropy (the set states none).
  public static let openCircuit = OpenCircuitVoltage(
    curve: balance.openCircuitCurve(
      count: 401, positivePotential: positivePotential, negativePotential: negativePotential))

  /// The cell as an equivalent circuit with three resistor–capacitor pairs.
  ///
  /// The set states no activation energy; that of ``Chen2020`` for the same graphite is assumed.
  ///
  /// - Parameter heat: Heat balance; the set states none.
  /// - Returns: The cell.
  public static func equivalentCircuit(
    heat: LumpedHeat = .isothermal
  ) -> EquivalentCircuit<ResistorCapacitorPolarisation, NoHysteresis> {
    EquivalentCircuit(
      capacity: capacity, openCircuit: openCircuit, seriesResistance: Resistance(reduced.ohmic),
      polarisation: ResistorCapacitorPolarisation(pairs: reduced.pairs),
      resistanceFactor: ResistanceFactor(activationEnergy: Chen2020.activationEnergy),
      hysteresis: NoHysteresis(), heat: heat)
  }
}
