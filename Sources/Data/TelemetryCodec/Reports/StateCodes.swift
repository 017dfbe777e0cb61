// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// State bytes of the report: open sets of codes.

/// A state byte of a report. All values are kept; 0xFE means abnormal and 0xFF invalid.
public protocol StateCode: RawRepresentable, Hashable, Sendable where RawValue == UInt8 {
  /// Wraps a byte.
  init(rawValue: UInt8)
}

extension StateCode {
  /// The vehicle reports a fault of this state.
  public static var abnormal: Self { Self(rawValue: 0xFE) }
  /// The state is not available.
  public static var invalid: Self { Self(rawValue: 0xFF) }
}

/// Whether the vehicle is in use.
public struct VehicleState: StateCode {
  /// The byte on the wire.
  public let rawValue: UInt8
  /// Wraps a byte.
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// Started.
  public static let started = VehicleState(rawValue: 1)
  /// Switched off.
  public static let off = VehicleState(rawValue: 2)
  /// Another state.
  public static let other = VehicleState(rawValue: 3)
}

/// Whether and how the vehicle charges.
public struct ChargeState: StateCode {
  /// The byte on the wire.
  public let rawValue: UInt8
  /// Wraps a byte.
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// Charging while parked.
  public static let parkedCharging = ChargeState(rawValue: 1)
  /// Charging while driving.
  public static let drivingCharging = ChargeState(rawValue: 2)
  /// Not charging.
  public static let notCharging = ChargeState(rawValue: 3)
  /// Charge complete.
  public static let complete = ChargeState(rawValue: 4)
}

/// What drives the vehicle.
public struct RunMode: StateCode {
  /// The byte on the wire.
  public let rawValue: UInt8
  /// Wraps a byte.
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// Battery.
  public static let electric = RunMode(rawValue: 1)
  /// Battery and engine.
  public static let hybrid = RunMode(rawValue: 2)
  /// Engine.
  public static let fuel = RunMode(rawValue: 3)
}

/// Whether a DC/DC converter works.
public struct ConverterState: StateCode {
  /// The byte on the wire.
  public let rawValue: UInt8
  /// Wraps a byte.
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// Working.
  public static let working = ConverterState(rawValue: 1)
  /// Disconnected.
  public static let disconnected = ConverterState(rawValue: 2)
}

/// What a drive motor does.
public struct MotorState: StateCode {
  /// The byte on the wire.
  public let rawValue: UInt8
  /// Wraps a byte.
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// Consuming power.
  public static let consuming = MotorState(rawValue: 1)
  /// Generating power.
  public static let generating = MotorState(rawValue: 2)
  /// Switched off.
  public static let off = MotorState(rawValue: 3)
  /// Ready.
  public static let ready = MotorState(rawValue: 4)
}

/// Whether a combustion engine runs.
public struct EngineState: StateCode {
  /// The byte on the wire.
  public let rawValue: UInt8
  /// Wraps a byte.
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// Started.
  public static let started = EngineState(rawValue: 1)
  /// Switched off.
  public static let off = EngineState(rawValue: 2)
}

/// The gear byte: position in bits 0–3, forces in bits 4 and 5, and from 2025 validity in bit 7.
public struct Gear: Hashable, Sendable {
  /// The byte on the wire; it has no sentinels.
  public let rawValue: UInt8
  /// Wraps a byte.
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// Neutral.
  public static let neutral = Gear(rawValue: 0)
  /// Reverse.
  public static let reverse = Gear(rawValue: 13)
  /// Automatic drive.
  public static let drive = Gear(rawValue: 14)
  /// Parking.
  public static let park = Gear(rawValue: 15)

  /// Position: 0 neutral, 1–12 that gear, 13 reverse, 14 drive, 15 park.
  public var position: UInt8 { rawValue & 0x0F }
  /// Whether braking force is applied.
  public var isBraking: Bool { rawValue & 0x10 != 0 }
  /// Whether driving force is applied.
  public var isDriving: Bool { rawValue & 0x20 != 0 }
  /// Whether the gear is marked invalid; defined from 2025, reserved before.
  public var isInvalid: Bool { rawValue & 0x80 != 0 }
}
