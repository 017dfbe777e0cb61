// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Exact upper bound of a rate from a count.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The exact upper bound of the mean of a Poisson count.
public enum PoissonBound {
  /// The mean at which the observed count or less has a probability of one minus the confidence.
  ///
  /// - Parameters:
  ///   - count: Observed events.
  ///   - confidence: One-sided, between 0 and 1; 0.95 gives 3.00 for no event.
  /// - Returns: The bound.
  /// - Reference: Garwood (1936), doi:10.1093/biomet/28.3-4.437.
  public static func upper(count: Int, confidence: Double) -> Double {
    let target = 1 - confidence
    func probability(_ mean: Double) -> Double {
      var term = exp(-mean)
      var sum = term
      for k in 1..<max(1, count + 1) {
        term *= mean / Double(k)
        sum += term
      }
      return sum
    }
    var low = 0.0
    var high = Double(count) + 10 + 10 * Double(count).squareRoot()
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if probability(middle) > target { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
