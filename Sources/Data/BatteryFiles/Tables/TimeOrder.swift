// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Order of time: repeated and backward steps, and time continued over restarts.

import BatteryDomain

/// Marks repeated and backward times across batches.
struct TimeOrder {
  /// The last usable time.
  private var previous = -Double.infinity
  /// Steps between usable times.
  private(set) var steps = 0
  /// Steps that went backward.
  private(set) var backward = 0
  /// Whether there was a usable time at all.
  var sawTime: Bool { previous.isFinite }
  /// Line of the first backward step.
  private(set) var firstBackwardLine: Int?

  /// Marks the times of one batch.
  ///
  /// - Parameters:
  ///   - times: Times in seconds; NaN and unusable ones are passed over.
  ///   - flags: Marks of the time column; allocated on the first mark.
  ///   - line: Number of the batch's first row, as a spreadsheet shows it.
  mutating func check(_ times: [Double], flags: inout [SampleFlags], line: Int) {
    if flags.isEmpty {
      var increasing = true
      var last = previous
      for time in times {
        increasing = increasing && time > last
        last = time
      }
      if increasing {
        steps += previous.isFinite ? times.count : max(0, times.count - 1)
        previous = last
        return
      }
    }
    for row in times.indices {
      let time = times[row]
      if time.isNaN || (!flags.isEmpty && !flags[row].isDisjoint(with: .unusable)) { continue }
      if previous.isFinite { steps += 1 }
      if time <= previous {
        if flags.isEmpty { flags = Array(repeating: [], count: times.count) }
        if time == previous {
          flags[row].formUnion(.duplicate)
        } else {
          flags[row].formUnion(.outOfOrder)
          backward += 1
          if firstBackwardLine == nil { firstBackwardLine = line + row }
        }
      }
      previous = time
    }
  }
}

/// Continues a time that restarts at every step or cycle.
///
/// At a restart the new part begins one sampling interval after the last sample, because the
/// source does not say how long the pause was.
struct TimeContinuation {
  private var base = 0.0
  private var previous = Double.nan
  private var interval = 0.0

  /// The continued time of the next sample; NaN for NaN.
  mutating func next(_ time: Double) -> Double {
    guard time.isFinite else { return .nan }
    if previous.isFinite {
      if time < previous {
        base += previous + interval - time
      } else if time > previous {
        interval = time - previous
      }
    }
    previous = time
    return base + time
  }
}
