// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The units that headers print, with their factors to coherent SI.

import Quantities

/// One unit as sources print it: `SI = number × scale + offset`.
struct UnitEntry: Sendable {
  /// The symbol, in the spelling of the source.
  let symbol: String
  /// The coherent SI symbol of the quantity catalogue that it measures; empty for a pure number.
  let dimension: String
  let scale: Double
  let offset: Double
  /// What the numbers look like in the file.
  let form: NumberForm

  init(
    _ symbol: String, _ dimension: String, _ scale: Double, offset: Double = 0,
    form: NumberForm = .decimal
  ) {
    self.symbol = symbol
    self.dimension = dimension
    self.scale = scale
    self.offset = offset
    self.form = form
  }
}

/// How the text of a column becomes numbers.
enum NumberForm: String, Sendable, Hashable {
  /// Decimal numbers.
  case decimal
  /// Dates, read to seconds since the Unix epoch.
  case date
  /// Durations such as `1:02:03`, read to seconds.
  case duration
  /// Excel date serials: days since 1899-12-30.
  case excelDate
  /// Text that is not read.
  case text
}

/// The units that headers print, with their factors to coherent SI.
enum UnitTable {
  /// The entry of a unit, first in the exact spelling, then without regard to case.
  ///
  /// The exact spelling decides first because `mW` and `MW` differ by nine powers of ten.
  static func entry(of symbol: String) -> UnitEntry? {
    let trimmed = symbol.filter { !$0.isWhitespace && $0 != "." && $0 != "·" }
    return exact[trimmed] ?? folded[trimmed.lowercased()]
  }

  private static let exact = Dictionary(
    all.map { ($0.symbol, $0) }, uniquingKeysWith: { first, _ in first })
  private static let folded = Dictionary(
    all.map { ($0.symbol.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })

  private static let hour = PhysicalConstants.secondsPerHour
  private static let zeroCelsius = PhysicalConstants.celsiusZero
  /// One pound-force, exact: 0.45359237 kg × 9.80665 m/s² (NIST SP 811, appendix B).
  private static let poundForce = 4.448_221_615_260_5

  /// Symbols without dots and blanks; the first of equal spellings wins.
  static let all: [UnitEntry] = [
    .init("V", "V", 1), .init("mV", "V", 1e-3), .init("uV", "V", 1e-6), .init("µV", "V", 1e-6),
    .init("μV", "V", 1e-6), .init("kV", "V", 1e3), .init("Volt", "V", 1), .init("Volts", "V", 1),
    .init("A", "A", 1), .init("mA", "A", 1e-3), .init("uA", "A", 1e-6), .init("µA", "A", 1e-6),
    .init("μA", "A", 1e-6), .init("Amp", "A", 1), .init("Amps", "A", 1), .init("Ampere", "A", 1),
    .init("s", "s", 1), .init("sec", "s", 1), .init("secs", "s", 1), .init("second", "s", 1),
    .init("seconds", "s", 1), .init("ms", "s", 1e-3), .init("us", "s", 1e-6),
    .init("min", "s", 60), .init("mins", "s", 60), .init("minutes", "s", 60),
    .init("h", "s", hour), .init("hr", "s", hour), .init("hrs", "s", hour),
    .init("hour", "s", hour), .init("hours", "s", hour), .init("d", "s", 86_400),
    .init("days", "s", 86_400),
    .init("h:m:s", "s", 1, form: .duration), .init("hh:mm:ss", "s", 1, form: .duration),
    .init("h:min:sms", "s", 1, form: .duration), .init("h:min:s", "s", 1, form: .duration),
    .init("hh:mm:ssms", "s", 1, form: .duration), .init("hh:mm:ssxxx", "s", 1, form: .duration),
    .init("d:h:m:s", "s", 1, form: .duration),
    .init("date", "s", 1, form: .date), .init("exceldate", "s", 1, form: .excelDate),
    .init("°C", "K", 1, offset: zeroCelsius), .init("degC", "K", 1, offset: zeroCelsius),
    .init("℃", "K", 1, offset: zeroCelsius), .init("C", "K", 1, offset: zeroCelsius),
    .init("ºC", "K", 1, offset: zeroCelsius), .init("oC", "K", 1, offset: zeroCelsius),
    .init("Celsius", "K", 1, offset: zeroCelsius), .init("celcius", "K", 1, offset: zeroCelsius),
    .init("deg", "K", 1, offset: zeroCelsius), .init("degreeCelsius", "K", 1, offset: zeroCelsius),
    .init("°F", "K", 5.0 / 9, offset: zeroCelsius - 32 * 5.0 / 9),
    .init("degF", "K", 5.0 / 9, offset: zeroCelsius - 32 * 5.0 / 9),
    .init("F", "K", 5.0 / 9, offset: zeroCelsius - 32 * 5.0 / 9),
    .init("K", "K", 1), .init("Kelvin", "K", 1),
    .init("Ah", "C", hour), .init("mAh", "C", hour * 1e-3), .init("Amp-hr", "C", hour),
    .init("Amphr", "C", hour), .init("uAh", "C", hour * 1e-6), .init("µAh", "C", hour * 1e-6),
    .init("As", "C", 1), .init("Coulomb", "C", 1),
    .init("Wh", "J", hour), .init("mWh", "J", hour * 1e-3), .init("kWh", "J", hour * 1e3),
    .init("Watt-hr", "J", hour), .init("J", "J", 1), .init("kJ", "J", 1e3),
    .init("W", "W", 1), .init("mW", "W", 1e-3), .init("kW", "W", 1e3), .init("Watts", "W", 1),
    .init("Ω", "Ω", 1), .init("Ω", "Ω", 1), .init("ohm", "Ω", 1), .init("ohms", "Ω", 1),
    .init("mΩ", "Ω", 1e-3), .init("mΩ", "Ω", 1e-3), .init("mohm", "Ω", 1e-3),
    .init("mohms", "Ω", 1e-3), .init("kΩ", "Ω", 1e3), .init("kΩ", "Ω", 1e3),
    .init("kohm", "Ω", 1e3), .init("MΩ", "Ω", 1e6), .init("Mohm", "Ω", 1e6),
    .init("ohmcm²", "Ω", 1), .init("ohmcm2", "Ω", 1),
    .init("%", "", 0.01), .init("percent", "", 0.01), .init("1", "", 1), .init("-", "", 1),
    .init("fraction", "", 1), .init("dimensionless", "", 1),
    .init("m/s", "m/s", 1), .init("km/h", "m/s", 1 / 3.6), .init("kmh", "m/s", 1 / 3.6),
    .init("km/hr", "m/s", 1 / 3.6), .init("mph", "m/s", 0.44704),
    .init("m", "m", 1), .init("km", "m", 1e3), .init("mm", "m", 1e-3), .init("um", "m", 1e-6),
    .init("µm", "m", 1e-6), .init("in", "m", 0.0254), .init("mile", "m", 1609.344),
    .init("Hz", "Hz", 1), .init("kHz", "Hz", 1e3), .init("mHz", "Hz", 1e-3),
    .init("N", "N", 1), .init("kN", "N", 1e3), .init("lb", "N", poundForce),
    .init("lbs", "N", poundForce), .init("lbf", "N", poundForce),
    .init("Pa", "Pa", 1), .init("kPa", "Pa", 1e3), .init("MPa", "Pa", 1e6),
    .init("bar", "Pa", 1e5), .init("mbar", "Pa", 1e2), .init("psi", "Pa", 6894.757_293_168),
  ]
}

/// The mapping from numbers in a printed unit to coherent SI: `SI = number × scale + offset`.
public struct UnitConversion: Hashable, Sendable {
  /// Factor.
  public let scale: Double
  /// Offset in SI.
  public let offset: Double

  /// The mapping of a unit as files and devices print it; nil when the unit is unknown or
  /// measures something else.
  ///
  /// - Parameters:
  ///   - symbol: The unit, such as `mV`, `degC` or `%`; an empty text is a pure number.
  ///   - unit: Symbol of the coherent SI unit that is wanted, as in the quantity catalogue.
  public init?(from symbol: String, to unit: String) {
    guard let entry = UnitTable.entry(of: symbol), entry.dimension == unit,
      entry.form == .decimal
    else {
      guard symbol.isEmpty, unit.isEmpty else { return nil }
      scale = 1
      offset = 0
      return
    }
    scale = entry.scale
    offset = entry.offset
  }
}
