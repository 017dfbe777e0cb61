// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Physical constants and unit definitions, each with its source and exactness.

/// Physical constants in coherent SI units.
///
/// The seven defining constants of the SI are exact since 2019-05-20: BIPM, The International
/// System of Units, 9th edition (2019), doi:10.59161/AUEZ1291.
public enum PhysicalConstants {
  /// Elementary charge in coulombs; exact (SI 9th edition, section 2.2).
  public static let elementaryCharge = 1.602_176_634e-19

  /// Avogadro constant per mole; exact (SI 9th edition, section 2.2).
  public static let avogadro = 6.022_140_76e23

  /// Boltzmann constant in joules per kelvin; exact (SI 9th edition, section 2.2).
  public static let boltzmann = 1.380_649e-23

  /// Faraday constant in coulombs per mole; exact, `e·N_A`.
  public static let faraday = elementaryCharge * avogadro

  /// Molar gas constant in joules per mole and kelvin; exact, `k·N_A`.
  public static let gas = boltzmann * avogadro

  /// Stefan–Boltzmann constant in W/(m²·K⁴); derived from exact constants, rounded to ten
  /// digits (CODATA 2018, doi:10.1103/RevModPhys.93.025010).
  public static let stefanBoltzmann = 5.670_374_419e-8

  /// Zero of the Celsius scale in kelvin; exact by definition.
  public static let celsiusZero = 273.15

  /// Reference temperature of most battery data, 25 °C, in kelvin.
  public static let referenceTemperature = 298.15

  /// Standard atmosphere in pascals; exact by definition (10th CGPM, 1954).
  public static let standardAtmosphere = 101_325.0

  /// Seconds in an hour; exact.
  public static let secondsPerHour = 3_600.0

  /// Seconds in a day of 24 hours; exact.
  public static let secondsPerDay = 86_400.0

  /// Planck constant in joule seconds; exact (SI 9th edition, section 2.2).
  public static let planck = 6.626_070_15e-34

  /// Speed of light in vacuum in metres per second; exact (SI 9th edition, section 2.2).
  public static let lightSpeed = 299_792_458.0

  /// Volume of one mole of ideal gas at 0 °C and 101 325 Pa, in m³/mol; exact, `R·T/p`.
  public static let molarVolume = gas * celsiusZero / standardAtmosphere

  /// Standard acceleration of free fall in m/s²; exact by definition (3rd CGPM, 1901).
  public static let standardGravity = 9.806_65
}
