// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cholesky, QR and Levenberg–Marquardt against exact answers.

import Foundation
import NumericalMethods
import Testing

@Suite struct LinearAlgebraTests {
  @Test("Cholesky solves random positive definite systems", arguments: 1...12)
  func cholesky(size: Int) throws {
    var random = Xoshiro256(seed: UInt64(size))
    let base = (0..<(size * size)).map { _ in random.nextNormal() }
    var matrix = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      for j in 0..<size {
        for k in 0..<size { matrix[i * size + j] += base[i * size + k] * base[j * size + k] }
      }
      matrix[i * size + i] += 0.1
    }
    let truth = (0..<size).map { _ in random.nextNormal() }
    let b = (0..<size).map { i in (0..<size).reduce(0) { $0 + matrix[i * size + $1] * truth[$1] } }
    let factor = try DenseSolvers.cholesky(matrix, size: size)
    let x = DenseSolvers.solve(choleskyFactor: factor, size: size, b)
    // Condition numbers stay below 1e5 with the added diagonal.
    for i in 0..<size { #expect(abs(x[i] - truth[i]) < 1e-9) }
    let inverse = try DenseSolvers.inverse(positiveDefinite: matrix, size: size)
    for i in 0..<size {
      for j in 0..<size {
        let product = (0..<size).reduce(0) { $0 + matrix[i * size + $1] * inverse[$1 * size + j] }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-9)
      }
    }
  }

  @Test("indefinite and dependent systems are refused")
  func refused() {
    #expect(throws: NumericalError.singular(pivot: 1)) {
      try DenseSolvers.cholesky([1, 2, 2, 1], size: 2)
    }
    #expect(throws: NumericalError.singular(pivot: 1)) {
      try DenseSolvers.leastSquares([1, 2, 1, 2, 1, 2], rows: 3, columns: 2, [1, 1, 1])
    }
    #expect(throws: NumericalError.tooFewData(count: 1, needed: 2)) {
      try DenseSolvers.leastSquares([1, 2], rows: 1, columns: 2, [1])
    }
  }

  @Test("QR gives the least-squares line")
  func line() throws {
    // Four points about 1 + 2x; normal equations solved by hand: intercept 1.2, slope 1.9.
    let x = [0.0, 1, 2, 3]
    let y = [1.1, 3.2, 5.1, 6.8]
    let fit = try DenseSolvers.leastSquares(
      x.flatMap { [1, $0] }, rows: 4, columns: 2, y)
    #expect(abs(fit[0] - 1.2) < 1e-12)
    #expect(abs(fit[1] - 1.9) < 1e-12)
  }

  @Test("QR keeps its accuracy where normal equations lose it")
  func conditioning() throws {
    let e = 1e-8
    // Läuchli's matrix: the normal matrix is singular in double precision.
    let x = try DenseSolvers.leastSquares([1, 1, e, 0, 0, e], rows: 3, columns: 2, [2, e, e])
    #expect(abs(x[0] - 1) < 1e-7)
    #expect(abs(x[1] - 1) < 1e-7)
  }

  @Test("Levenberg–Marquardt finds the minimum of Rosenbrock's valley")
  func rosenbrock() throws {
    let fit = try LevenbergMarquardt.fit([-1.2, 1], count: 2) { p, r in
      r[0] = 10 * (p[1] - p[0] * p[0])
      r[1] = 1 - p[0]
    }
    #expect(abs(fit.parameters[0] - 1) < 1e-6)
    #expect(abs(fit.parameters[1] - 1) < 1e-6)
  }

  @Test("standard errors of a straight line equal the textbook formula")
  func standardErrors() throws {
    let x = [0.0, 1, 2, 3]
    let y = [1.1, 3.2, 5.1, 6.8]
    let fit = try LevenbergMarquardt.fit([0.5, 0.5], count: 4) { p, r in
      for i in 0..<4 { r[i] = p[0] + p[1] * x[i] - y[i] }
    }
    // Residuals −0.1, 0.1, 0.1, −0.1: s² = 0.04/2; var(slope) = s²/5, var(intercept) = s²·14/20.
    #expect(abs(fit.sumOfSquares - 0.04) < 1e-10)
    #expect(abs(fit.standardErrors[1] - (0.02 / 5).squareRoot()) < 1e-6)
    #expect(abs(fit.standardErrors[0] - (0.02 * 0.7).squareRoot()) < 1e-6)
  }

  @Test("the stated errors cover the truth as often as they should")
  func coverage() throws {
    var random = Xoshiro256(seed: 7)
    var covered = 0
    for _ in 0..<200 {
      let noise = (0..<40).map { _ in 0.02 * random.nextNormal() }
      let fit = try LevenbergMarquardt.fit([0.8, 0.5], count: 40) { p, r in
        for i in 0..<40 {
          let t = Double(i) / 10
          r[i] = p[0] * exp(-p[1] * t) - exp(-0.7 * t) - noise[i]
        }
      }
      if abs(fit.parameters[1] - 0.7) < 2.024 * fit.standardErrors[1] { covered += 1 }
    }
    // 95 % of 200 with three binomial standard deviations (±9.2).
    #expect((181...199).contains(covered))
  }

  @Test("a parameter the data do not contain leaves no covariance")
  func undetermined() throws {
    let fit = try LevenbergMarquardt.fit([1, 1], count: 5) { p, r in
      for i in 0..<5 { r[i] = p[0] - Double(i) }
    }
    #expect(abs(fit.parameters[0] - 2) < 1e-8)
    #expect(fit.standardErrors.allSatisfy { $0.isNaN })
  }
}
