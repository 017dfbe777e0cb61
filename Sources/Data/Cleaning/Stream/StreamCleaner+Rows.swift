// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The streaming cleaner: which rows are used.

import BatteryDomain

extension StreamCleaner {
  /// The accepted rows in runs; rejected rows are marked and listed.
  mutating func acceptedSegments(
    of batch: RecordBatch, into cleaned: inout CleanedBatch
  ) -> [RowSegment] {
    guard let timeColumn else {
      return batch.rowCount == 0 ? [] : [RowSegment(rows: 0..<batch.rowCount, afterBreak: false)]
    }
    var segments: [RowSegment] = []
    var start = 0
    var afterBreak = false
    let times = batch.columns[timeColumn]
    let steps = stepColumn.map { batch.columns[$0] }
    let cycles = cycleColumn.map { batch.columns[$0] }
    let timeFlags = batch.flags[timeColumn]
    var before: Int?
    var order = self.order
    defer { self.order = order }
    for row in 0..<batch.rowCount {
      let usable = timeFlags.isEmpty || timeFlags[row].isDisjoint(with: .unusable)
      let verdict = order.judge(
        time: usable ? times[row] : .nan, step: steps?[row] ?? .nan, cycle: cycles?[row] ?? .nan,
        repeats: { self.repeatsRow(batch, row: row, before: before) })
      switch verdict {
      case .accept:
        before = row
      case .acceptNewCycle:
        if start < row { segments.append(RowSegment(rows: start..<row, afterBreak: afterBreak)) }
        start = row
        afterBreak = true
        before = row
      case .acceptAfterBreak(let rule):
        if start < row { segments.append(RowSegment(rows: start..<row, afterBreak: afterBreak)) }
        start = row
        afterBreak = true
        before = row
        note(rule, column: timeColumn, row: row, batch: batch, raw: times[row])
      case .reject(let rule):
        if start < row { segments.append(RowSegment(rows: start..<row, afterBreak: afterBreak)) }
        start = row + 1
        afterBreak = false
        cleaned.rejectedRows.append(row)
        mark(
          rule == .untimedRow ? .missing : rule == .outOfOrderRow ? .outOfOrder : .duplicate,
          column: timeColumn, row: row, in: &cleaned)
        note(rule, column: timeColumn, row: row, batch: batch, raw: times[row])
      }
    }
    if start < batch.rowCount {
      segments.append(RowSegment(rows: start..<batch.rowCount, afterBreak: afterBreak))
    }
    return segments
  }

  /// Whether a row has the values of the accepted row before it.
  private func repeatsRow(_ batch: RecordBatch, row: Int, before: Int?) -> Bool {
    guard before != nil || !lastRow.isEmpty else { return false }
    for column in batch.columns.indices {
      let value = batch.columns[column][row]
      let earlier = before.map { batch.columns[column][$0] } ?? lastRow[column]
      guard value == earlier || (value.isNaN && earlier.isNaN) else { return false }
    }
    return true
  }

  /// The mean over usable siblings in each row; NaN where there are fewer than three.
  func siblingMeans(_ group: [Int], in batch: RecordBatch) -> [Double] {
    var sums = [Double](repeating: 0, count: batch.rowCount)
    var numbers = [Double](repeating: 0, count: batch.rowCount)
    for column in group {
      guard let plan = plans[column] else { continue }
      let lower = plan.plain.lowerBound
      let upper = plan.plain.upperBound
      let values = batch.columns[column]
      for row in 0..<batch.rowCount {
        let value = values[row]
        let usable = value >= lower && value <= upper
        sums[row] += usable ? value : 0
        numbers[row] += usable ? 1 : 0
      }
    }
    for row in 0..<batch.rowCount {
      sums[row] = numbers[row] >= 3 ? sums[row] / numbers[row] : .nan
    }
    return sums
  }
}
