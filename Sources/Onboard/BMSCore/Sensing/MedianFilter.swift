// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Medians of three and five values without sorting or branches on data.

/// The median of three values.
@inline(__always)
@inlinable
func medianOfThree<Real: CoreReal>(_ a: Real, _ b: Real, _ c: Real) -> Real {
  let low = a < b ? a : b
  let high = a < b ? b : a
  return c < low ? low : (c > high ? high : c)
}

/// The median of five values.
///
/// The least of the two lower maxima and the greatest of the two higher minima cannot be the
/// median; it is the median of the other three.
@inline(__always)
@inlinable
func medianOfFive<Real: CoreReal>(_ a: Real, _ b: Real, _ c: Real, _ d: Real, _ e: Real) -> Real {
  let lowAB = a < b ? a : b
  let highAB = a < b ? b : a
  let lowCD = c < d ? c : d
  let highCD = c < d ? d : c
  let low = lowAB > lowCD ? lowAB : lowCD
  let high = highAB < highCD ? highAB : highCD
  return medianOfThree(low, high, e)
}
