// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How a wire number maps to a physical value: width, scale, offset, range.

/// How a number on the wire maps to a physical value.
///
/// `value = (raw + shift) · multiplier / divisor`. The division by a whole number makes a decoded
/// `3921` exactly the number that `3.921` parses to.
public struct FieldDefinition: Sendable {
  /// Width on the wire: 1, 2 or 4 bytes, unsigned, most significant first.
  public let byteCount: Int
  /// Added to the raw number before scaling.
  public let shift: Double
  /// Numerator of the size of one step.
  public let multiplier: Double
  /// Denominator of the size of one step.
  public let divisor: Double
  /// Lowest raw number that the protocol allows.
  public let lowest: UInt32
  /// Highest raw number that the protocol allows, below the sentinels.
  public let highest: UInt32
  /// Symbol of the unit of the physical value; empty for a pure number.
  public let unit: StaticString

  init(
    bytes: Int, shift: Double = 0, times: Double = 1, over: Double = 1,
    range: ClosedRange<UInt32>, unit: StaticString = ""
  ) {
    self.byteCount = bytes
    self.shift = shift
    self.multiplier = times
    self.divisor = over
    self.lowest = range.lowerBound
    self.highest = range.upperBound
    self.unit = unit
  }

  /// The raw number with all bits set, the *invalid* sentinel; one less is *abnormal*.
  public var allOnes: UInt32 {
    switch byteCount {
    case 1: 0xFF
    case 2: 0xFFFF
    default: 0xFFFF_FFFF
    }
  }

  /// Whether a raw number lies in the range of the field.
  public func contains(_ raw: UInt32) -> Bool { raw >= lowest && raw <= highest }

  /// What a raw number says.
  public func reading(of raw: UInt32) -> Reading {
    if raw == allOnes { return .invalid }
    if raw == allOnes - 1 { return .abnormal }
    let value = (Double(raw) + shift) * multiplier / divisor
    return contains(raw) ? .valid(value) : .outOfRange(value)
  }

  /// The nearest raw number of a physical value.
  ///
  /// - Parameter value: The physical value.
  /// - Returns: The raw number; nil when the value is not finite or would need more than the
  ///   field's width or one of its two sentinels.
  public func raw(of value: Double) -> UInt32? {
    let steps = value * divisor / multiplier - shift
    // Written so that NaN fails too.
    guard steps > -0.5, steps < Double(allOnes) - 1.5 else { return nil }
    return UInt32(steps + 0.5)
  }
}
