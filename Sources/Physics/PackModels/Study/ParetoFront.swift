// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Which designs no other beats in everything.

/// Designs that no other design beats in every cost.
public enum ParetoFront {
  /// Indices of points that no other point dominates; smaller is better in every coordinate.
  ///
  /// - Parameter costs: One row a design, all of one length.
  /// - Returns: Indices in ascending order; of equal points all stay.
  /// - Complexity: O(*n²*·coordinates).
  public static func indices(_ costs: [[Double]]) -> [Int] {
    costs.indices.filter { i in
      !costs.indices.contains { j in
        j != i && zip(costs[j], costs[i]).allSatisfy { $0 <= $1 }
          && zip(costs[j], costs[i]).contains { $0 < $1 }
      }
    }
  }
}
