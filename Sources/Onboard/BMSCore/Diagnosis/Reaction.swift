// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What an active fault asks of the control, graded.

/// What an active level of a fault asks for; the union over all active faults goes to `Control`.
///
/// Graded: first less current, then local cooling, then isolation of the string or module, then
/// opening. The control obeys every flag; the highest decides the contactors.
public struct Reaction: FlagSet, Hashable, Sendable, BitwiseCopyable {
  /// The flags as bits.
  public let rawValue: UInt16
  /// A set of flags.
  @inlinable
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Written to the log.
  @inlinable
  public static var record: Reaction { Reaction(rawValue: 1 << 0) }
  /// Shown to the driver or operator.
  @inlinable
  public static var warn: Reaction { Reaction(rawValue: 1 << 1) }
  /// Charge current reduced.
  @inlinable
  public static var derateCharge: Reaction { Reaction(rawValue: 1 << 2) }
  /// Discharge current reduced.
  @inlinable
  public static var derateDischarge: Reaction { Reaction(rawValue: 1 << 3) }
  /// No more charge current; contactors may stay closed.
  @inlinable
  public static var stopCharge: Reaction { Reaction(rawValue: 1 << 4) }
  /// No more discharge current; contactors may stay closed.
  @inlinable
  public static var stopDischarge: Reaction { Reaction(rawValue: 1 << 5) }
  /// Cooling at full power.
  @inlinable
  public static var cool: Reaction { Reaction(rawValue: 1 << 6) }
  /// Heater off and kept off.
  @inlinable
  public static var heaterOff: Reaction { Reaction(rawValue: 1 << 7) }
  /// Balancing off and kept off.
  @inlinable
  public static var balancingOff: Reaction { Reaction(rawValue: 1 << 8) }
  /// The string or module concerned is taken out where the hardware can; else opened.
  @inlinable
  public static var isolate: Reaction { Reaction(rawValue: 1 << 9) }
  /// Contactors are not closed, but stay closed if they are.
  @inlinable
  public static var blockClosing: Reaction { Reaction(rawValue: 1 << 10) }
  /// Contactors open when the vehicle stands; warned and limited until then.
  @inlinable
  public static var openAtStandstill: Reaction { Reaction(rawValue: 1 << 11) }
  /// Contactors open before the deadline, at zero current if it comes in time.
  @inlinable
  public static var open: Reaction { Reaction(rawValue: 1 << 12) }
  /// Disconnected at once: contactors if they can break the current, else the pyro fuse.
  @inlinable
  public static var disconnect: Reaction { Reaction(rawValue: 1 << 13) }

  /// Any reaction that ends with open contactors.
  @inlinable
  public static var opening: Reaction { .isolate | .openAtStandstill | .open | .disconnect }
}
