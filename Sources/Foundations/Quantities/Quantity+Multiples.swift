// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Lengths, masses, volumes and the like in the multiples that drawings and data sheets use.

extension Quantity where Unit == Metre {
  /// Wraps a length given in millimetres.
  @inlinable
  public init(millimetres: Double) { self.init(millimetres / 1e3) }

  /// The length in millimetres.
  @inlinable
  public var millimetres: Double { value * 1e3 }

  /// Wraps a length given in micrometres.
  @inlinable
  public init(micrometres: Double) { self.init(micrometres / 1e6) }

  /// The length in micrometres.
  @inlinable
  public var micrometres: Double { value * 1e6 }

  /// Wraps a length given in kilometres.
  @inlinable
  public init(kilometres: Double) { self.init(kilometres * 1e3) }

  /// The length in kilometres.
  @inlinable
  public var kilometres: Double { value / 1e3 }
}

extension Quantity where Unit == SquareMetre {
  /// Wraps an area given in square centimetres.
  @inlinable
  public init(squareCentimetres: Double) { self.init(squareCentimetres / 1e4) }

  /// The area in square centimetres.
  @inlinable
  public var squareCentimetres: Double { value * 1e4 }
}

extension Quantity where Unit == CubicMetre {
  /// Wraps a volume given in litres.
  @inlinable
  public init(litres: Double) { self.init(litres / 1e3) }

  /// The volume in litres.
  @inlinable
  public var litres: Double { value * 1e3 }
}

extension Quantity where Unit == Kilogram {
  /// Wraps a mass given in grams.
  @inlinable
  public init(grams: Double) { self.init(grams / 1e3) }

  /// The mass in grams.
  @inlinable
  public var grams: Double { value * 1e3 }
}

extension Quantity where Unit == CubicMetrePerSecond {
  /// Wraps a volume flow given in litres per minute.
  @inlinable
  public init(litresPerMinute: Double) { self.init(litresPerMinute / 60_000) }

  /// The volume flow in litres per minute.
  @inlinable
  public var litresPerMinute: Double { value * 60_000 }
}

extension Quantity where Unit == KelvinPerSecond {
  /// Wraps a rate given in kelvin per minute.
  @inlinable
  public init(kelvinPerMinute: Double) { self.init(kelvinPerMinute / 60) }

  /// The rate in kelvin per minute.
  @inlinable
  public var kelvinPerMinute: Double { value * 60 }
}

extension Quantity where Unit == CubicMetrePerCoulomb {
  /// Wraps a gas yield given in litres per ampere-hour.
  @inlinable
  public init(litresPerAmpereHour: Double) { self.init(litresPerAmpereHour / 3_600_000) }

  /// The gas yield in litres per ampere-hour.
  @inlinable
  public var litresPerAmpereHour: Double { value * 3_600_000 }
}

extension Quantity where Unit == One {
  /// Wraps a ratio given in per cent.
  @inlinable
  public init(percent: Double) { self.init(percent / 100) }

  /// The ratio in per cent.
  @inlinable
  public var percent: Double { value * 100 }

  /// Wraps a ratio given in parts per million.
  @inlinable
  public init(partsPerMillion: Double) { self.init(partsPerMillion / 1e6) }

  /// The ratio in parts per million.
  @inlinable
  public var partsPerMillion: Double { value * 1e6 }
}
