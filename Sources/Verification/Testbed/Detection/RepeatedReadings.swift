// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A channel that repeats its last digit too often: an exact test against its siblings.

import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Finds channels that repeat their reading to the last digit while their siblings move.
///
/// Only cycles count in which the middle of the channels moved by more than 3 mV: at rest a sound channel
/// in the middle of a step repeats for ever. In such a cycle, in which a share f of the other channels
/// repeated, a sound channel repeats with a probability of about f. A run of repetitions has the product
/// of the shares as its probability; the logarithms are summed and start anew with each change.
struct RepeatedReadings: Sendable {
  /// Logarithm of the improbability of a run that is told: a chance of 10⁻¹⁷ for each run.
  static let limit = 40.0

  /// Movement of the middle from which a cycle counts, in volts.
  static let movement = 0.003

  private var previous: [Double]
  private var middle = Double.nan
  private(set) var improbability: [Double]
  private(set) var length: [Int]

  init(channels: Int) {
    previous = Array(repeating: .nan, count: channels)
    improbability = Array(repeating: 0, count: channels)
    length = Array(repeating: 0, count: channels)
  }

  /// Takes a cycle.
  ///
  /// - Parameter values: Readings; NaN where one is missing, which neither proves nor ends a run.
  /// - Returns: The channel, from 0, whose run is beyond the limit; nil where none is.
  mutating func ingest(_ values: [Double]) -> Int? {
    var read = 0
    var repeated = 0
    for channel in values.indices where !values[channel].isNaN && !previous[channel].isNaN {
      read += 1
      // Codes of one converter: equal means the same code.
      if values[channel] == previous[channel] { repeated += 1 }
    }
    let known = values.filter { !$0.isNaN }
    let now = known.isEmpty ? .nan : RobustStatistics.median(known)
    // NaN fails the comparison.
    let moves = abs(now - middle) > Self.movement
    middle = now
    var found: Int?
    for channel in values.indices where !values[channel].isNaN {
      if values[channel] == previous[channel], read > 1 {
        guard moves else { continue }
        let share = max(Double(repeated - 1) / Double(read - 1), 1 / Double(read))
        improbability[channel] -= log(share)
        length[channel] += 1
        if improbability[channel] > Self.limit, found == nil { found = channel }
      } else {
        improbability[channel] = 0
        length[channel] = 0
      }
      previous[channel] = values[channel]
    }
    return found
  }
}
