// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Duplicates, time order, restarts and gaps: the rules about whole rows.

import BatteryDomain

/// What is to be done with a row.
enum RowVerdict: Equatable {
  case accept
  /// Accept; the row does not follow the one before without a break.
  case acceptAfterBreak(CleaningRule)
  /// Accept; a new cycle begins, so that values may jump.
  case acceptNewCycle
  case reject(CleaningRule)
}

/// Judges the order of rows, one at a time, so that batching cannot matter.
struct RowOrder: Sendable {
  private let resynchronisationRows: Int
  private let gapFactor: Double
  private let minimumGap: Double
  private var last = Double.nan
  private var lastStep = Double.nan
  private var lastCycle = Double.nan
  private var suspectTime = Double.nan
  private var suspectRun = 0
  private(set) var intervals = IntervalHistogram()
  private(set) var gapCount = 0
  private(set) var gapTime = 0.0
  private(set) var longestGaps: [CleaningSummary.Gap] = []
  /// Time of the last accepted row.
  var lastTime: Double { last }

  init(settings: CleaningSettings) {
    resynchronisationRows = settings.resynchronisationRows
    gapFactor = settings.gapFactor
    minimumGap = settings.minimumGap
  }

  /// Judges the next row.
  ///
  /// - Parameters:
  ///   - time: Time in seconds; NaN where the row has none.
  ///   - step: Step number; NaN where there is none.
  ///   - cycle: Cycle number; NaN where there is none.
  ///   - repeats: Whether all values of the row equal those of the row before.
  /// - Returns: Whether the row is used, and why not.
  mutating func judge(
    time: Double, step: Double, cycle: Double, repeats: () -> Bool
  ) -> RowVerdict {
    guard time.isFinite else { return .reject(.untimedRow) }
    let changed = differs(step, lastStep) || differs(cycle, lastCycle)
    if last.isNaN || time > last {
      let interval = time - last
      let isNewCycle = differs(cycle, lastCycle)
      accept(time, step, cycle)
      guard !interval.isNaN else { return .accept }
      let isGap = interval > minimumGap && interval > gapFactor * (intervals.median ?? .infinity)
      intervals.add(interval)
      guard isGap else { return isNewCycle ? .acceptNewCycle : .accept }
      note(CleaningSummary.Gap(start: time - interval, end: time))
      return .acceptAfterBreak(.gap)
    }
    if time == last {
      // Cyclers stamp the last row of a step and the first of the next alike.
      if changed, !repeats() {
        accept(time, step, cycle)
        return .accept
      }
      return .reject(repeats() ? .duplicateRow : .conflictingRow)
    }
    if changed {
      accept(time, step, cycle)
      return .acceptAfterBreak(.timeRestart)
    }
    suspectRun = time > suspectTime ? suspectRun + 1 : 1
    suspectTime = time
    guard suspectRun >= resynchronisationRows else { return .reject(.outOfOrderRow) }
    accept(time, step, cycle)
    return .acceptAfterBreak(.clockStep)
  }

  private func differs(_ a: Double, _ b: Double) -> Bool { !a.isNaN && !b.isNaN && a != b }

  private mutating func accept(_ time: Double, _ step: Double, _ cycle: Double) {
    last = time
    if !step.isNaN { lastStep = step }
    if !cycle.isNaN { lastCycle = cycle }
    suspectTime = .nan
    suspectRun = 0
  }

  private mutating func note(_ gap: CleaningSummary.Gap) {
    gapCount += 1
    gapTime += gap.length
    if longestGaps.count < 16 || gap.length > (longestGaps.last?.length ?? 0) {
      longestGaps.append(gap)
      longestGaps.sort { $0.length > $1.length }
      if longestGaps.count > 16 { longestGaps.removeLast() }
    }
  }
}
