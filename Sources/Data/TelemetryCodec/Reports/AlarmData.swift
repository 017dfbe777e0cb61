// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Alarms: item 07 of 2016, item 06 of 2025.

/// The general alarms of a vehicle, one bit each.
public struct AlarmFlags: OptionSet, Hashable, Sendable {
  /// The bits on the wire.
  public let rawValue: UInt32
  /// Wraps bits; reserved ones are kept.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Temperature difference.
  public static let temperatureDifference = AlarmFlags(rawValue: 1 << 0)
  /// Battery over-temperature.
  public static let batteryOverTemperature = AlarmFlags(rawValue: 1 << 1)
  /// Over-voltage of the pack.
  public static let packOverVoltage = AlarmFlags(rawValue: 1 << 2)
  /// Under-voltage of the pack.
  public static let packUnderVoltage = AlarmFlags(rawValue: 1 << 3)
  /// State of charge low.
  public static let stateOfChargeLow = AlarmFlags(rawValue: 1 << 4)
  /// Over-voltage of a cell.
  public static let cellOverVoltage = AlarmFlags(rawValue: 1 << 5)
  /// Under-voltage of a cell.
  public static let cellUnderVoltage = AlarmFlags(rawValue: 1 << 6)
  /// State of charge too high.
  public static let stateOfChargeHigh = AlarmFlags(rawValue: 1 << 7)
  /// Jump of the state of charge.
  public static let stateOfChargeJump = AlarmFlags(rawValue: 1 << 8)
  /// Storage systems do not match.
  public static let systemMismatch = AlarmFlags(rawValue: 1 << 9)
  /// Cells differ too much.
  public static let cellInconsistency = AlarmFlags(rawValue: 1 << 10)
  /// Insulation.
  public static let insulation = AlarmFlags(rawValue: 1 << 11)
  /// Temperature of the DC/DC converter.
  public static let converterTemperature = AlarmFlags(rawValue: 1 << 12)
  /// Brake system.
  public static let brakeSystem = AlarmFlags(rawValue: 1 << 13)
  /// Status of the DC/DC converter.
  public static let converterStatus = AlarmFlags(rawValue: 1 << 14)
  /// Temperature of a motor controller.
  public static let motorControllerTemperature = AlarmFlags(rawValue: 1 << 15)
  /// High-voltage interlock.
  public static let highVoltageInterlock = AlarmFlags(rawValue: 1 << 16)
  /// Temperature of a motor.
  public static let motorTemperature = AlarmFlags(rawValue: 1 << 17)
  /// Overcharge of the pack.
  public static let packOvercharge = AlarmFlags(rawValue: 1 << 18)
  /// Over-speed of a motor (2025).
  public static let motorOverSpeed = AlarmFlags(rawValue: 1 << 19)
  /// Over-current of a motor (2025).
  public static let motorOverCurrent = AlarmFlags(rawValue: 1 << 20)
  /// Over-temperature of a supercapacitor (2025).
  public static let supercapacitorOverTemperature = AlarmFlags(rawValue: 1 << 21)
  /// Over-voltage or over-pressure of a supercapacitor (2025; wordings differ).
  public static let supercapacitorOverVoltage = AlarmFlags(rawValue: 1 << 22)
  /// Thermal event of the battery (2025).
  public static let batteryThermalEvent = AlarmFlags(rawValue: 1 << 23)
  /// Hydrogen leak (2025).
  public static let hydrogenLeak = AlarmFlags(rawValue: 1 << 24)
  /// Hydrogen pressure abnormal (2025).
  public static let hydrogenPressure = AlarmFlags(rawValue: 1 << 25)
  /// Hydrogen temperature abnormal (2025).
  public static let hydrogenTemperature = AlarmFlags(rawValue: 1 << 26)
  /// Over-temperature of a fuel-cell stack (2025).
  public static let stackOverTemperature = AlarmFlags(rawValue: 1 << 27)

  /// The bits that an edition defines.
  public static func defined(in edition: Edition) -> AlarmFlags {
    switch edition {
    case .edition2016: AlarmFlags(rawValue: (1 << 19) - 1)
    case .edition2025: AlarmFlags(rawValue: (1 << 28) - 1)
    }
  }
}

/// Alarms and maker-defined fault codes.
public struct AlarmData: Hashable, Sendable {
  /// One general alarm with its own level (2025).
  public struct GeneralLevel: Hashable, Sendable {
    /// Number of the bit in ``AlarmFlags``.
    public var flagNumber: UInt8
    /// Its level.
    public var level: UInt8

    /// Creates a pair.
    public init(flagNumber: UInt8, level: UInt8) {
      self.flagNumber = flagNumber
      self.level = level
    }
  }

  /// Highest level: ``FieldKind/alarmLevel2016`` or ``FieldKind/alarmLevel2025``.
  public var level: WireValue
  /// The general alarms.
  public var flags: AlarmFlags
  /// Fault codes of the battery.
  public var batteryFaults: Counted<UInt32>
  /// Fault codes of the motors.
  public var motorFaults: Counted<UInt32>
  /// Fault codes of the engine.
  public var engineFaults: Counted<UInt32>
  /// Other fault codes.
  public var otherFaults: Counted<UInt32>
  /// Levels of the general alarms; 2025 only.
  public var generalLevels: Counted<GeneralLevel>?

  /// Creates an item without fault codes.
  public init(level: UInt8, flags: AlarmFlags, edition: Edition) {
    let is2016 = edition == .edition2016
    self.level = WireValue(is2016 ? .alarmLevel2016 : .alarmLevel2025, raw: UInt32(level))
    self.flags = flags
    batteryFaults = Counted([])
    motorFaults = Counted([])
    engineFaults = Counted([])
    otherFaults = Counted([])
    generalLevels = is2016 ? nil : Counted([])
  }

  init(_ reader: inout ByteReader, edition: Edition) throws(CodecError) {
    let is2016 = edition == .edition2016
    level = try reader.value(is2016 ? .alarmLevel2016 : .alarmLevel2025)
    flags = AlarmFlags(rawValue: try reader.long())
    batteryFaults = try reader.countedLongs8()
    motorFaults = try reader.countedLongs8()
    engineFaults = try reader.countedLongs8()
    otherFaults = try reader.countedLongs8()
    if !is2016 {
      let count = try reader.count8()
      var levels: [GeneralLevel] = []
      for _ in 0..<count.elements {
        let number = try reader.byte()
        levels.append(GeneralLevel(flagNumber: number, level: try reader.byte()))
      }
      generalLevels = Counted(rawCount: count.raw, elements: levels)
    }
  }

  func write(to writer: inout ByteWriter, edition: Edition) throws(CodecError) {
    let is2016 = edition == .edition2016
    try writer.value(level, as: is2016 ? .alarmLevel2016 : .alarmLevel2025)
    writer.long(flags.rawValue)
    try writer.countedLongs8(batteryFaults)
    try writer.countedLongs8(motorFaults)
    try writer.countedLongs8(engineFaults)
    try writer.countedLongs8(otherFaults)
    switch (generalLevels, is2016) {
    case (nil, true): break
    case (let levels?, false):
      try writer.count8(of: levels)
      for pair in levels.elements {
        writer.byte(pair.flagNumber)
        writer.byte(pair.level)
      }
    default: throw .notInEdition(edition)
    }
  }
}
