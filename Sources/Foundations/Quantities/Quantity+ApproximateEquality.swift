// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Comparison of quantities within stated tolerances.

extension Quantity {
  /// The relative tolerance used where none is given: half the digits of `Double`, `2⁻²⁶`.
  @inlinable
  public static var defaultRelativeTolerance: Double { 0x1p-26 }

  /// Whether two quantities agree within a relative or an absolute tolerance.
  ///
  /// The two are equal if their distance is at most the larger of the absolute tolerance and the
  /// relative tolerance times the larger magnitude. The comparison is symmetric; it is not
  /// transitive. NaN agrees with nothing; an infinity agrees only with itself. With a relative
  /// tolerance alone nothing but zero agrees with zero, so give an absolute tolerance where a
  /// value may vanish. The magnitude of a ``Temperature`` counts from absolute zero: for
  /// temperatures in °C give an absolute tolerance.
  ///
  /// The semantics follow `isApproximatelyEqual` of swift-numerics, except that a tolerance that
  /// is negative or NaN counts as zero instead of trapping.
  ///
  /// - Parameters:
  ///   - other: The quantity to compare with.
  ///   - absoluteTolerance: Distance always allowed.
  ///   - relativeTolerance: Part of the larger magnitude allowed, usually well below 1.
  /// - Returns: Whether the two agree.
  @inlinable
  public func isApproximatelyEqual(
    to other: Self, absoluteTolerance: Self = .zero,
    relativeTolerance: Double = Self.defaultRelativeTolerance
  ) -> Bool {
    if value == other.value { return true }
    let distance = (value - other.value).magnitude
    guard distance.isFinite else { return false }
    let scale = value.magnitude > other.value.magnitude ? value.magnitude : other.value.magnitude
    // Comparisons with NaN are false: such a tolerance allows nothing.
    return distance <= absoluteTolerance.value || distance <= relativeTolerance * scale
  }
}
