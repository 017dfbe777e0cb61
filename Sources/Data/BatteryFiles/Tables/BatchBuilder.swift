// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Raw numbers of one batch on their way to SI columns with marks.

import BatteryDomain

/// A mark on one raw field, kept aside so that the common case pays nothing.
struct FieldIssue {
  let column: Int32
  let row: Int32
  let flag: SampleFlags
}

/// The raw numbers of one batch, column by column, and what is known about them.
///
/// The workspace is one block with a stride that is no multiple of the page size, so that the
/// columns of one row do not compete for one set of the first-level cache.
///
/// - Note: A class because it owns memory that is freed when the reader goes.
final class BatchBuilder {
  let plan: TablePlan
  let schema: TableSchema
  let file: String
  /// Most rows of a batch.
  let capacity: Int
  /// Distance between columns in the workspace, in numbers.
  let stride: Int
  /// Raw numbers, `[column × stride + row]`.
  let workspace: UnsafeMutablePointer<Double>
  /// First letter of the direction column, by row; only filled where the plan has one.
  var directions: [UInt8]
  var issues: [FieldIssue] = []
  /// Rows in the present batch.
  var rows = 0
  /// Rows of all batches before it.
  var rowsBefore = 0
  /// Number, as a spreadsheet shows it, of the first row of data.
  var firstLine = 2
  private var order = TimeOrder()
  private var continuation = TimeContinuation()
  private var sawUsable = false
  /// Columns that no analysis can do without, and which had text but no number so far.
  private var textColumns: Set<Int> = []
  private var numericColumns: Set<Int> = []

  init(plan: TablePlan, identity: String, file: String, batchRows: Int) {
    self.plan = plan
    self.file = file
    schema = plan.schema(identity: identity)
    // About 4 MiB of raw numbers at most, so that a batch stays in the second-level cache's reach.
    let fitting = (4 << 20) / (8 * max(1, plan.columns.count))
    capacity = max(1, min(max(1, batchRows), fitting))
    stride = (capacity + 15) / 16 * 16 + 24
    workspace = .allocate(capacity: stride * max(1, plan.columns.count))
    workspace.initialize(repeating: 0, count: stride * max(1, plan.columns.count))
    directions = plan.direction == nil ? [] : Array(repeating: 0, count: capacity)
    issues.reserveCapacity(1024)
  }

  deinit { workspace.deallocate() }

  /// Number of the given row of the present batch, as a spreadsheet shows it.
  func line(of row: Int) -> Int { firstLine + rowsBefore + row }

  /// Stores NaN with a mark.
  func reject(column: Int, row: Int, _ flag: SampleFlags) {
    workspace[column * stride + row] = .nan
    issues.append(FieldIssue(column: Int32(column), row: Int32(row), flag: flag))
  }

  /// Forgets the present row's marks, for a row that is parsed again.
  func rollBack(issueCount: Int) { issues.removeLast(issues.count - issueCount) }

  /// The present rows as a batch; nil when there are none.
  func finish() -> RecordBatch? {
    guard rows > 0 else { return nil }
    var columns: [[Double]] = []
    var flags: [[SampleFlags]] = []
    columns.reserveCapacity(schema.columns.count)
    flags.reserveCapacity(schema.columns.count)
    for (index, column) in plan.columns.enumerated() {
      let (values, outside) = convert(index, column)
      columns.append(values)
      flags.append(outside ? classify(index, column, values) : [])
    }
    for issue in issues {
      let column = Int(issue.column)
      if flags[column].isEmpty { flags[column] = Array(repeating: [], count: rows) }
      flags[column][Int(issue.row)].formUnion(issue.flag)
    }
    addDerivedTime(&columns, &flags)
    if let time = schema.column(of: .time), plan.kind == .cellTest || plan.kind == .vehicle {
      order.check(columns[time], flags: &flags[time], line: line(of: 0))
    }
    noteUsable(columns, flags)
    noteText(columns, flags)
    let batch = RecordBatch(schema: schema, firstRow: rowsBefore, columns: columns, flags: flags)
    rowsBefore += rows
    rows = 0
    issues.removeAll(keepingCapacity: true)
    return batch
  }

  /// Errors that only the whole table shows.
  ///
  /// - Throws: ``FileError`` when there was no row, no usable value, or time ran backwards.
  func checkWhole() throws(FileError) {
    guard rowsBefore > 0 else { throw .empty(file: file) }
    guard sawUsable else {
      let names = plan.columns.filter { $0.schema.quantity.map(Self.isMeasured) ?? false }
        .prefix(4).map(\.schema.sourceName).joined(separator: ", ")
      throw .malformed(
        file: file, row: nil, column: names, expected: "numbers",
        found: "only empty, NaN or unusable fields in all \(rowsBefore) rows")
    }
    if let index = textColumns.min() {
      throw .malformed(
        file: file, row: firstLine, column: plan.columns[index].schema.sourceName,
        expected: "numbers", found: "text, and not one number in all \(rowsBefore) rows")
    }
    if let time = plan.timeColumn, plan.kind == .cellTest || plan.kind == .vehicle, !order.sawTime {
      throw .malformed(
        file: file, row: firstLine, column: plan.columns[time].schema.sourceName,
        expected: plan.timeReference == .unixEpoch
          ? "dates such as 2019-04-15 17:42:30, or Unix times" : "times",
        found: "no usable one in all \(rowsBefore) rows; "
          + "name the column and its unit with --columns")
    }
    // Rows that go back are set aside. A restarted clock steps back now and then; a table in no
    // order does so at every second row, and the few rows left would pass for a quiet vehicle.
    if order.backward >= 2, order.backward * 4 > order.steps {
      throw .malformed(
        file: file, row: order.firstBackwardLine,
        column: plan.timeColumn.map {
          plan.columns[$0].schema.sourceName
        }, expected: "times that increase",
        found: "times that decrease in \(order.backward) of \(order.steps) steps; "
          + "sort the file by time")
    }
  }

  private func convert(_ index: Int, _ column: PlannedColumn) -> ([Double], Bool) {
    let source = workspace + index * stride
    let scale = column.schema.scale
    let offset = column.schema.offset
    let plain = scale == 1 && offset == 0
    let low = column.range?.lowerBound ?? -Double.greatestFiniteMagnitude
    let high = column.range?.upperBound ?? Double.greatestFiniteMagnitude
    var outside = false
    let count = rows
    let values = [Double](unsafeUninitializedCapacity: count) { target, filled in
      filled = count
      guard let out = target.baseAddress else { return }
      let lows = SIMD4<Double>(repeating: low)
      let highs = SIMD4<Double>(repeating: high)
      let scales = SIMD4<Double>(repeating: scale)
      let offsets = SIMD4<Double>(repeating: offset)
      var bad = SIMDMask<SIMD4<Int64>>(repeating: false)
      var row = 0
      while row + 4 <= count {
        let raw = UnsafeRawPointer(source + row).loadUnaligned(as: SIMD4<Double>.self)
        let value = plain ? raw : raw * scales + offsets
        UnsafeMutableRawPointer(out + row).storeBytes(of: value, as: SIMD4<Double>.self)
        bad .|= (value .< lows) .| (value .> highs)
        row += 4
      }
      outside = any(bad)
      while row < count {
        let value = plain ? source[row] : source[row] * scale + offset
        out[row] = value
        if value < low || value > high {
          outside = true
        }
        row += 1
      }
    }
    guard plan.direction != nil,
      column.schema.quantity == .current || column.schema.quantity == .power
    else { return (values, outside) }
    return (directed(values), outside)
  }

  /// Gives magnitudes the sign that the direction column states.
  private func directed(_ values: [Double]) -> [Double] {
    let discharge = plan.direction?.discharge ?? []
    return values.indices.map { row in
      discharge.contains(directions[row]) ? values[row].magnitude : -values[row].magnitude
    }
  }

  private func classify(
    _ index: Int, _ column: PlannedColumn, _ values: [Double]
  ) -> [SampleFlags] {
    let range = column.range ?? -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    let source = workspace + index * stride
    return values.indices.map { row in
      let value = values[row]
      guard value < range.lowerBound || value > range.upperBound else { return [] }
      let raw = source[row]
      for sentinel in column.sentinels where (raw - sentinel.raw).magnitude < 1e-9 * sentinel.raw {
        return SampleFlags(rawValue: sentinel.flag)
      }
      return .outOfRange
    }
  }

  private func addDerivedTime(_ columns: inout [[Double]], _ flags: inout [[SampleFlags]]) {
    switch plan.derived {
    case .none: return
    case .rowNumber(let interval):
      columns.append((0..<rows).map { Double(rowsBefore + $0) * interval })
      flags.append([])
    case .continued:
      guard let step = schema.column(of: .stepTime) else { return }
      let times = columns[step].map { continuation.next($0) }
      columns.append(times)
      flags.append(
        times.contains { $0.isNaN } ? times.map { $0.isNaN ? .missing : [] } : [])
    }
  }

  /// Whether a quantity is measured and not mere bookkeeping of rows.
  private static func isMeasured(_ quantity: QuantityKey) -> Bool {
    ![.time, .stepTime, .cycleIndex, .stepIndex].contains(quantity)
  }

  /// Quantities without which the rest of a table says nothing about the battery.
  private static let essential: Set<QuantityKey> = [
    .voltage, .current, .cellVoltage, .packVoltage,
  ]

  /// Tells essential columns of text from those with a number; empty fields say neither.
  private func noteText(_ columns: [[Double]], _ flags: [[SampleFlags]]) {
    for (index, column) in schema.columns.enumerated() where !numericColumns.contains(index) {
      guard let quantity = column.quantity, Self.essential.contains(quantity) else { continue }
      if columns[index].contains(where: \.isFinite) {
        numericColumns.insert(index)
        textColumns.remove(index)
      } else if flags[index].contains(where: { $0.contains(.notNumeric) }) {
        textColumns.insert(index)
      }
    }
  }

  private func noteUsable(_ columns: [[Double]], _ flags: [[SampleFlags]]) {
    guard !sawUsable else { return }
    for (index, column) in schema.columns.enumerated() {
      guard let quantity = column.quantity, Self.isMeasured(quantity) else { continue }
      for row in 0..<rows
      where columns[index][row].isFinite
        && (flags[index].isEmpty || flags[index][row].isDisjoint(with: .unusable))
      {
        sawUsable = true
        return
      }
    }
  }
}
