// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Exactness and order of convergence of interpolation, smoothing and root finding.

import Foundation
import NumericalMethods
import Testing

@Suite struct InterpolationTests {
  /// Largest error of a method for sin on [0, 1.5] with n intervals.
  private func error(_ n: Int, _ method: ([Double], [Double], Double) -> Double) -> Double {
    let x = (0...n).map { 1.5 * Double($0) / Double(n) }
    let y = x.map { sin($0) }
    return (0...997).map { k in
      let t = 1.5 * Double(k) / 997
      return abs(method(x, y, t) - sin(t))
    }.max() ?? 0
  }

  @Test("linear interpolation is of second order and constant outside")
  func linear() {
    let ratio =
      error(16) { Interpolation.linear($0, $1, at: $2) }
      / error(32) { Interpolation.linear($0, $1, at: $2) }
    #expect(abs(log2(ratio) - 2) < 0.1)
    #expect(Interpolation.linear([0, 1], [3, 5], at: -1) == 3)
    #expect(Interpolation.linear([0, 1], [3, 5], at: 2) == 5)
    #expect(Interpolation.linear([], [], at: 2).isNaN)
  }

  @Test("Lagrange interpolation reproduces polynomials", arguments: 1...6)
  func lagrange(degree: Int) {
    let x = (0...degree).map { Double($0) * 0.7 - 1 }
    let polynomial = { (t: Double) in (0...degree).reduce(0.0) { $0 * t + Double($1 + 1) } }
    for t in [-0.9, 0.123, 1.7] {
      let value = Interpolation.lagrange(x, x.map(polynomial), at: t)
      #expect(abs(value - polynomial(t)) < 1e-9 * max(1, abs(polynomial(t))))
    }
  }

  @Test("the monotone cubic converges at third order or better and never overshoots")
  func monotone() throws {
    func cubicError(_ n: Int) throws -> Double {
      let x = (0...n).map { 1.5 * Double($0) / Double(n) }
      let curve = try MonotoneCubic(x, x.map { sin($0) })
      return (0...997).map {
        abs(curve.value(at: 1.5 * Double($0) / 997) - sin(1.5 * Double($0) / 997))
      }
      .max() ?? 0
    }
    #expect(try log2(cubicError(16) / cubicError(32)) > 2.5)
    let step = try MonotoneCubic([0, 1, 2, 3, 4], [0, 0, 1, 1, 1])
    for k in 0...400 {
      let value = step.value(at: Double(k) / 100)
      #expect(value >= 0 && value <= 1)
    }
    #expect(throws: NumericalError.notFinite) { try MonotoneCubic([0, 0, 1], [1, 2, 3]) }
  }

  @Test("Savitzky–Golay passes polynomials of its order and their derivatives", arguments: 0...2)
  func savitzkyGolay(derivative: Int) throws {
    let filter = try SavitzkyGolay(halfWidth: 4, order: 3, derivative: derivative)
    let spacing = 0.1
    let x = (0..<30).map { Double($0) * spacing }
    let filtered = filter.apply(x.map { 2 + $0 - 3 * $0 * $0 + $0 * $0 * $0 }, spacing: spacing)
    for i in x.indices {
      let t = x[i]
      let exact = [2 + t - 3 * t * t + t * t * t, 1 - 6 * t + 3 * t * t, -6 + 6 * t][derivative]
      #expect(abs(filtered[i] - exact) < 1e-9)
    }
  }

  @Test("the five-point quadratic weights are the published ones")
  func publishedWeights() throws {
    // Savitzky & Golay (1964), table I: (−3, 12, 17, 12, −3)/35.
    let filter = try SavitzkyGolay(halfWidth: 2, order: 2)
    var impulse = [Double](repeating: 0, count: 11)
    impulse[5] = 35
    let response = filter.apply(impulse)
    for (value, weight) in zip(response[3...7], [-3.0, 12, 17, 12, -3]) {
      #expect(abs(value - weight) < 1e-10)
    }
    #expect(throws: NumericalError.self) { try SavitzkyGolay(halfWidth: 1, order: 3) }
    #expect(filter.apply([1, 2]) == [1, 2])
  }

  @Test("Brent's method finds roots within its tolerance in few evaluations")
  func brent() throws {
    var calls = 0
    let root = try RootFinding.brent(in: 0...2, tolerance: 1e-13) {
      calls += 1
      return cos($0) - $0
    }
    #expect(abs(root - 0.739_085_133_215_160_6) < 1e-12)
    #expect(calls < 15)
    let steep = try RootFinding.brent(in: -1...4) { pow($0 - 1, 9) }
    #expect(abs(steep - 1) < 1e-9)
    #expect(throws: NumericalError.noSignChange(lower: 1, upper: 2)) {
      try RootFinding.brent(in: 1...2) { $0 }
    }
  }
}

@Suite struct SeededGeneratorTests {
  @Test("SplitMix64 gives the published first numbers for seed 1234567")
  func splitMix() {
    var random = SplitMix64(seed: 1_234_567)
    // Reference output of Vigna's splitmix64.c.
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
  }

  @Test("the same seed repeats and normal variates have mean 0 and variance 1")
  func normal() {
    var a = Xoshiro256(seed: 42)
    var b = Xoshiro256(seed: 42)
    var sum = 0.0
    var squares = 0.0
    for _ in 0..<20_000 {
      let value = a.nextNormal()
      #expect(value == b.nextNormal())
      sum += value
      squares += value * value
    }
    // Four standard errors of mean (0.0071) and variance (0.01).
    #expect(abs(sum / 20_000) < 0.029)
    #expect(abs(squares / 20_000 - 1) < 0.04)
  }
}
