// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Non-SI values in and out of quantities, each under its own name.

extension Quantity where Unit == Kelvin {
  /// Wraps a temperature given in degrees Celsius.
  @inlinable
  public init(celsius: Double) { self.init(celsius + PhysicalConstants.celsiusZero) }

  /// The temperature in degrees Celsius.
  @inlinable
  public var celsius: Double { value - PhysicalConstants.celsiusZero }
}

extension Quantity where Unit == Volt {
  /// Wraps a voltage given in millivolts.
  @inlinable
  public init(millivolts: Double) { self.init(millivolts * 1e-3) }

  /// The voltage in millivolts.
  @inlinable
  public var millivolts: Double { value * 1e3 }
}

extension Quantity where Unit == Ampere {
  /// Wraps a current given in milliamperes.
  @inlinable
  public init(milliamperes: Double) { self.init(milliamperes * 1e-3) }

  /// The current in milliamperes.
  @inlinable
  public var milliamperes: Double { value * 1e3 }
}

extension Quantity where Unit == Ohm {
  /// Wraps a resistance given in milliohms.
  @inlinable
  public init(milliohms: Double) { self.init(milliohms * 1e-3) }

  /// The resistance in milliohms.
  @inlinable
  public var milliohms: Double { value * 1e3 }
}

extension Quantity where Unit == Coulomb {
  /// Wraps a charge given in ampere-hours.
  @inlinable
  public init(ampereHours: Double) { self.init(ampereHours * PhysicalConstants.secondsPerHour) }

  /// The charge in ampere-hours.
  @inlinable
  public var ampereHours: Double { value / PhysicalConstants.secondsPerHour }
}

extension Quantity where Unit == Joule {
  /// Wraps an energy given in watt-hours.
  @inlinable
  public init(wattHours: Double) { self.init(wattHours * PhysicalConstants.secondsPerHour) }

  /// The energy in watt-hours.
  @inlinable
  public var wattHours: Double { value / PhysicalConstants.secondsPerHour }
}

extension Quantity where Unit == Second {
  /// Wraps a duration given in minutes.
  @inlinable
  public init(minutes: Double) { self.init(minutes * 60) }

  /// Wraps a duration given in hours.
  @inlinable
  public init(hours: Double) { self.init(hours * PhysicalConstants.secondsPerHour) }

  /// Wraps a duration given in days of 24 hours.
  @inlinable
  public init(days: Double) { self.init(days * PhysicalConstants.secondsPerDay) }

  /// The duration in minutes.
  @inlinable
  public var minutes: Double { value / 60 }

  /// The duration in hours.
  @inlinable
  public var hours: Double { value / PhysicalConstants.secondsPerHour }

  /// The duration in days of 24 hours.
  @inlinable
  public var days: Double { value / PhysicalConstants.secondsPerDay }
}

extension Quantity where Unit == MetrePerSecond {
  /// Wraps a speed given in kilometres per hour.
  @inlinable
  public init(kilometresPerHour: Double) { self.init(kilometresPerHour / 3.6) }

  /// The speed in kilometres per hour.
  @inlinable
  public var kilometresPerHour: Double { value * 3.6 }
}

extension Quantity where Unit == Pascal {
  /// Wraps a pressure given in bar.
  @inlinable
  public init(bar: Double) { self.init(bar * 1e5) }

  /// The pressure in bar.
  @inlinable
  public var bar: Double { value * 1e-5 }
}
