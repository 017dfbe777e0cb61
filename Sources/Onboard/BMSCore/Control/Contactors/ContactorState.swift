// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// States of the contactors and what they are told to do.

/// State of the contactor and precharge machine.
public enum ContactorState: UInt8, Sendable, BitwiseCopyable {
  /// Awake, every contactor open and proven open.
  case opened
  /// Asleep, every contactor open.
  case asleep
  /// The negative main contactor closes.
  case closingNegative
  /// The link is charged through the precharge resistor.
  case precharging
  /// The positive main contactor closes while precharge still carries the link.
  case closingPositive
  /// Both main contactors closed, precharge open.
  case closed
  /// Closed, current is being brought to zero before opening; bounded in time.
  case unloading
  /// The positive main contactor opens.
  case openingPositive
  /// The negative main contactor opens.
  case openingNegative
  /// All commanded open, the weld check waits for the link to decay or the read-back to agree.
  case checkingWeld
  /// Open after a fault; does not close again before it is cleared and the request is off.
  case faulted
  /// A contactor is welded: never closes again before service.
  case welded
  /// The pyro fuse was fired: never closes again before service.
  case severed
}

/// Which contactors are told to be closed.
public struct ContactorCommand: FlagSet, Hashable, Sendable, BitwiseCopyable {
  /// The flags as bits.
  public let rawValue: UInt8
  /// A set of contactors.
  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// The negative main contactor.
  @inlinable
  public static var negative: ContactorCommand { ContactorCommand(rawValue: 1 << 0) }
  /// The precharge contactor.
  @inlinable
  public static var precharge: ContactorCommand { ContactorCommand(rawValue: 1 << 1) }
  /// The positive main contactor.
  @inlinable
  public static var positive: ContactorCommand { ContactorCommand(rawValue: 1 << 2) }
}

/// What the contactor machine found wrong; judged by the diagnosis in the next cycle.
public struct ContactorFault: FlagSet, Hashable, Sendable, BitwiseCopyable {
  /// The flags as bits.
  public let rawValue: UInt8
  /// A set of faults.
  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// A contactor stays closed after the command to open.
  @inlinable
  public static var weld: ContactorFault { ContactorFault(rawValue: 1 << 0) }
  /// A contactor stays open after the command to close, or opened by itself.
  @inlinable
  public static var noClose: ContactorFault { ContactorFault(rawValue: 1 << 1) }
  /// The link did not reach the string voltage in time.
  @inlinable
  public static var prechargeVoltage: ContactorFault { ContactorFault(rawValue: 1 << 2) }
  /// The precharge current was too high.
  @inlinable
  public static var prechargeCurrent: ContactorFault { ContactorFault(rawValue: 1 << 3) }
}
