// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The three-way value of a telemetry field, with out-of-range kept apart.

/// What a telemetry field says: a value, a faulty sensor, or nothing.
///
/// *Abnormal* is a diagnosis (the vehicle reports a faulty sensor), *invalid* is a gap (the value
/// is not available). A value outside the range of its field is kept and marked, never dropped.
public enum Reading: Hashable, Sendable {
  /// A value inside the range of its field, in the unit of its ``FieldKind``.
  case valid(Double)
  /// A value that is neither a sentinel nor inside the range of its field.
  case outOfRange(Double)
  /// The sensor is faulty (all ones minus one on the wire).
  case abnormal
  /// The value is not available (all ones on the wire).
  case invalid

  /// The value when it is inside its range; nil otherwise.
  public var validValue: Double? {
    if case .valid(let value) = self { value } else { nil }
  }

  /// The number that was sent, inside its range or not; nil for the two sentinels.
  public var number: Double? {
    switch self {
    case .valid(let value), .outOfRange(let value): value
    case .abnormal, .invalid: nil
    }
  }
}
