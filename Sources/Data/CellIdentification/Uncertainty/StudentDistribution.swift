// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Half-widths of intervals out of few residuals.

import Foundation

/// Student's distribution.
enum StudentDistribution {
  /// Standard deviations of a normal distribution that span 95 % to either side.
  static let normal = 1.959_964

  /// Factor on a standard deviation that spans 95 % to either side.
  ///
  /// - Parameter freedom: Degrees of freedom; below three as three, where the series ends.
  /// - Returns: 1.96 for many degrees of freedom, 3.2 for three.
  /// - Reference: Abramowitz & Stegun (1964), 26.7.5.
  static func intervalFactor(freedom: Int) -> Double {
    let z = normal
    let n = Double(max(3, freedom))
    let first = (z * z * z + z) / 4
    let second = (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / 96
    let third = (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / 384
    return z + first / n + second / (n * n) + third / (n * n * n)
  }
}
