// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The coefficients of a linearly implicit method of order 3.

/// ROS34PW2: four stages, order 3 whatever matrix is used, stiffly accurate, with an embedded
/// method of order 2.
///
/// The order holds for any matrix in place of the Jacobian, so weak couplings may be left out of it
/// and explicit time needs no derivative. Coefficients are stored for the form without products of
/// the Jacobian: `(1/(γ·h) − J)·u_i = f(y + Σ a_ij·u_j) + Σ c_ij/h·u_j` and `y₁ = y + Σ m_i·u_i`.
///
/// - Reference: Rang & Angermann (2005), BIT 45, doi:10.1007/s10543-005-0035-y.
enum LinearlyImplicitMethod {
  /// Number of stages.
  static let stageCount = 4
  /// Diagonal coefficient γ.
  static let gamma = 0.435_866_521_508_459_00

  /// `a_ij`, row-major.
  static let a = transformed.a
  /// `c_ij`, row-major.
  static let c = transformed.c
  /// `m_i`; as the method is stiffly accurate, its last stage is at the result but for its own.
  static let m = transformed.m
  /// `m_i` less those of the embedded method.
  static let error = transformed.error
  /// Times of the stages as parts of the step.
  static let nodes: [Double] = (0..<4).map { stage in
    alpha[stage * 4..<stage * 4 + 4].reduce(0, +)
  }

  /// `α_ij`, row-major.
  private static let alpha: [Double] = [
    0, 0, 0, 0,
    0.871_733_043_016_918_01, 0, 0, 0,
    0.844_570_600_153_694_23, -0.112_990_642_363_484_18, 0, 0,
    0, 0, 1, 0,
  ]
  /// `γ_ij` with the diagonal, row-major.
  private static let gammas: [Double] = [
    gamma, 0, 0, 0,
    -0.871_733_043_016_918_01, gamma, 0, 0,
    -0.903_380_570_130_440_82, 0.054_180_672_388_095_326, gamma, 0,
    0.242_123_807_060_953_46, -1.223_250_583_904_514_7, 0.545_260_255_335_102_14, gamma,
  ]
  private static let weights = [
    0.242_123_807_060_953_46, -1.223_250_583_904_514_7, 1.545_260_255_335_102_0,
    0.435_866_521_508_459_00,
  ]
  private static let embedded = [
    0.378_109_031_458_193_69, -0.096_042_292_212_423_178, 0.5, 0.217_932_607_542_295_20,
  ]

  private static let transformed: (a: [Double], c: [Double], m: [Double], error: [Double]) = {
    // Inverse of the lower triangular γ_ij.
    var inverse = [Double](repeating: 0, count: 16)
    for j in 0..<4 {
      inverse[j * 5] = 1 / gamma
      for i in (j + 1)..<max(4, j + 1) {
        var sum = 0.0
        for k in j..<i { sum += gammas[i * 4 + k] * inverse[k * 4 + j] }
        inverse[i * 4 + j] = -sum / gamma
      }
    }
    func timesInverse(_ rows: [Double]) -> [Double] {
      var product = [Double](repeating: 0, count: rows.count)
      for place in 0..<rows.count {
        let row = place / 4 * 4
        for k in 0..<4 { product[place] += rows[row + k] * inverse[k * 4 + place % 4] }
      }
      return product
    }
    var c = inverse
    for place in 0..<16 { c[place] = (place % 5 == 0 ? 1 / gamma : 0) - inverse[place] }
    let m = timesInverse(weights)
    var error = timesInverse(embedded)
    for stage in 0..<4 { error[stage] = m[stage] - error[stage] }
    return (timesInverse(alpha), c, m, error)
  }()
}
