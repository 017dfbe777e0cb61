// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How much of which gas a cell releases when all of its reactions run to the end.

/// How much of which gas a cell releases when all of its reactions run to their end.
public struct GasProfile: Hashable, Sendable {
  /// Where the numbers come from.
  public var source: String
  /// Amounts per capacity, in mol per coulomb, by ``GasSpecies``.
  public var amounts: [Double]

  /// Creates a profile.
  ///
  /// - Parameters:
  ///   - source: Where the numbers come from.
  ///   - millimolesPerAmpereHour: Sum of the main gases.
  ///   - shares: Mole fractions of the main gases; scaled to a sum of one.
  ///   - traces: Further gases, in mmol/Ah.
  public init(
    source: String, millimolesPerAmpereHour: Double, shares: [GasSpecies: Double],
    traces: [GasSpecies: Double] = [:]
  ) {
    self.source = source
    let scale = 1e-3 / 3_600
    let sum = shares.values.reduce(0, +)
    amounts = GasSpecies.allCases.map { species in
      let main = sum > 0 ? (shares[species] ?? 0) / sum * millimolesPerAmpereHour : 0
      return (main + (traces[species] ?? 0)) * scale
    }
  }

  /// Gas per capacity at 25 °C and 1 atm, in litres per ampere-hour, without water and solvent.
  public var litresPerAmpereHour: Double { amounts.reduce(0, +) * 3_600 * 24.465 }

  /// HF at 20 mg/Wh and POF₃ at 18 mg/Wh of nominal energy, in mmol/Ah.
  ///
  /// The lower end of 20 to 200 mg/Wh, as the gas is counted before it burns, and the middle of 15 to
  /// 22 mg/Wh: Larsson et al. (2017), doi:10.1038/s41598-017-09784-z.
  static func fluorides(nominalVoltage: Double) -> [GasSpecies: Double] {
    [
      .hydrogenFluoride: 20 / 20.006 * nominalVoltage,
      .phosphorylFluoride: 18 / 103.968 * nominalVoltage,
    ]
  }

  private static let golubkov =
    "Golubkov et al. 2014, doi:10.1039/C3RA45748F (second hand): 18650, 100 % SOC, inert vessel; "
    + "HF and POF3 Larsson et al. 2017, doi:10.1038/s41598-017-09784-z"

  /// LCO blended with NCM: 265 mmol of a 2.6 Ah cell.
  public static let lco = GasProfile(
    source: golubkov, millimolesPerAmpereHour: 265 / 2.6,
    shares: [
      .carbonDioxide: 0.249, .carbonMonoxide: 0.276, .hydrogen: 0.30, .methane: 0.086,
      .ethylene: 0.077, .ethane: 0.012,
    ], traces: fluorides(nominalVoltage: 3.7))

  /// NCM: 149 mmol of a 1.5 Ah cell.
  public static let ncm = GasProfile(
    source: golubkov, millimolesPerAmpereHour: 149 / 1.5,
    shares: [
      .carbonDioxide: 0.412, .carbonMonoxide: 0.13, .hydrogen: 0.308, .methane: 0.068,
      .ethylene: 0.082,
    ], traces: fluorides(nominalVoltage: 3.65))

  /// LFP: 50 mmol of a 1.1 Ah cell.
  public static let lfp = GasProfile(
    source: golubkov, millimolesPerAmpereHour: 50 / 1.1,
    shares: [
      .carbonDioxide: 0.53, .carbonMonoxide: 0.048, .hydrogen: 0.309, .methane: 0.041,
      .ethylene: 0.068, .ethane: 0.003,
    ], traces: fluorides(nominalVoltage: 3.2))

  private static let review = "middle of the range of the review (Jing et al. 2026, table 1); "

  /// Sodium ion with a layered oxide: 3.45 L/Ah, composition assumed as of ``ncm``.
  public static let sodiumLayered = GasProfile(
    source: review + "composition assumed as of NCM", millimolesPerAmpereHour: 3_450 / 24.465,
    shares: [
      .carbonDioxide: 0.412, .carbonMonoxide: 0.13, .hydrogen: 0.308, .methane: 0.068,
      .ethylene: 0.082,
    ], traces: fluorides(nominalVoltage: 3.1))

  /// Sodium ion with Prussian blue: as ``sodiumLayered`` with 1 % of HCN, assumed.
  ///
  /// That is one in eighty of the cathode's cyanide (112 mmol/Ah at two sodium for six cyanides); most is
  /// found as cyanogen, which is not counted, or reacts with the electrolyte (Dreyer et al. 2024,
  /// doi:10.1002/batt.202300595, of cycling).
  public static let sodiumPrussianBlue = GasProfile(
    source: review + "composition assumed as of NCM with 1 % HCN",
    millimolesPerAmpereHour: 3_450 / 24.465,
    shares: [
      .carbonDioxide: 0.412, .carbonMonoxide: 0.12, .hydrogen: 0.308, .methane: 0.068,
      .ethylene: 0.082, .hydrogenCyanide: 0.01,
    ], traces: fluorides(nominalVoltage: 3.2))

  /// Cathode of a potassium cell over its capacity, in kg/Ah: K₂Fe[Fe(CN)₆] at 130 mAh/g of the 155 that
  /// two potassium would give; assumed.
  public static let potassiumCathode = 7.7e-3

  /// Potassium ion with Prussian blue: 51.4 % of the cathode's mass as gas, mixed as of
  /// ``sodiumPrussianBlue``, assumed.
  public static let potassium: GasProfile = {
    var profile = sodiumPrussianBlue
    profile.source =
      "51.4 % of the cathode's mass (Jing et al. 2026, table 1); composition assumed as of sodium "
      + "Prussian blue"
    let scale = 0.514 * potassiumCathode / 3_600 / profile.mass
    profile.amounts = profile.amounts.map { $0 * scale }
    return profile
  }()

  /// Sulfide solid state: 1.15 L/Ah, mostly SO₂ and O₂ of the cathode, assumed.
  public static let sulfide = GasProfile(
    source: review + "composition assumed", millimolesPerAmpereHour: 1_150 / 24.465,
    shares: [
      .sulfurDioxide: 0.55, .carbonDioxide: 0.2, .oxygen: 0.2, .hydrogenSulfide: 0.02,
      .carbonMonoxide: 0.03,
    ])
}
