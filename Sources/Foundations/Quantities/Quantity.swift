// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A dimensioned scalar: coherent SI inside, its unit carried by the type at no run-time cost.

/// A unit of measure used as a phantom type; it is never instantiated.
public protocol UnitOfMeasure: Sendable {
  /// The SI symbol shown after a number, for example `V`.
  static var symbol: StaticString { get }
}

/// A scalar in the coherent SI unit `Unit`.
///
/// The type stores one `Double` and nothing else: arithmetic on it compiles to the same machine
/// code as arithmetic on `Double` in release builds. Two quantities of different units cannot be
/// added or compared. Values in other units enter and leave through named initialisers and
/// properties such as `Temperature(celsius:)` and `.celsius`.
@frozen
public struct Quantity<Unit: UnitOfMeasure>: Hashable, Comparable, Sendable {
  /// The magnitude in the coherent SI unit.
  public var value: Double

  /// Wraps a magnitude that is already in the coherent SI unit.
  @inlinable
  public init(_ value: Double) { self.value = value }

  /// The quantity of magnitude zero.
  @inlinable
  public static var zero: Self { Self(0) }

  /// Whether the magnitude is neither infinite nor NaN.
  @inlinable
  public var isFinite: Bool { value.isFinite }

  /// The quantity with a non-negative magnitude.
  @inlinable
  public var magnitude: Self { Self(value.magnitude) }

  /// Orders by value; false if either is NaN.
  @inlinable
  public static func < (lhs: Self, rhs: Self) -> Bool { lhs.value < rhs.value }

  // The three others are not left to `Comparable`, which derives them from `<` by negation: then
  // NaN would be at most, and at least, everything, and would pass every limit.

  /// Orders by value; false if either is NaN.
  @inlinable
  public static func <= (lhs: Self, rhs: Self) -> Bool { lhs.value <= rhs.value }

  /// Orders by value; false if either is NaN.
  @inlinable
  public static func > (lhs: Self, rhs: Self) -> Bool { lhs.value > rhs.value }

  /// Orders by value; false if either is NaN.
  @inlinable
  public static func >= (lhs: Self, rhs: Self) -> Bool { lhs.value >= rhs.value }
}
