// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A measured value together with its quality.

/// One measured value and what is known about its trustworthiness.
public struct Measured<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// In coherent SI (V, A, K, Ω, Pa); the last usable value or a substitute where quality says so.
  public var value: Real
  /// What is known about its trustworthiness.
  public var quality: Quality

  /// A value with its quality.
  @inlinable
  public init(_ value: Real, quality: Quality = Quality()) {
    self.value = value
    self.quality = quality
  }

  /// A value that never arrived.
  @inlinable
  public static var missing: Measured { Measured(0, quality: .missing) }

  /// Whether the value may be used.
  @inlinable
  public var isUsable: Bool { quality.isUsable }
}
