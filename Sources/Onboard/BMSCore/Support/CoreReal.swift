// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The number type of the core, Float or Double, with elementary functions of its own.

/// The floating-point type a core computes in: `Float` on most microcontrollers, `Double` elsewhere.
///
/// The elementary functions are the core's own (no C library), made of additions, products and
/// quotients only, which IEEE 754 rounds alike everywhere: the same samples give bit-identical
/// results on x86-64, a Cortex-M7 and WebAssembly.
public protocol CoreReal: BinaryFloatingPoint, BitwiseCopyable, Sendable {
  /// eˣ; 0 below the smallest and +∞ above the largest representable result, NaN for NaN.
  static func exponential(_ x: Self) -> Self
  /// ln x; −∞ at 0 and NaN below.
  static func logarithm(_ x: Self) -> Self
  /// tanh x, in [−1, 1].
  static func hyperbolicTangent(_ x: Self) -> Self
}

extension CoreReal {
  /// `self`, or `substitute` where `self` is NaN or infinite.
  @inlinable
  public func finite(or substitute: Self) -> Self { isFinite ? self : substitute }

  /// `self` moved to the nearest end of `low…high`; `low` for NaN.
  @inlinable
  public func clamped(_ low: Self, _ high: Self) -> Self {
    self > low ? (self < high ? self : high) : low
  }
}
