// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Why a sample should not be taken at face value.

/// Marks on one sample; an empty set means the value can be used as it is.
public struct SampleFlags: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: UInt16

  /// Wraps bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The source has no value here (an empty field).
  public static let missing = SampleFlags(rawValue: 1 << 0)
  /// The source says "not available" (an all-ones sentinel).
  public static let invalid = SampleFlags(rawValue: 1 << 1)
  /// The source says "sensor faulty" (an all-ones-minus-one sentinel).
  public static let abnormal = SampleFlags(rawValue: 1 << 2)
  /// Outside the valid range of the quantity catalogue.
  public static let outOfRange = SampleFlags(rawValue: 1 << 3)
  /// Text that is not a number.
  public static let notNumeric = SampleFlags(rawValue: 1 << 4)
  /// Row repeats the time of the row before.
  public static let duplicate = SampleFlags(rawValue: 1 << 5)
  /// Row lies before the row before it.
  public static let outOfOrder = SampleFlags(rawValue: 1 << 6)
  /// Value was scaled back from a slipped unit (mV for V and the like).
  public static let unitSlip = SampleFlags(rawValue: 1 << 7)
  /// Statistical outlier.
  public static let outlier = SampleFlags(rawValue: 1 << 8)
  /// Value was filled in from its neighbours.
  public static let repaired = SampleFlags(rawValue: 1 << 9)

  /// Marks that make the value itself unusable.
  public static let unusable: SampleFlags = [
    .missing, .invalid, .abnormal, .outOfRange, .notNumeric,
  ]
}
