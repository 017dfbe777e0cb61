// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The streaming cleaner: marks, counts, examples and the settling of suspected spikes.

import BatteryDomain

extension StreamCleaner {
  /// Time of a row; zero where the table has none.
  func time(of row: Int, in batch: RecordBatch) -> Double {
    guard let timeColumn else { return 0 }
    let time = batch.columns[timeColumn][row]
    return time.isFinite ? time : 0
  }

  /// The mark that goes with a rule.
  func flag(of rule: CleaningRule) -> SampleFlags {
    switch rule {
    case .missing: .missing
    case .sentinelInvalid: .invalid
    case .sentinelAbnormal: .abnormal
    case .notNumeric: .notNumeric
    case .outOfRange: .outOfRange
    case .unitSlip: .unitSlip
    case .isolatedSpike: .outlier
    default: []
    }
  }

  /// Adds a mark, allocating the column's marks on first use.
  func mark(_ mark: SampleFlags, column: Int, row: Int, in cleaned: inout CleanedBatch) {
    guard !mark.isEmpty else { return }
    if cleaned.flags[column].isEmpty {
      cleaned.flags[column] = Array(repeating: [], count: cleaned.rowCount)
    }
    cleaned.flags[column][row].formUnion(mark)
  }

  /// Counts one application of a rule and keeps the first few as examples.
  ///
  /// The limit is counted for each column, so that the examples do not depend on the batching.
  mutating func note(
    _ rule: CleaningRule, column: Int, row: Int, batch: RecordBatch, raw: Double,
    used: Double? = nil, text: String = ""
  ) {
    counts[rule, column] += 1
    guard counts[rule, column] <= settings.exampleLimit else { return }
    let time = time(of: row, in: batch)
    addExample(rule, column: column, streamRow: rows + row, time: time, raw: raw, used: used, text)
  }

  private mutating func addExample(
    _ rule: CleaningRule, column: Int, streamRow: Int, time: Double, raw: Double, used: Double?,
    _ text: String
  ) {
    let isRowRule = Self.rowRules.contains(rule)
    let description = schema.columns[column]
    let source = (raw - description.offset) / description.scale
    examples.append(
      CleaningSummary.Example(
        rule: rule, quantity: isRowRule ? nil : description.quantity, element: description.element,
        row: streamRow, time: timeColumn == nil ? nil : time, rawValue: raw.isFinite ? raw : nil,
        sourceValue: source.isFinite ? source : nil, usedValue: used, note: text))
  }

  static let rowRules: Set<CleaningRule> = [
    .duplicateRow, .conflictingRow, .outOfOrderRow, .untimedRow, .clockStep, .timeRestart, .gap,
  ]

  /// Gives a withheld sample back to the analysis, unless it never was set aside.
  mutating func release(_ pending: PendingSample, in cleaned: inout CleanedBatch) {
    guard !pending.isRestored else { return }
    cleaned.released.append(pending.sample)
  }

  /// Decides on the samples that were withheld in this batch: where too many siblings jumped in
  /// one row it is an event of the pack, and all of them are kept.
  mutating func settle(
    _ suspects: [Int: [Int]], batch: RecordBatch, cleaned: inout CleanedBatch
  ) {
    var restored: Set<Int> = []
    for (row, columns) in suspects.sorted(by: { $0.key < $1.key }) {
      let isEvent = siblingGroups.contains { group in
        let share = settings.maximumSpikeShare * Double(group.count)
        return Double(columns.filter(group.contains).count) > max(1, share)
      }
      for column in columns {
        if isEvent, siblingGroup[column] != nil {
          if states[column].pending?.sample.row == rows + row {
            states[column].pending?.isRestored = true
          }
          restored.insert((rows + row) * plans.count + column)
        } else {
          let raw = batch.columns[column][row]
          cleaned.values[column][row] = .nan
          mark(.outlier, column: column, row: row, in: &cleaned)
          note(.isolatedSpike, column: column, row: row, batch: batch, raw: raw)
        }
      }
    }
    if !restored.isEmpty {
      cleaned.released.removeAll { restored.contains($0.row * plans.count + $0.column) }
    }
    cleaned.released.sort { ($0.row, $0.column) < ($1.row, $1.column) }
    for sample in cleaned.released {
      counts[.releasedJump, sample.column] += 1
      if counts[.releasedJump, sample.column] <= settings.exampleLimit {
        addExample(
          .releasedJump, column: sample.column, streamRow: sample.row, time: sample.time,
          raw: sample.value, used: sample.value, "the next sample confirmed the jump")
      }
    }
  }
}
