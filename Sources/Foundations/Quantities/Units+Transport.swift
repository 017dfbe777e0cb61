// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Units of heat, mass and charge transport, and their names as quantities.

/// The unit `W/K` as a phantom type.
public enum WattPerKelvin: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "W/K" }
}

/// The unit `W/(m²·K)` as a phantom type.
public enum WattPerSquareMetreKelvin: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "W/(m²·K)" }
}

/// The unit `W/(m·K)` as a phantom type.
public enum WattPerMetreKelvin: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "W/(m·K)" }
}

/// The unit `m³/s` as a phantom type.
public enum CubicMetrePerSecond: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "m³/s" }
}

/// The unit `kg/s` as a phantom type.
public enum KilogramPerSecond: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "kg/s" }
}

/// The unit `mol/s` as a phantom type.
public enum MolePerSecond: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "mol/s" }
}

/// The unit `mol/(m²·s)` as a phantom type.
public enum MolePerSquareMetreSecond: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "mol/(m²·s)" }
}

/// The unit `m²/s` as a phantom type.
public enum SquareMetrePerSecond: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "m²/s" }
}

/// The unit `S` as a phantom type.
public enum Siemens: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "S" }
}

/// The unit `S/m` as a phantom type.
public enum SiemensPerMetre: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "S/m" }
}

/// The unit `A/m²` as a phantom type.
public enum AmperePerSquareMetre: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "A/m²" }
}

/// Thermal conductance, in watts per kelvin.
public typealias ThermalConductance = Quantity<WattPerKelvin>

/// Heat transfer coefficient, in watts per square metre and kelvin.
public typealias HeatTransferCoefficient = Quantity<WattPerSquareMetreKelvin>

/// Thermal conductivity, in watts per metre and kelvin.
public typealias ThermalConductivity = Quantity<WattPerMetreKelvin>

/// Volume flow, in cubic metres per second.
public typealias VolumeFlow = Quantity<CubicMetrePerSecond>

/// Mass flow, in kilograms per second.
public typealias MassFlow = Quantity<KilogramPerSecond>

/// Molar flow, in moles per second.
public typealias MolarFlow = Quantity<MolePerSecond>

/// Molar flux, in moles per square metre and second.
public typealias MolarFlux = Quantity<MolePerSquareMetreSecond>

/// Diffusivity, in square metres per second.
public typealias Diffusivity = Quantity<SquareMetrePerSecond>

/// Electric conductance, in siemens.
public typealias Conductance = Quantity<Siemens>

/// Electric or ionic conductivity, in siemens per metre.
public typealias Conductivity = Quantity<SiemensPerMetre>

/// Current density, in amperes per square metre.
public typealias CurrentDensity = Quantity<AmperePerSquareMetre>
