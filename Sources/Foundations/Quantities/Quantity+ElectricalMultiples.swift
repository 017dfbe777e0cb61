// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Electrical quantities, power and energy in the multiples that data sheets use.

extension Quantity where Unit == Ohm {
  /// Wraps a resistance given in kiloohms.
  @inlinable
  public init(kilohms: Double) { self.init(kilohms * 1e3) }

  /// The resistance in kiloohms.
  @inlinable
  public var kilohms: Double { value / 1e3 }
}

extension Quantity where Unit == Coulomb {
  /// Wraps a charge given in milliampere-hours.
  @inlinable
  public init(milliampereHours: Double) { self.init(milliampereHours * 3.6) }

  /// The charge in milliampere-hours.
  @inlinable
  public var milliampereHours: Double { value / 3.6 }
}

extension Quantity where Unit == Joule {
  /// Wraps an energy given in kilowatt-hours.
  @inlinable
  public init(kilowattHours: Double) { self.init(kilowattHours * 3.6e6) }

  /// The energy in kilowatt-hours.
  @inlinable
  public var kilowattHours: Double { value / 3.6e6 }

  /// Wraps an energy given in kilojoules.
  @inlinable
  public init(kilojoules: Double) { self.init(kilojoules * 1e3) }

  /// The energy in kilojoules.
  @inlinable
  public var kilojoules: Double { value / 1e3 }
}

extension Quantity where Unit == Watt {
  /// Wraps a power given in kilowatts.
  @inlinable
  public init(kilowatts: Double) { self.init(kilowatts * 1e3) }

  /// The power in kilowatts.
  @inlinable
  public var kilowatts: Double { value / 1e3 }
}

extension Quantity where Unit == Pascal {
  /// Wraps a pressure given in kilopascals.
  @inlinable
  public init(kilopascals: Double) { self.init(kilopascals * 1e3) }

  /// The pressure in kilopascals.
  @inlinable
  public var kilopascals: Double { value / 1e3 }
}

extension Quantity where Unit == Second {
  /// Wraps a duration given in milliseconds.
  @inlinable
  public init(milliseconds: Double) { self.init(milliseconds / 1e3) }

  /// The duration in milliseconds.
  @inlinable
  public var milliseconds: Double { value * 1e3 }
}
