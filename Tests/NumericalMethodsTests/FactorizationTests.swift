// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Factorisations that reuse memory: against each other, against analytic spectra.

import Foundation
import NumericalMethods
import Testing

@Suite("Factorisations in reused memory")
struct FactorizationTests {
  @Test("Dense, banded and block-tridiagonal elimination agree on one system")
  func agreement() {
    let blocks = 6
    let m = 3
    let size = blocks * m
    var random = Xoshiro256(seed: 7)
    let block = BlockTridiagonalFactorization(blockCount: blocks, blockSize: m)
    let dense = DenseFactorization(size: size)
    let banded = BandedFactorization(size: size, lowerWidth: 5, upperWidth: 5)
    func set(_ value: Double, _ row: Int, _ column: Int) {
      dense.matrix[row * size + column] = value
      banded[row, column] = value
    }
    for i in 0..<blocks {
      for r in 0..<m {
        for c in 0..<m {
          let value = random.nextNormal() + (r == c ? 8 : 0)
          block.diagonal(i)[r * m + c] = value
          set(value, i * m + r, i * m + c)
          if i > 0 {
            let value = random.nextNormal()
            block.lower(i)[r * m + c] = value
            set(value, i * m + r, (i - 1) * m + c)
          }
          if i + 1 < blocks {
            let value = random.nextNormal()
            block.upper(i)[r * m + c] = value
            set(value, i * m + r, (i + 1) * m + c)
          }
        }
      }
    }
    let right = (0..<size).map { _ in random.nextNormal() }
    var x = right
    var y = right
    var z = right
    let factored = [dense.factor(), banded.factor(), block.factor()]
    #expect(factored == [true, true, true])
    dense.solve(&x)
    banded.solve(&y)
    block.solve(&z)
    for n in 0..<size {
      #expect(abs(x[n] - y[n]) < 1e-12)
      #expect(abs(x[n] - z[n]) < 1e-12)
    }
    #expect(x.contains { abs($0) > 0.01 })
    block.clear()
    let singular = !block.factor()
    #expect(singular, "a zero matrix is singular")
  }

  @Test("Jacobi rotations find the spectrum of the second difference")
  func eigenvalues() throws {
    let size = 12
    var a = [Double](repeating: 0, count: size * size)
    for i in 0..<size {
      a[i * size + i] = 2
      if i > 0 {
        a[i * size + i - 1] = -1
        a[(i - 1) * size + i] = -1
      }
    }
    let result = try SymmetricEigenproblem(a, size: size)
    for k in 0..<size {
      let exact = 2 - 2 * cos(Double(k + 1) * .pi / Double(size + 1))
      #expect(abs(result.values[k] - exact) < 1e-13)
      for row in 0..<size {
        var image = 0.0
        for column in 0..<size {
          image += a[row * size + column] * result.vectors[k * size + column]
        }
        #expect(abs(image - exact * result.vectors[k * size + row]) < 1e-12)
      }
    }
    #expect(throws: NumericalError.notFinite) { try SymmetricEigenproblem([.nan], size: 1) }
  }

  @Test("Gauss–Legendre rules are exact to their degree", arguments: [1, 2, 5, 12])
  func quadrature(count: Int) {
    let rule = GaussLegendre(count: count)
    for degree in 0..<(2 * count) {
      let sum = zip(rule.nodes, rule.weights).reduce(0) { $0 + $1.1 * pow($1.0, Double(degree)) }
      #expect(abs(sum - 1 / Double(degree + 1)) < 1e-14)
    }
  }
}
