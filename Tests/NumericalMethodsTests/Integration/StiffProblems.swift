// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Standard stiff problems with their published end values.

import Foundation
import NumericalMethods
import Testing

/// A stiff problem that every solver can be given, with its published end.
struct StiffProblem: Sendable, CustomTestStringConvertible {
  typealias RightSide =
    @Sendable (Double, UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void

  let name: String
  /// Diagonal of the mass matrix; zeros mark algebraic rows.
  let mass: [Double]
  /// Size below which an unknown does not matter, relative to the relative tolerance.
  let floor: [Double]
  let initial: [Double]
  let end: Double
  /// End state from the literature or a formula.
  let published: [Double]
  let rightSide: RightSide

  var testDescription: String { name }
  var isDifferential: Bool { !mass.contains(0) }

  static let all = [robertson, robertsonAlgebraic, vanDerPol, highIrradiance, pendulum]

  private static let robertsonRates: RightSide = { _, y, f in
    let forward = 0.04 * y[0] - 1e4 * y[1] * y[2]
    let loss = 3e7 * y[1] * y[1]
    f[0] = -forward
    f[1] = forward - loss
    f[2] = loss
  }

  // Robertson (1966); values at 1e11 from Mazzia & Magherini (2008), "Test Set for IVP Solvers",
  // release 2.4, problem ROBER.
  private static let robertsonEnd = [
    0.208_334_014_970_125_5e-7, 0.833_336_077_033_471_3e-13, 0.999_999_979_166_505_0,
  ]

  static let robertson = StiffProblem(
    name: "Robertson", mass: [1, 1, 1], floor: [1e-6, 1e-10, 1e-6], initial: [1, 0, 0], end: 1e11,
    published: robertsonEnd, rightSide: robertsonRates)

  static let robertsonAlgebraic = StiffProblem(
    name: "Robertson with mass balance", mass: [1, 1, 0], floor: [1e-6, 1e-10, 1e-6],
    initial: [1, 0, 0], end: 1e11, published: robertsonEnd,
    rightSide: { time, y, f in
      robertsonRates(time, y, f)
      f[2] = 1 - y[0] - y[1] - y[2]
    })

  // Problem VDPOL of Mazzia & Magherini (2008), "Test Set for IVP Solvers", release 2.4, in its
  // unscaled time: mu = 1000, t = 2000.
  static let vanDerPol = StiffProblem(
    name: "Van der Pol, mu 1000", mass: [1, 1], floor: [1, 1e-3], initial: [2, 0], end: 2_000,
    published: [1.706_167_732_170_483, -0.892_809_701_024_797_5e-3],
    rightSide: { _, y, f in
      f[0] = y[1]
      f[1] = 1_000 * (1 - y[0] * y[0]) * y[1] - y[0]
    })

  // Problem HIRES of the same test set: state at t = 321.8122.
  static let highIrradiance = StiffProblem(
    name: "HIRES", mass: .init(repeating: 1, count: 8), floor: .init(repeating: 1e-4, count: 8),
    initial: [1, 0, 0, 0, 0, 0, 0, 0.0057], end: 321.8122,
    published: [
      0.737_131_257_332_566_8e-3, 0.144_248_572_631_618_5e-3, 0.588_872_974_096_757_5e-4,
      0.117_565_134_328_314_9e-2, 0.238_635_619_883_133_1e-2, 0.623_896_825_274_279_6e-2,
      0.284_999_839_518_576_9e-2, 0.285_000_160_481_423_1e-2,
    ],
    rightSide: { _, y, f in
      f[0] = -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007
      f[1] = 1.71 * y[0] - 8.75 * y[1]
      f[2] = -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4]
      f[3] = 8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3]
      f[4] = -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6]
      let binding = 280 * y[5] * y[7]
      f[5] = -binding + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6]
      f[6] = binding - 1.81 * y[6]
      f[7] = -binding + 1.81 * y[6]
    })

  static let gravity = 9.806_65

  /// A pendulum of 1 m, released level, in Cartesian coordinates with its rod force algebraic
  /// (index 1), over one whole period by the elliptic integral: it must be back where it began.
  static let pendulum = StiffProblem(
    name: "pendulum, index 1", mass: [1, 1, 1, 1, 0], floor: .init(repeating: 1, count: 5),
    initial: [1, 0, 0, 0, 0],
    end: 4 * ellipticIntegral(0.5.squareRoot()) / gravity.squareRoot(),
    published: [1, 0, 0, 0, 0],
    rightSide: { _, y, f in
      f[0] = y[2]
      f[1] = y[3]
      f[2] = -y[4] * y[0]
      f[3] = -y[4] * y[1] - gravity
      let length = y[0] * y[0] + y[1] * y[1]
      f[4] = y[2] * y[2] + y[3] * y[3] - gravity * y[1] - y[4] * length
    })

  /// Complete elliptic integral of the first kind by the arithmetic–geometric mean.
  static func ellipticIntegral(_ modulus: Double) -> Double {
    var a = 1.0
    var g = (1 - modulus * modulus).squareRoot()
    while abs(a - g) > 1e-15 { (a, g) = (0.5 * (a + g), (a * g).squareRoot()) }
    return Double.pi / (2 * a)
  }

  /// Largest difference of two states, in units of each unknown's size with its floor.
  func distance(_ a: [Double], _ b: [Double]) -> Double {
    (0..<mass.count).map { abs(a[$0] - b[$0]) / (abs(b[$0]) + floor[$0]) }.max() ?? .infinity
  }
}
