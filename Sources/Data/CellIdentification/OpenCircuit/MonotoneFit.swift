// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The nearest rising sequence.

/// The nearest rising sequence of values.
enum MonotoneFit {
  /// The rising sequence with the least sum of squared distances from the values.
  ///
  /// - Parameters:
  ///   - values: Values.
  ///   - step: Smallest rise from each value to the next.
  /// - Returns: As many values, each at least `step` above the one before it.
  /// - Complexity: O(n).
  /// - Reference: Ayer et al. (1955), doi:10.1214/aoms/1177728423 (pool adjacent violators).
  static func rising(_ values: [Double], step: Double) -> [Double] {
    var pools: [(sum: Double, count: Int)] = []
    for (index, value) in values.enumerated() {
      // Taking the smallest rise out first leaves a sequence that must not fall.
      pools.append((value - Double(index) * step, 1))
      while pools.count > 1 {
        let last = pools[pools.count - 1]
        let before = pools[pools.count - 2]
        guard before.sum / Double(before.count) > last.sum / Double(last.count) else { break }
        pools.removeLast(2)
        pools.append((before.sum + last.sum, before.count + last.count))
      }
    }
    var result: [Double] = []
    for pool in pools {
      for _ in 0..<pool.count {
        result.append(pool.sum / Double(pool.count) + Double(result.count) * step)
      }
    }
    return result
  }
}
