// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of comparison within tolerances: edge cases and symmetry.

import Quantities
import Testing

@Suite("Approximate equality")
struct ApproximateEqualityTests {
  @Test("Neighbouring numbers agree, numbers a millionth apart do not")
  func defaultTolerance() {
    #expect(Voltage(3.7).isApproximatelyEqual(to: Voltage(3.7.nextUp)))
    #expect(!Voltage(3.7).isApproximatelyEqual(to: Voltage(3.700_004)))
    #expect(Voltage(3.7).isApproximatelyEqual(to: Voltage(3.700_004), relativeTolerance: 1e-5))
  }

  @Test("Nothing but zero agrees with zero without an absolute tolerance")
  func zero() {
    #expect(Current(0).isApproximatelyEqual(to: Current(-0.0)))
    #expect(!Current(0).isApproximatelyEqual(to: Current(.leastNonzeroMagnitude)))
    #expect(Current(0).isApproximatelyEqual(to: Current(1e-9), absoluteTolerance: Current(1e-9)))
    #expect(!Current(0).isApproximatelyEqual(to: Current(2e-9), absoluteTolerance: Current(1e-9)))
  }

  @Test("NaN agrees with nothing, infinities only with themselves")
  func special() {
    let infinity = Power(.infinity)
    #expect(infinity.isApproximatelyEqual(to: infinity))
    #expect(!infinity.isApproximatelyEqual(to: -infinity))
    #expect(!infinity.isApproximatelyEqual(to: Power(.greatestFiniteMagnitude)))
    #expect(!Power(.nan).isApproximatelyEqual(to: Power(.nan), absoluteTolerance: infinity))
    #expect(!Power(1).isApproximatelyEqual(to: Power(.nan), relativeTolerance: 1))
  }

  @Test("A senseless tolerance allows exact agreement only", arguments: [-1, Double.nan])
  func senseless(tolerance: Double) {
    let one = Length(1)
    #expect(
      one.isApproximatelyEqual(
        to: one, absoluteTolerance: Length(tolerance), relativeTolerance: tolerance))
    #expect(
      !one.isApproximatelyEqual(
        to: Length(1.0.nextUp), absoluteTolerance: Length(tolerance), relativeTolerance: tolerance))
  }

  @Test("The comparison is symmetric for random numbers and tolerances")
  func symmetric() {
    var generator = Xorshift(state: 5)
    for _ in 0..<2_000 {
      let a = Energy(generator.double() * 1e6)
      let b = Energy(a.value * (1 + (generator.double() - 0.5) * 1e-7))
      let tolerance = generator.double() * 1e-7
      let forward = a.isApproximatelyEqual(to: b, relativeTolerance: tolerance)
      #expect(forward == b.isApproximatelyEqual(to: a, relativeTolerance: tolerance))
      let within = (a.value - b.value).magnitude <= tolerance * max(a.value, b.value)
      #expect(forward == (within || a == b))
    }
  }
}

/// A seeded generator (Marsaglia 2003, doi:10.18637/jss.v008.i14), so that the test repeats.
struct Xorshift {
  var state: UInt64

  /// A number from 0 (inclusive) to 1 (exclusive).
  mutating func double() -> Double {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Double(state >> 11) * 0x1p-53
  }
}
