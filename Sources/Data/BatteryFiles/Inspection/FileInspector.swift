// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reads a file once and says what it holds, in bounded memory.

import BatteryDomain

/// Reads a file once and says what it holds, in bounded memory.
public enum FileInspector {
  /// Summarises a file.
  ///
  /// - Parameters:
  ///   - path: Path of the file.
  ///   - options: What the caller knows.
  ///   - progress: Called now and then with the share read, from 0 to 1.
  /// - Returns: The summary of every table.
  /// - Throws: ``FileError`` where the file is wrong.
  /// - Complexity: O(rows × columns) time, O(columns) memory besides one batch.
  public static func inspect(
    _ path: String, options: ReadOptions = .init(), progress: (Double) -> Void = { _ in }
  ) throws(FileError) -> FileSummary {
    let file = try DataFile.open(path, options: options)
    var tables: [TableSummary] = []
    for (index, table) in file.tables.enumerated() {
      var reader = table
      var collector = SummaryCollector(schema: reader.schema)
      while let batch = try reader.next() {
        collector.add(batch)
        progress((Double(index) + reader.progress) / Double(file.tables.count))
      }
      tables.append(collector.summary())
    }
    return FileSummary(
      file: path, format: file.format, formatTitle: file.formatTitle, kind: file.kind,
      wrappings: file.wrappings, notes: file.notes, ignoredColumns: file.ignoredColumns,
      tables: tables)
  }
}

/// Counts over the batches of one table.
private struct SummaryCollector {
  private let schema: TableSchema
  private var rows = 0
  private var columns: [TableSummary.Column]
  private var sums: [Double]
  private var intervals = IntervalStatistics()
  private var duplicates = 0
  private var outOfOrder = 0
  private var cycles: Double?

  init(schema: TableSchema) {
    self.schema = schema
    columns = schema.columns.map { column in
      TableSummary.Column(
        name: column.sourceName, quantity: column.quantity, element: column.element,
        sourceUnit: column.sourceUnit,
        unit: column.quantity.map { QuantityCatalogue.descriptor(of: $0).unit }
          ?? (column.scale == 1 ? column.sourceUnit : ""),
        scale: column.scale, offset: column.offset, usable: 0, missing: 0, invalid: 0,
        abnormal: 0, outOfRange: 0, notNumeric: 0)
    }
    sums = Array(repeating: 0, count: schema.columns.count)
  }

  mutating func add(_ batch: RecordBatch) {
    for index in columns.indices {
      add(batch.columns[index], batch.flags[index], to: index)
    }
    if let time = schema.column(of: .time) {
      let flags = batch.flags[time]
      for row in 0..<batch.rowCount {
        let mark = flags.isEmpty ? [] : flags[row]
        if mark.contains(.duplicate) { duplicates += 1 }
        if mark.contains(.outOfOrder) { outOfOrder += 1 }
        let value = batch.columns[time][row]
        guard value.isFinite, mark.isDisjoint(with: .unusable) else { continue }
        intervals.add(value, row: batch.firstRow + row)
      }
    }
    if let cycle = schema.column(of: .cycleIndex) {
      for value in batch.columns[cycle] where value.isFinite {
        cycles = max(cycles ?? value, value)
      }
    }
    rows += batch.rowCount
  }

  private mutating func add(_ values: [Double], _ flags: [SampleFlags], to index: Int) {
    var minimum = columns[index].minimum ?? .infinity
    var maximum = columns[index].maximum ?? -.infinity
    var sum = sums[index]
    var usable = 0
    var counts = MarkCounts()
    if flags.isEmpty {
      for value in values {
        minimum = min(minimum, value)
        maximum = max(maximum, value)
        sum += value
      }
      usable = values.count
    } else {
      for row in values.indices {
        let mark = flags[row]
        if mark.isDisjoint(with: .unusable) {
          minimum = min(minimum, values[row])
          maximum = max(maximum, values[row])
          sum += values[row]
          usable += 1
        } else {
          counts.add(mark)
        }
      }
    }
    sums[index] = sum
    columns[index].usable += usable
    counts.store(in: &columns[index])
    if columns[index].usable > 0 {
      columns[index].minimum = minimum
      columns[index].maximum = maximum
    }
  }

  func summary() -> TableSummary {
    var finished = columns
    for index in finished.indices where finished[index].usable > 0 {
      finished[index].mean = sums[index] / Double(finished[index].usable)
    }
    let typical = intervals.typical
    return TableSummary(
      identity: schema.sourceIdentity, format: schema.format, rows: rows,
      timeReference: schema.timeReference,
      start: intervals.first.isFinite ? intervals.first : nil,
      end: intervals.last.isFinite ? intervals.last : nil,
      interval: typical.isFinite ? typical : nil,
      cells: schema.columns(of: .cellVoltage).count,
      probes: schema.columns(of: .probeTemperature).count,
      cycles: cycles.flatMap { Int(exactly: $0.rounded()) },
      gaps: intervals.gaps, duplicates: duplicates, outOfOrder: outOfOrder, columns: finished)
  }
}

/// Counts of marks that make a value unusable; kept apart from the column so that the loop over
/// samples touches five integers only.
private struct MarkCounts {
  private var missing = 0
  private var invalid = 0
  private var abnormal = 0
  private var outOfRange = 0
  private var notNumeric = 0

  mutating func add(_ mark: SampleFlags) {
    if mark.contains(.missing) { missing += 1 }
    if mark.contains(.invalid) { invalid += 1 }
    if mark.contains(.abnormal) { abnormal += 1 }
    if mark.contains(.outOfRange) { outOfRange += 1 }
    if mark.contains(.notNumeric) { notNumeric += 1 }
  }

  func store(in column: inout TableSummary.Column) {
    column.missing += missing
    column.invalid += invalid
    column.abnormal += abnormal
    column.outOfRange += outOfRange
    column.notNumeric += notNumeric
  }
}
