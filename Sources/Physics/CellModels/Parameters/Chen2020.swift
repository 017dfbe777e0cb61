// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The LG M50 21700 cell (NMC811 against graphite and silicon oxide) of Chen et al. 2020.

public import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The LG M50 21700 cell, 5 Ah, NMC811 against graphite with silicon oxide.
///
/// - Reference: Chen et al. (2020), doi:10.1149/1945-7111/ab9050. Double-layer capacity and heat
///   transfer are the defaults that PyBaMM ships with this set, not measurements of the paper.
public enum Chen2020 {
  /// Nominal capacity.
  public static let nominalCapacity = Charge(ampereHours: 5)
  /// Lower voltage limit.
  public static let lowerVoltage = Voltage(2.5)
  /// Upper voltage limit.
  public static let upperVoltage = Voltage(4.2)
  /// Stoichiometries at 2.5 V and 4.2 V for the lithium content of the set.
  public static let balance = ElectrodeBalance(
    negative: (empty: 0.026_346, full: 0.910_618), positive: (empty: 0.853_975, full: 0.263_845))

  /// Open-circuit potential of the graphite–silicon oxide electrode, in volts (their equation 9).
  public static func negativePotential(_ x: Double) -> Double {
    let fall = 1.979_3 * exp(-39.363_1 * x) + 0.248_2
    let first = 0.090_9 * tanh(29.853_8 * (x - 0.123_4))
    let second = 0.044_78 * tanh(14.915_9 * (x - 0.276_9))
    let third = 0.020_5 * tanh(30.444_4 * (x - 0.610_3))
    return fall - first - second - third
  }

  /// Open-circuit potential of the NMC811 electrode, in volts (their equation 8).
  public static func positivePotential(_ y: Double) -> Double {
    let line = -0.809 * y + 4.487_5
    let first = 0.042_8 * tanh(18.513_8 * (y - 0.554_2))
    let second = 17.732_6 * tanh(15.789 * (y - 0.311_7))
    let third = 17.584_2 * tanh(15.930_8 * (y - 0.312))
    return line - first - second + third
  }

  /// The negative electrode.
  public static let negative = ElectrodeParameters(
    thickness: 85.2e-6, activeFraction: 0.75, porosity: 0.25, particleRadius: 5.86e-6,
    diffusivity: 3.3e-14, maximumConcentration: 33_133,
    // 6.48e-7·√1000·33,133/2 A/m², their fitted rate constant.
    exchangeCurrentDensity: 0.339_473, solidConductivity: 215, doubleLayerCapacity: 0.2,
    potentialSlope: meanSlope(of: negativePotential, over: (0.203_2, 0.733_8)))

  /// The positive electrode.
  public static let positive = ElectrodeParameters(
    thickness: 75.6e-6, activeFraction: 0.665, porosity: 0.335, particleRadius: 5.22e-6,
    diffusivity: 4e-15, maximumConcentration: 63_104,
    // 3.42e-6·√1000·63,104/2 A/m², their fitted rate constant.
    exchangeCurrentDensity: 3.412_346, solidConductivity: 0.18, doubleLayerCapacity: 0.2,
    potentialSlope: meanSlope(of: positivePotential, over: (0.735_9, 0.381_9)))

  /// Quasi-steady resistances of the cell at 25 °C.
  public static let reduced = ReducedCell(
    negative: negative, positive: positive, separator: (thickness: 12e-6, porosity: 0.47),
    // Electrolyte of Nyman et al. (2008), doi:10.1016/j.electacta.2008.04.023, at 1 mol/l.
    electrolyteConductivity: 0.948_7, area: Area(1.58 * 0.065))

  /// Charge between the two voltage limits at rest, in the set's negative electrode.
  public static let capacity = Charge(
    PhysicalConstants.faraday * 0.75 * 85.2e-6 * (1.58 * 0.065) * 33_133
      * (balance.negative.full - balance.negative.empty))

  /// The full-cell open-circuit voltage, without entropy (the set states none).
  public static let openCircuit = OpenCircuitVoltage(
    curve: balance.openCircuitCurve(
      count: 201, positivePotential: positivePotential, negativePotential: negativePotential))

  /// The heat balance of the bare cell: 24.2 cm³ at 1.77 MJ/(m³·K), 53.1 cm² at 10 W/(m²·K).
  public static let heat = LumpedHeat(
    capacityJoulesPerKelvin: 2.42e-5 * 1.77e6, conductanceWattsPerKelvin: 10 * 5.31e-3)

  /// Activation energy of the charge transfer at the negative electrode, in J/mol, which makes
  /// most of the resistance.
  public static let activationEnergy = 35_000.0

  /// The cell as an equivalent circuit with three resistor–capacitor pairs.
  public static let equivalentCircuit = EquivalentCircuit(
    capacity: capacity, openCircuit: openCircuit, seriesResistance: Resistance(reduced.ohmic),
    polarisation: ResistorCapacitorPolarisation(pairs: reduced.pairs),
    resistanceFactor: ResistanceFactor(activationEnergy: activationEnergy),
    hysteresis: NoHysteresis(), heat: heat)
}

/// Mean slope of a potential over a range of stoichiometry, in volts.
func meanSlope(of potential: (Double) -> Double, over range: (Double, Double)) -> Double {
  (potential(range.1) - potential(range.0)) / (range.1 - range.0)
}
