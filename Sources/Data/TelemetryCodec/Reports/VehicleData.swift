// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Item 01: the vehicle as a whole.

/// The vehicle as a whole: item 01 of both editions.
public struct VehicleData: Hashable, Sendable {
  /// Whether the vehicle is in use.
  public var vehicleState: VehicleState
  /// Whether and how it charges.
  public var chargeState: ChargeState
  /// What drives it.
  public var runMode: RunMode
  /// Speed: ``FieldKind/speed2016`` or ``FieldKind/speed2025``.
  public var speed: WireValue
  /// Distance driven: ``FieldKind/odometer``.
  public var odometer: WireValue
  /// Total voltage: ``FieldKind/packVoltage2016`` or ``FieldKind/packVoltage2025``.
  public var voltage: WireValue
  /// Total current, discharge positive: ``FieldKind/packCurrent2016`` or
  /// ``FieldKind/packCurrent2025``.
  public var current: WireValue
  /// State of charge: ``FieldKind/stateOfCharge``.
  public var stateOfCharge: WireValue
  /// The DC/DC converter.
  public var converter: ConverterState
  /// The gear byte.
  public var gear: Gear
  /// Insulation resistance: ``FieldKind/insulationResistance``.
  public var insulationResistance: WireValue
  /// Accelerator and brake: ``FieldKind/accelerator`` and ``FieldKind/brake``; 2016 only.
  public var pedals: Pedals?

  /// Positions of the two pedals, in the 2016 edition.
  public struct Pedals: Hashable, Sendable {
    /// Accelerator: ``FieldKind/accelerator``.
    public var accelerator: WireValue
    /// Brake: ``FieldKind/brake``.
    public var brake: WireValue

    /// Creates pedal positions; the default is both released.
    public init(
      accelerator: WireValue = WireValue(.accelerator, raw: 0),
      brake: WireValue = WireValue(.brake, raw: 0)
    ) {
      self.accelerator = accelerator
      self.brake = brake
    }
  }

  /// Creates an item in which every number is *invalid*, to be filled in.
  ///
  /// - Parameter edition: The edition whose field kinds the numbers get.
  public init(edition: Edition) {
    let is2016 = edition == .edition2016
    vehicleState = .invalid
    chargeState = .invalid
    runMode = .electric
    speed = .invalid(is2016 ? .speed2016 : .speed2025)
    odometer = .invalid(.odometer)
    voltage = .invalid(is2016 ? .packVoltage2016 : .packVoltage2025)
    current = .invalid(is2016 ? .packCurrent2016 : .packCurrent2025)
    stateOfCharge = .invalid(.stateOfCharge)
    converter = .invalid
    gear = .neutral
    insulationResistance = .invalid(.insulationResistance)
    pedals =
      is2016
      ? Pedals(accelerator: .invalid(.accelerator), brake: .invalid(.brake)) : nil
  }

  init(_ reader: inout ByteReader, edition: Edition) throws(CodecError) {
    let is2016 = edition == .edition2016
    vehicleState = VehicleState(rawValue: try reader.byte())
    chargeState = ChargeState(rawValue: try reader.byte())
    runMode = RunMode(rawValue: try reader.byte())
    speed = try reader.value(is2016 ? .speed2016 : .speed2025)
    odometer = try reader.value(.odometer)
    voltage = try reader.value(is2016 ? .packVoltage2016 : .packVoltage2025)
    current = try reader.value(is2016 ? .packCurrent2016 : .packCurrent2025)
    stateOfCharge = try reader.value(.stateOfCharge)
    converter = ConverterState(rawValue: try reader.byte())
    gear = Gear(rawValue: try reader.byte())
    insulationResistance = try reader.value(.insulationResistance)
    if is2016 {
      let accelerator = try reader.value(.accelerator)
      pedals = Pedals(accelerator: accelerator, brake: try reader.value(.brake))
    }
  }

  func write(to writer: inout ByteWriter, edition: Edition) throws(CodecError) {
    let is2016 = edition == .edition2016
    writer.byte(vehicleState.rawValue)
    writer.byte(chargeState.rawValue)
    writer.byte(runMode.rawValue)
    try writer.value(speed, as: is2016 ? .speed2016 : .speed2025)
    try writer.value(odometer, as: .odometer)
    try writer.value(voltage, as: is2016 ? .packVoltage2016 : .packVoltage2025)
    try writer.value(current, as: is2016 ? .packCurrent2016 : .packCurrent2025)
    try writer.value(stateOfCharge, as: .stateOfCharge)
    writer.byte(converter.rawValue)
    writer.byte(gear.rawValue)
    try writer.value(insulationResistance, as: .insulationResistance)
    switch (pedals, is2016) {
    case (let pedals?, true):
      try writer.value(pedals.accelerator, as: .accelerator)
      try writer.value(pedals.brake, as: .brake)
    case (nil, false): break
    default: throw .notInEdition(edition)
    }
  }
}
