// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Item 02: drive motors.

/// One drive motor: a record of item 02.
public struct MotorData: Hashable, Sendable {
  /// Number of the motor, from 1.
  public var number: UInt8
  /// What the motor does.
  public var state: MotorState
  /// Temperature of its controller: ``FieldKind/temperature``.
  public var controllerTemperature: WireValue
  /// Rotational speed: ``FieldKind/motorSpeed2016`` or ``FieldKind/motorSpeed2025``.
  public var speed: WireValue
  /// Torque: ``FieldKind/motorTorque2016`` or ``FieldKind/motorTorque2025``.
  public var torque: WireValue
  /// Temperature of the motor: ``FieldKind/temperature``.
  public var temperature: WireValue
  /// Electrical input of the controller; 2016 only.
  public var input: Input?

  /// Electrical input of a motor controller, in the 2016 edition.
  public struct Input: Hashable, Sendable {
    /// Voltage: ``FieldKind/controllerVoltage``.
    public var voltage: WireValue
    /// Direct current: ``FieldKind/controllerCurrent``.
    public var current: WireValue

    /// Creates an input.
    public init(voltage: WireValue, current: WireValue) {
      self.voltage = voltage
      self.current = current
    }
  }

  /// Creates a record in which every number is *invalid*, to be filled in.
  public init(number: UInt8, state: MotorState, edition: Edition) {
    let is2016 = edition == .edition2016
    self.number = number
    self.state = state
    controllerTemperature = .invalid(.temperature)
    speed = .invalid(is2016 ? .motorSpeed2016 : .motorSpeed2025)
    torque = .invalid(is2016 ? .motorTorque2016 : .motorTorque2025)
    temperature = .invalid(.temperature)
    input =
      is2016
      ? Input(voltage: .invalid(.controllerVoltage), current: .invalid(.controllerCurrent))
      : nil
  }

  init(_ reader: inout ByteReader, edition: Edition) throws(CodecError) {
    let is2016 = edition == .edition2016
    number = try reader.byte()
    state = MotorState(rawValue: try reader.byte())
    controllerTemperature = try reader.value(.temperature)
    speed = try reader.value(is2016 ? .motorSpeed2016 : .motorSpeed2025)
    torque = try reader.value(is2016 ? .motorTorque2016 : .motorTorque2025)
    temperature = try reader.value(.temperature)
    if is2016 {
      let voltage = try reader.value(.controllerVoltage)
      input = Input(voltage: voltage, current: try reader.value(.controllerCurrent))
    }
  }

  func write(to writer: inout ByteWriter, edition: Edition) throws(CodecError) {
    let is2016 = edition == .edition2016
    writer.byte(number)
    writer.byte(state.rawValue)
    try writer.value(controllerTemperature, as: .temperature)
    try writer.value(speed, as: is2016 ? .motorSpeed2016 : .motorSpeed2025)
    try writer.value(torque, as: is2016 ? .motorTorque2016 : .motorTorque2025)
    try writer.value(temperature, as: .temperature)
    switch (input, is2016) {
    case (let input?, true):
      try writer.value(input.voltage, as: .controllerVoltage)
      try writer.value(input.current, as: .controllerCurrent)
    case (nil, false): break
    default: throw .notInEdition(edition)
    }
  }
}
