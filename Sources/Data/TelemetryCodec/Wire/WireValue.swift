// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One wire number with its kind: raw bits kept, physical value on demand.

/// A number as it stands on the wire, with its ``FieldKind``.
///
/// The raw bits are kept, so that encoding a decoded value gives the same bytes. The physical
/// value is computed on demand by ``reading``.
public struct WireValue: Hashable, Sendable {
  /// The bits on the wire.
  public var raw: UInt32
  /// What the bits mean.
  public let kind: FieldKind

  /// Wraps bits; bits beyond the width of the field are cut off.
  public init(_ kind: FieldKind, raw: UInt32) {
    self.kind = kind
    self.raw = raw & kind.definition.allOnes
  }

  /// Encodes a physical value, rounded to the nearest step of the field.
  ///
  /// - Parameters:
  ///   - kind: What the value is; its definition states the unit.
  ///   - value: The physical value in that unit.
  /// - Throws: ``CodecError/valueOutOfRange(_:)`` if the value is not finite or, once rounded,
  ///   outside the range of the field.
  public init(_ kind: FieldKind, _ value: Double) throws(CodecError) {
    guard let raw = kind.definition.raw(of: value), kind.definition.contains(raw) else {
      throw .valueOutOfRange(kind)
    }
    self.kind = kind
    self.raw = raw
  }

  /// Encodes a physical value that may be missing or strange: what the field can carry is sent,
  /// even outside its range; what it cannot carry is sent as *invalid*.
  ///
  /// - Parameters:
  ///   - kind: What the value is; its definition states the unit.
  ///   - value: The physical value in that unit; NaN for a missing one.
  public init(_ kind: FieldKind, orInvalid value: Double) {
    self.kind = kind
    self.raw = kind.definition.raw(of: value) ?? kind.definition.allOnes
  }

  /// Encodes a reading.
  ///
  /// - Throws: ``CodecError/valueOutOfRange(_:)`` if the field cannot carry the number.
  public init(_ kind: FieldKind, _ reading: Reading) throws(CodecError) {
    switch reading {
    case .valid(let value):
      try self.init(kind, value)
    case .outOfRange(let value):
      guard let raw = kind.definition.raw(of: value) else { throw .valueOutOfRange(kind) }
      self.init(kind, raw: raw)
    case .abnormal:
      self.init(kind, raw: kind.definition.allOnes - 1)
    case .invalid:
      self.init(kind, raw: kind.definition.allOnes)
    }
  }

  /// What the field says, in the unit of its kind.
  public var reading: Reading { kind.definition.reading(of: raw) }

  /// The value when it is inside its range; nil otherwise.
  public var validValue: Double? { reading.validValue }

  /// The *invalid* value of a kind.
  public static func invalid(_ kind: FieldKind) -> WireValue {
    WireValue(kind, raw: kind.definition.allOnes)
  }

  /// The *abnormal* value of a kind.
  public static func abnormal(_ kind: FieldKind) -> WireValue {
    WireValue(kind, raw: kind.definition.allOnes - 1)
  }
}
