// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The streaming cleaner: which samples of a column are used.

import BatteryDomain

extension StreamCleaner {
  /// Cleans the accepted rows of one column.
  mutating func cleanColumn(
    _ column: Int, plan: ColumnPlan, siblingMean: [Double]?, segments: [RowSegment],
    batch: RecordBatch, cleaned: inout CleanedBatch, suspects: inout [Int: [Int]]
  ) {
    let values = batch.columns[column]
    let flags = batch.flags[column]
    let lower = plan.plain.lowerBound
    let upper = plan.plain.upperBound
    let rise = plan.spike?.rise ?? .infinity
    let fall = -(plan.spike?.fall ?? .infinity)
    let checksSpikes = plan.spike != nil
    var state = states[column]
    var before: Int?
    for segment in segments {
      if segment.afterBreak { takeBreak(&state, in: &cleaned) }
      for row in segment.rows {
        let value = values[row]
        let isPlain =
          value >= lower && value <= upper
          && (flags.isEmpty || flags[row].isDisjoint(with: .unusable))
        if isPlain {
          if checksSpikes {
            let departure = value - (siblingMean?[row] ?? 0)
            let jump = departure - state.departure
            if (jump > rise || jump < fall || state.pending != nil)
              && withholds(
                value, jump: jump, row: row,
                before: row > segment.rows.lowerBound ? row - 1 : before,
                column: column, plan: plan, batch: batch, state: &state, cleaned: &cleaned)
            {
              suspects[row, default: []].append(column)
              continue
            }
            state.departure = departure
          }
          state.good = value
          if state.runLength > 0 { state.runLength = 0 }
        } else {
          cleanSample(
            value, row: row, column: column, plan: plan, batch: batch, state: &state,
            cleaned: &cleaned)
        }
      }
      before = segment.rows.upperBound - 1
    }
    states[column] = state
  }

  /// Handles a value outside the plain range or one that the reader marked.
  private mutating func cleanSample(
    _ value: Double, row: Int, column: Int, plan: ColumnPlan, batch: RecordBatch,
    state: inout ColumnState, cleaned: inout CleanedBatch
  ) {
    let (rule, used, text) = judge(
      value, flags: batch.flags(column: column, row: row), plan: plan, good: state.good)
    if let pending = state.pending {
      // No usable sample decides on the withheld one, so it is given back.
      release(pending, in: &cleaned)
      state.pending = nil
    }
    if let rule {
      note(rule, column: column, row: row, batch: batch, raw: value, used: used, text: text)
      mark(flag(of: rule), column: column, row: row, in: &cleaned)
    }
    if let used {
      if used != value { cleaned.values[column][row] = used }
      state.good = used
      state.departure = .nan
      state.runLength = 0
    } else {
      if !value.isNaN { cleaned.values[column][row] = .nan }
      if state.runLength == 0 { state.runStart = time(of: row, in: batch) }
      state.runLength += 1
      if state.runLength > state.longestRun, !state.good.isNaN {
        state.longestRun = state.runLength
        state.longestStart = state.runStart
        state.longestGood = state.good
      }
    }
  }

  /// Decides on a sample; a nil rule with a value means that it is used as it is.
  private func judge(
    _ value: Double, flags: SampleFlags, plan: ColumnPlan, good: Double
  ) -> (rule: CleaningRule?, used: Double?, text: String) {
    if value.isNaN || flags.contains(.missing) {
      return (flags.contains(.notNumeric) ? .notNumeric : .missing, nil, "")
    }
    if flags.contains(.notNumeric) { return (.notNumeric, nil, "") }
    guard value.isFinite else { return (.outOfRange, nil, "not finite") }
    let isContinuous = abs(value - good) <= plan.continuityStep
    if let sentinel = plan.sentinel(value),
      !(isContinuous && (sentinel.yieldsToContinuity || plan.valid.contains(value)))
    {
      return (
        sentinel.isAbnormal ? .sentinelAbnormal : .sentinelInvalid, nil, sentinel.source
      )
    }
    if flags.contains(.abnormal) { return (.sentinelAbnormal, nil, "marked by the reader") }
    if flags.contains(.invalid) { return (.sentinelInvalid, nil, "marked by the reader") }
    if plan.valid.contains(value) { return (nil, value, "") }
    for slip in plan.slips {
      let corrected = value * slip.factor + slip.offset
      guard slip.plausible.contains(corrected),
        good.isNaN || abs(corrected - good) <= slip.agreement
      else { continue }
      return (.unitSlip, corrected, slip.name)
    }
    if isContinuous { return (.continuousExcursion, value, "reached step by step") }
    return (.outOfRange, nil, "")
  }

  /// Whether a plain sample is withheld as a suspected spike; settles the one withheld before.
  private mutating func withholds(
    _ value: Double, jump: Double, row: Int, before: Int?, column: Int, plan: ColumnPlan,
    batch: RecordBatch,
    state: inout ColumnState, cleaned: inout CleanedBatch
  ) -> Bool {
    guard let rule = plan.spike else { return false }
    let departs = jump > rule.rise || jump < -rule.fall
    if let pending = state.pending {
      // Halfway back is not back: only a return to the old level makes the spike isolated.
      if departs || abs(jump) > rule.rise / 2 { release(pending, in: &cleaned) }
      state.pending = nil
      return false
    }
    let streamRow = rows + row
    guard departs, streamRow - state.lastWithheld > settings.refractoryRows,
      !currentExplains(row: row, before: before, rule: rule, column: column, batch: batch)
    else { return false }
    state.lastWithheld = streamRow
    state.pending = PendingSample(
      sample: SampleReference(
        row: streamRow, column: column, time: time(of: row, in: batch), value: value))
    return true
  }

  /// Whether the current changed with the sample, or is needed and unknown.
  private func currentExplains(
    row: Int, before: Int?, rule: SpikeRule, column: Int, batch: RecordBatch
  ) -> Bool {
    guard rule.explainingCurrentChange.isFinite else { return false }
    guard let currentColumn else { return siblingGroup[column] == nil }
    let now = batch.columns[currentColumn][row]
    let change = abs(now - (before.map { batch.columns[currentColumn][$0] } ?? lastCurrent))
    guard !change.isNaN else { return siblingGroup[column] == nil }
    return change > rule.explainingCurrentChange
  }

  /// A break in time: nothing can decide on withheld samples any more, and jumps are natural.
  private mutating func takeBreak(_ state: inout ColumnState, in cleaned: inout CleanedBatch) {
    if let pending = state.pending { release(pending, in: &cleaned) }
    state.pending = nil
    state.departure = .nan
  }
}
