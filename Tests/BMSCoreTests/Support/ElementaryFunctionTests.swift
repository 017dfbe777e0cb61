// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The core's exponential, logarithm and hyperbolic tangent against the C library.

import BMSCore
import Foundation
import Testing

@Suite("Elementary functions")
struct ElementaryFunctionTests {
  /// Largest distance from `reference` over `arguments`, in units in the last place of the reference.
  func worst(
    _ function: (Double) -> Double, _ reference: (Double) -> Double, over arguments: [Double]
  ) -> Double {
    arguments.map { abs(function($0) - reference($0)) / reference($0).ulp }.max() ?? .infinity
  }

  func worst(
    _ function: (Float) -> Float, _ reference: (Double) -> Double, over arguments: [Float]
  ) -> Double {
    arguments.map {
      let exact = reference(Double($0))
      return abs(Double(function($0)) - exact) / Double(Float(exact).ulp)
    }.max() ?? .infinity
  }

  let wide = (0...20_000).map { -700 + 0.0700013 * Double($0) }
  let narrow = (1...20_000).map { 1.7e-4 * Double($0) - 1.70003 }

  @Test("Double functions stay within two, tanh within three, units in the last place")
  func double() {
    #expect(worst(Double.exponential, { exp($0) }, over: wide) <= 2)
    #expect(worst(Double.logarithm, { log($0) }, over: wide.map { exp($0) }) <= 2)
    #expect(worst(Double.logarithm, { log($0) }, over: narrow.map { exp($0) }) <= 2)
    #expect(worst(Double.hyperbolicTangent, { tanh($0) }, over: narrow) <= 3)
  }

  @Test("Float functions stay within two units in the last place of the exact value")
  func float() {
    let arguments = wide.map { Float($0 / 8.2) }
    #expect(worst(Float.exponential, { exp($0) }, over: arguments) <= 2)
    #expect(
      worst(Float.logarithm, { log($0) }, over: arguments.map { Float.exponential($0 / 2) }) <= 2)
    #expect(worst(Float.hyperbolicTangent, { tanh($0) }, over: narrow.map { Float($0) }) <= 2)
  }

  @Test("Ends of the range give the limits, and NaN stays NaN")
  func limits() {
    #expect(Double.exponential(-.infinity) == 0 && Double.exponential(.infinity) == .infinity)
    #expect(Double.exponential(710) == .infinity && Double.exponential(-746) == 0)
    #expect(Double.exponential(709.78).isFinite && Double.exponential(-745) > 0)
    #expect(Float.exponential(89) == .infinity && Float.exponential(-104) == 0)
    #expect(Float.exponential(88.7).isFinite && Float.exponential(-103) > 0)
    #expect(Double.logarithm(0) == -.infinity && Double.logarithm(-1).isNaN)
    #expect(Float.logarithm(.infinity) == .infinity && Float.logarithm(-1).isNaN)
    let least = Double.leastNonzeroMagnitude
    #expect(abs(Double.logarithm(least) - log(least)) < 1e-12)
    #expect(Double.hyperbolicTangent(-50) == -1 && Float.hyperbolicTangent(50) == 1)
    #expect(Double.exponential(.nan).isNaN && Float.logarithm(.nan).isNaN)
    #expect(Double.hyperbolicTangent(.nan).isNaN)
  }
}
