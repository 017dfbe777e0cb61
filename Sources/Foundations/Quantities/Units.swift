// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The units the project uses, and the field's names for quantities in them.

/// The unit `V` as a phantom type.
public enum Volt: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "V" }
}

/// The unit `A` as a phantom type.
public enum Ampere: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "A" }
}

/// The unit `Ω` as a phantom type.
public enum Ohm: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "Ω" }
}

/// The unit `C` as a phantom type.
public enum Coulomb: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "C" }
}

/// The unit `W` as a phantom type.
public enum Watt: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "W" }
}

/// The unit `J` as a phantom type.
public enum Joule: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "J" }
}

/// The unit `K` as a phantom type.
public enum Kelvin: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "K" }
}

/// The unit `K` as a phantom type.
public enum KelvinDifference: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "K" }
}

/// The unit `s` as a phantom type.
public enum Second: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "s" }
}

/// The unit `m` as a phantom type.
public enum Metre: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "m" }
}

/// The unit `m²` as a phantom type.
public enum SquareMetre: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "m²" }
}

/// The unit `m³` as a phantom type.
public enum CubicMetre: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "m³" }
}

/// The unit `kg` as a phantom type.
public enum Kilogram: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "kg" }
}

/// The unit `Pa` as a phantom type.
public enum Pascal: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "Pa" }
}

/// The unit `N` as a phantom type.
public enum Newton: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "N" }
}

/// The unit `mol` as a phantom type.
public enum Mole: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "mol" }
}

/// The unit `Hz` as a phantom type.
public enum Hertz: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "Hz" }
}

/// The unit `m/s` as a phantom type.
public enum MetrePerSecond: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "m/s" }
}

/// The unit `K/s` as a phantom type.
public enum KelvinPerSecond: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "K/s" }
}

/// Electric potential difference, in volts.
public typealias Voltage = Quantity<Volt>

/// Electric current, in amperes; discharge is positive for a cell or pack.
public typealias Current = Quantity<Ampere>

/// Electric resistance, in ohms.
public typealias Resistance = Quantity<Ohm>

/// Electric charge, in coulombs.
public typealias Charge = Quantity<Coulomb>

/// Power, in watts.
public typealias Power = Quantity<Watt>

/// Energy, in joules.
public typealias Energy = Quantity<Joule>

/// Thermodynamic temperature, in kelvin.
public typealias Temperature = Quantity<Kelvin>

/// Difference of two temperatures, in kelvin.
public typealias TemperatureDifference = Quantity<KelvinDifference>

/// Duration, in seconds.
public typealias Duration = Quantity<Second>

/// Length, in metres.
public typealias Length = Quantity<Metre>

/// Area, in square metres.
public typealias Area = Quantity<SquareMetre>

/// Volume, in cubic metres.
public typealias Volume = Quantity<CubicMetre>

/// Mass, in kilograms.
public typealias Mass = Quantity<Kilogram>

/// Pressure, in pascals.
public typealias Pressure = Quantity<Pascal>

/// Force, in newtons.
public typealias Force = Quantity<Newton>

/// Amount of substance, in moles.
public typealias AmountOfSubstance = Quantity<Mole>

/// Frequency, in hertz.
public typealias Frequency = Quantity<Hertz>

/// Speed, in metres per second.
public typealias Speed = Quantity<MetrePerSecond>

/// Rate of temperature change, in kelvin per second.
public typealias TemperatureRate = Quantity<KelvinPerSecond>
