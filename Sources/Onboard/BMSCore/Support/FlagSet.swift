// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Sets of flags without array literals on a microcontroller.

#if hasFeature(Embedded)
  /// A set of flags: `OptionSet` where there is an operating system; on a microcontroller the same
  /// operations without array literals, because their witness would bring in the array type, which
  /// allocates. Inside the core write `Quality()` for `[]` and `.a | .b` for `[.a, .b]`.
  public protocol FlagSet {
    /// The flags as bits.
    associatedtype RawValue: FixedWidthInteger & UnsignedInteger
    /// The flags as bits.
    var rawValue: RawValue { get }
    /// The set with these bits.
    init(rawValue: RawValue)
  }

  extension FlagSet {
    /// The empty set.
    public init() { self.init(rawValue: 0) }

    /// Whether no flag is set.
    public var isEmpty: Bool { rawValue == 0 }

    /// Whether every flag of `other` is set.
    public func contains(_ other: Self) -> Bool { rawValue & other.rawValue == other.rawValue }

    /// Whether every flag of `self` is set in `other`.
    public func isSubset(of other: Self) -> Bool { other.contains(self) }

    /// Whether no flag is in both.
    public func isDisjoint(with other: Self) -> Bool { rawValue & other.rawValue == 0 }

    /// The flags of both.
    public func union(_ other: Self) -> Self { Self(rawValue: rawValue | other.rawValue) }

    /// The flags in both.
    public func intersection(_ other: Self) -> Self { Self(rawValue: rawValue & other.rawValue) }

    /// The flags of `self` that are not in `other`.
    public func subtracting(_ other: Self) -> Self { Self(rawValue: rawValue & ~other.rawValue) }

    /// Adds the flags of `other`.
    public mutating func formUnion(_ other: Self) { self = union(other) }

    /// Removes the flags of `other`.
    public mutating func subtract(_ other: Self) { self = subtracting(other) }

    /// Adds the flags of `other`.
    public mutating func insert(_ other: Self) { self = union(other) }

    /// Removes the flags of `other`.
    public mutating func remove(_ other: Self) { self = subtracting(other) }
  }
#else
  /// A set of flags: `OptionSet`; on a microcontroller the same operations without array literals.
  public typealias FlagSet = OptionSet
#endif

extension FlagSet {
  /// The flags of both, for sets written without an array literal.
  @inlinable
  public static func | (left: Self, right: Self) -> Self { left.union(right) }
}
