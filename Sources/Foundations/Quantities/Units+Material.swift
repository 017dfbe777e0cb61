// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Units of material properties and mixtures, and their names as quantities.

/// The unit `J/K` as a phantom type.
public enum JoulePerKelvin: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "J/K" }
}

/// The unit `J/(kg·K)` as a phantom type.
public enum JoulePerKilogramKelvin: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "J/(kg·K)" }
}

/// The unit `kg/m³` as a phantom type.
public enum KilogramPerCubicMetre: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "kg/m³" }
}

/// The unit `mol/m³` as a phantom type.
public enum MolePerCubicMetre: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "mol/m³" }
}

/// The unit `kg/mol` as a phantom type.
public enum KilogramPerMole: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "kg/mol" }
}

/// The unit `J/mol` as a phantom type.
public enum JoulePerMole: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "J/mol" }
}

/// The unit `J/kg` as a phantom type.
public enum JoulePerKilogram: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "J/kg" }
}

/// The unit `V/K` as a phantom type.
public enum VoltPerKelvin: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "V/K" }
}

/// The unit `m³/C` as a phantom type.
public enum CubicMetrePerCoulomb: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "m³/C" }
}

/// The unit `1` as a phantom type.
public enum One: UnitOfMeasure {
  /// The SI symbol; empty for a pure number.
  public static var symbol: StaticString { "" }
}

/// The unit `F` as a phantom type.
public enum Farad: UnitOfMeasure {
  /// The SI symbol.
  public static var symbol: StaticString { "F" }
}

/// Heat capacity of a body, in joules per kelvin.
public typealias HeatCapacity = Quantity<JoulePerKelvin>

/// Specific heat capacity, in joules per kilogram and kelvin.
public typealias SpecificHeatCapacity = Quantity<JoulePerKilogramKelvin>

/// Mass density, in kilograms per cubic metre.
public typealias Density = Quantity<KilogramPerCubicMetre>

/// Amount concentration, in moles per cubic metre.
public typealias Concentration = Quantity<MolePerCubicMetre>

/// Molar mass, in kilograms per mole.
public typealias MolarMass = Quantity<KilogramPerMole>

/// Energy per amount, such as an activation energy, in joules per mole.
public typealias MolarEnergy = Quantity<JoulePerMole>

/// Energy per mass, such as a heat of reaction, in joules per kilogram.
public typealias SpecificEnergy = Quantity<JoulePerKilogram>

/// Change of an open-circuit voltage with temperature, in volts per kelvin.
public typealias EntropicCoefficient = Quantity<VoltPerKelvin>

/// Volume of vented gas per charge of the cell, in cubic metres per coulomb.
public typealias GasYield = Quantity<CubicMetrePerCoulomb>

/// Ratio of two quantities of one kind, such as a mole fraction; a pure number.
public typealias Ratio = Quantity<One>

/// Electric capacitance, in farads.
public typealias Capacitance = Quantity<Farad>
