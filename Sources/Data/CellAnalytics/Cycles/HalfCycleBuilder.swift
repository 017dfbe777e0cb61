// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cuts a stream of samples into charges and discharges.

import Cleaning

/// Cuts a stream of samples into charges and discharges.
///
/// The direction of the net charge decides. A reversal first goes into a tentative sum: if the net
/// charge goes on in the old direction, it was braking or a pulse and is merged; if it grows beyond
/// a tenth of the largest swing seen so far, it is the next half-cycle. A new cycle number of the
/// source and a restart of its time end a half-cycle in any case.
struct HalfCycleBuilder: Sendable {
  private let bin: Double
  private let thresholds: [Double]
  private(set) var main: HalfCycleAccumulator?
  private var tentative: HalfCycleAccumulator?
  private var last: CellSample?
  private var largestSwing = 0.0
  private var largestCurrent = 0.0

  init(bin: Double, thresholds: [Double]) {
    self.bin = bin
    self.thresholds = thresholds
  }

  /// Adds a sample.
  ///
  /// - Returns: Half-cycles that are complete now; mostly none.
  mutating func add(
    _ sample: CellSample, restCurrent: Double, isHeld: Bool
  ) -> [HalfCycleAccumulator] {
    var closed: [HalfCycleAccumulator] = []
    let newCycle =
      last.map { !$0.cycle.isNaN && !sample.cycle.isNaN && $0.cycle != sample.cycle } ?? false
    if sample.afterBreak && (newCycle || sample.time <= (last?.time ?? sample.time)) || newCycle {
      closed += finish()
    }
    let before = sample.afterBreak ? nil : last
    last = sample
    largestCurrent = max(largestCurrent, abs(sample.current))
    let direction = abs(sample.current) <= restCurrent ? 0 : sample.current > 0 ? 1 : -1
    guard main != nil else {
      guard direction != 0 else { return closed }
      main = HalfCycleAccumulator(direction: direction, sample: before ?? sample, bin: bin)
      main?.add(
        sample, before: before, restCurrent: restCurrent, isHeld: isHeld, thresholds: thresholds)
      return closed
    }
    let reversed = direction != 0 && direction != main?.direction
    if tentative == nil, reversed {
      tentative = HalfCycleAccumulator(direction: direction, sample: before ?? sample, bin: bin)
    }
    guard tentative != nil else {
      main?.add(
        sample, before: before, restCurrent: restCurrent, isHeld: isHeld, thresholds: thresholds)
      return closed
    }
    tentative?.add(
      sample, before: before, restCurrent: restCurrent, isHeld: isHeld, thresholds: thresholds)
    let swing = tentative?.charge ?? 0
    if swing <= 0 {
      if let tentative { main?.merge(tentative) }
      tentative = nil
    } else if swing > reversalCharge {
      closed += close(main)
      main = tentative
      tentative = nil
    }
    return closed
  }

  /// Charge against the direction that makes a new half-cycle, in coulombs.
  private var reversalCharge: Double {
    max(0.1 * max(largestSwing, main?.charge ?? 0), 30 * largestCurrent)
  }

  /// Ends the present half-cycle.
  mutating func finish() -> [HalfCycleAccumulator] {
    var closed: [HalfCycleAccumulator] = []
    if let tentative, tentative.charge > 0.5 * reversalCharge {
      closed += close(main)
      main = tentative
      self.tentative = nil
    } else if let tentative {
      main?.merge(tentative)
      self.tentative = nil
    }
    closed += close(main)
    main = nil
    return closed
  }

  private mutating func close(_ sum: HalfCycleAccumulator?) -> [HalfCycleAccumulator] {
    guard let sum, sum.charge > 0, sum.rows >= 2 else { return [] }
    largestSwing = max(largestSwing, sum.charge)
    // What is far below the usual swing is a pulse or conditioning, not a cycle.
    return sum.charge >= 0.02 * largestSwing ? [sum] : []
  }
}
