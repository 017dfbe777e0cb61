// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Which model suits a column: tried on samples, judged by the bits that its errors need.

import Foundation

/// Which model suits a column.
struct ModelChooser {
  /// Rows in a sample; four stretches of these, so that driving and parking are both in it.
  private static let stretch = 192
  /// The rows that models are tried on.
  private let ranges: [Range<Int>]

  init(rows: Int) {
    if rows <= Self.stretch * 6 {
      ranges = [0..<rows]
    } else {
      ranges = (0..<4).map { part in
        let start = (rows - Self.stretch) * part / 3
        return start..<start + Self.stretch
      }
    }
  }

  /// Bits that a model's errors need on the samples, about.
  func cost(_ model: ColumnModel, _ values: [Int64], steady: [Int64]) -> Double {
    var counts = [UInt32](repeating: 0, count: ResidualToken.count)
    var bits = 0.0
    var total = 0.0
    for range in ranges {
      var model = model
      model.base = values[range.lowerBound]
      let part = steady.isEmpty ? [] : Array(steady[range])
      for residual in model.residuals(of: Array(values[range]), steady: part).values {
        let token = ResidualToken.of(residual)
        counts[token.symbol] += 1
        bits += Double(token.bits)
      }
      total += Double(range.count)
    }
    for count in counts where count > 0 { bits += Double(count) * log2(total / Double(count)) }
    return bits
  }

  /// What a step of another column is worth in steps of this one, by least squares.
  ///
  /// - Returns: The gain in 1/65,536, and the share of the column's steps that it explains.
  func gain(of other: [Int64], for values: [Int64]) -> (gain: Int64, share: Double) {
    var (both, own, theirs) = (0.0, 0.0, 0.0)
    for range in ranges {
      for row in range.dropFirst() {
        let step = Double(values[row] &- values[row - 1])
        let other = Double(other[row] &- other[row - 1])
        both += step * other
        own += step * step
        theirs += other * other
      }
    }
    guard theirs > 0, own > 0 else { return (0, 0) }
    let gain = (both / theirs * 65_536).rounded()
    guard gain.magnitude < 1e9 else { return (0, 0) }
    return (Int64(gain), both * both / (own * theirs))
  }

  /// The model of a column that stands alone.
  ///
  /// - Parameters:
  ///   - values: The column.
  ///   - others: Columns coded before it, with their numbers.
  /// - Returns: The model, and what its sources make of its guesses.
  func model(
    for values: [Int64], others: [(number: Int, values: [Int64])]
  ) -> (model: ColumnModel, steady: [Int64]) {
    let base = values.first ?? 0
    var best = (model: ColumnModel(follow: .running(0), base: base), steady: [Int64]())
    var least = cost(best.model, values, steady: [])
    for follow: ColumnModel.Follow in [.running(2), .running(4), .line] {
      let model = ColumnModel(follow: follow, base: base)
      let bits = cost(model, values, steady: [])
      if bits < least { (best, least) = ((model, []), bits) }
    }
    // With hardly anything left to gain, no other column is asked.
    let rows = ranges.reduce(0) { $0 + $1.count }
    guard least > 0.05 * Double(rows) else { return best }
    var likely: [(number: Int, values: [Int64], gain: Int64, share: Double)] = []
    for other in others {
      let (gain, share) = gain(of: other.values, for: values)
      if gain != 0, share > 0.05 { likely.append((other.number, other.values, gain, share)) }
    }
    likely.sort { ($0.share, $1.number) > ($1.share, $0.number) }
    for other in likely.prefix(2) {
      let source = ColumnModel.Source(column: other.number, gain: other.gain)
      for follow: ColumnModel.Follow in [.running(0), .running(3), .running(6)] {
        let model = ColumnModel(follow: follow, sources: [source], base: base)
        let steady = model.steady([other.values])
        let bits = cost(model, values, steady: steady)
        // Reading it will need the other column as well: that must be worth it.
        if bits < least - 0.05 * Double(rows) { (best, least) = ((model, steady), bits) }
      }
    }
    return best
  }
}
