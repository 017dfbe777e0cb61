// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How far numbers can stand in for one another.

import NumericalMethods

/// How far numbers can stand in for one another, by the slopes of the residuals.
enum Collinearity {
  /// `1/√(least eigenvalue of the normal matrix of unit columns)`: 1 for slopes at right angles; at
  /// 10 a change of one can be made up for to a tenth by the others.
  ///
  /// - Reference: Brun, Reichert & Künsch (2001), doi:10.1029/2000WR900350, equation 4.
  static func index(_ columns: [[Double]]) -> Double {
    let units = columns.map { column -> [Double] in
      let size = max(1e-300, column.reduce(0) { $0 + $1 * $1 }.squareRoot())
      return column.map { $0 / size }
    }
    let normal = SmallLeastSquares.normal(units)
    guard let spectrum = try? SymmetricEigenproblem(normal, size: units.count),
      let least = spectrum.values.min()
    else { return .infinity }
    return 1 / max(1e-12, least).squareRoot()
  }
}
