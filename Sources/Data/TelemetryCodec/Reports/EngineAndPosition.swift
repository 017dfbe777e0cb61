// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Items 04 and 05: combustion engine and position.

/// The combustion engine: item 04 of both editions.
public struct EngineData: Hashable, Sendable {
  /// Whether it runs; 2016 only.
  public var state: EngineState?
  /// Rotational speed: ``FieldKind/crankshaftSpeed``.
  public var crankshaftSpeed: WireValue
  /// Fuel per distance: ``FieldKind/fuelConsumption``; 2016 only.
  public var consumption: WireValue?

  /// Creates an item; give state and consumption for 2016, neither for 2025.
  public init(state: EngineState?, crankshaftSpeed: WireValue, consumption: WireValue?) {
    self.state = state
    self.crankshaftSpeed = crankshaftSpeed
    self.consumption = consumption
  }

  init(_ reader: inout ByteReader, edition: Edition) throws(CodecError) {
    let is2016 = edition == .edition2016
    if is2016 { state = EngineState(rawValue: try reader.byte()) }
    crankshaftSpeed = try reader.value(.crankshaftSpeed)
    if is2016 { consumption = try reader.value(.fuelConsumption) }
  }

  func write(to writer: inout ByteWriter, edition: Edition) throws(CodecError) {
    switch (edition, state, consumption) {
    case (.edition2016, let state?, let consumption?):
      writer.byte(state.rawValue)
      try writer.value(crankshaftSpeed, as: .crankshaftSpeed)
      try writer.value(consumption, as: .fuelConsumption)
    case (.edition2025, nil, nil):
      try writer.value(crankshaftSpeed, as: .crankshaftSpeed)
    default: throw .notInEdition(edition)
    }
  }
}

/// The coordinate system of a position (2025).
public struct CoordinateSystem: StateCode {
  /// The byte on the wire.
  public let rawValue: UInt8
  /// Wraps a byte.
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// World Geodetic System 1984.
  public static let wgs84 = CoordinateSystem(rawValue: 1)
  /// The shifted system of Chinese maps; convert before plotting on others.
  public static let gcj02 = CoordinateSystem(rawValue: 2)
}

/// Where the vehicle is: item 05 of both editions.
public struct PositionData: Hashable, Sendable {
  /// Status bits: 0 no fix, 1 south, 2 west, others reserved.
  public var status: UInt8
  /// The coordinate system; 2025 only.
  public var coordinateSystem: CoordinateSystem?
  /// Magnitude of the longitude: ``FieldKind/longitude``.
  public var longitude: WireValue
  /// Magnitude of the latitude: ``FieldKind/latitude``.
  public var latitude: WireValue

  /// Creates an item from wire fields.
  public init(
    status: UInt8, coordinateSystem: CoordinateSystem?, longitude: WireValue, latitude: WireValue
  ) {
    self.status = status
    self.coordinateSystem = coordinateSystem
    self.longitude = longitude
    self.latitude = latitude
  }

  /// Whether the position is a fix.
  public var hasFix: Bool { status & 1 == 0 }

  /// Longitude in degrees, east positive; nil without a fix or a valid number.
  public var longitudeDegrees: Double? {
    guard hasFix, let magnitude = longitude.validValue else { return nil }
    return status & 4 == 0 ? magnitude : -magnitude
  }

  /// Latitude in degrees, north positive; nil without a fix or a valid number.
  public var latitudeDegrees: Double? {
    guard hasFix, let magnitude = latitude.validValue else { return nil }
    return status & 2 == 0 ? magnitude : -magnitude
  }

  init(_ reader: inout ByteReader, edition: Edition) throws(CodecError) {
    status = try reader.byte()
    if edition == .edition2025 {
      coordinateSystem = CoordinateSystem(rawValue: try reader.byte())
    }
    longitude = try reader.value(.longitude)
    latitude = try reader.value(.latitude)
  }

  func write(to writer: inout ByteWriter, edition: Edition) throws(CodecError) {
    writer.byte(status)
    switch (edition, coordinateSystem) {
    case (.edition2016, nil): break
    case (.edition2025, let system?): writer.byte(system.rawValue)
    default: throw .notInEdition(edition)
    }
    try writer.value(longitude, as: .longitude)
    try writer.value(latitude, as: .latitude)
  }
}
