// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How much neighbouring residuals are alike.

/// How much wider intervals are when neighbouring residuals are alike.
enum Autocorrelation {
  /// `√((1 + ρ)/(1 − ρ))` of the first-order autocorrelation, one or more.
  static func inflation(_ residuals: [Double]) -> Double {
    var product = 0.0
    var square = 1e-300
    for row in residuals.indices.dropFirst() {
      product += residuals[row] * residuals[row - 1]
      square += residuals[row] * residuals[row]
    }
    let correlation = max(0, min(0.99, product / square))
    return ((1 + correlation) / (1 - correlation)).squareRoot()
  }
}
