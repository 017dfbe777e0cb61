// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Delimited text read in blocks: the reader and its buffer.

import BatteryDomain

/// Reads one table of delimited text in batches with bounded memory.
///
/// The reader shares its position with its copies: use one copy at a time.
struct DelimitedReader: RecordReader {
  private let engine: DelimitedEngine

  init(engine: DelimitedEngine) { self.engine = engine }

  var schema: TableSchema { engine.builder.schema }
  var progress: Double { engine.source.progress }

  mutating func next() throws(FileError) -> RecordBatch? { try engine.next() }
}

/// The buffer and the position of a delimited reader.
///
/// - Note: A class because it owns memory that is freed when the reader goes.
final class DelimitedEngine {
  let source: any ByteSource
  let builder: BatchBuilder
  let dialect: DelimitedDialect
  /// What to do with each source column, by position.
  let fields: [FieldPlan]
  /// The block; one byte more than `capacity` holds a line feed as sentinel.
  private(set) var buffer: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// Bytes in the block.
  private(set) var filled = 0
  /// First byte not yet consumed.
  var position = 0
  private(set) var atEnd = false
  private var finished = false
  /// Blank lines skipped so far, which row numbers in errors must count.
  var blankLines = 0

  private static let blockBytes = 1 << 20
  /// Readable bytes behind the block for parsers that load whole words.
  private static let margin = 64

  init(source: any ByteSource, builder: BatchBuilder, dialect: DelimitedDialect) {
    self.source = source
    self.builder = builder
    self.dialect = dialect
    var fields = Array(repeating: FieldPlan.skip, count: builder.plan.sourceColumns)
    for (index, column) in builder.plan.columns.enumerated() {
      fields[column.source] = FieldPlan(
        action: FieldPlan.Action(column.form), target: Int32(index),
        clockOffset: column.clockOffset)
    }
    if let direction = builder.plan.direction, fields.indices.contains(direction.column) {
      fields[direction.column] = FieldPlan(action: .direction, target: 0, clockOffset: 0)
    }
    self.fields = fields
    capacity = Self.blockBytes
    buffer = .allocate(capacity: capacity + Self.margin)
    buffer.initialize(repeating: 0x0A, count: capacity + Self.margin)
    builder.firstLine = dialect.linesBefore + 1
  }

  deinit { buffer.deallocate() }

  /// Number of the given row of the present batch, as an editor shows it.
  func line(of row: Int) -> Int { builder.line(of: row) + blankLines }

  func next() throws(FileError) -> RecordBatch? {
    guard !finished else { return nil }
    while true {
      let hungry = try parseRows()
      if builder.rows == builder.capacity { return builder.finish() }
      guard hungry else { continue }
      if atEnd {
        finished = true
        if let batch = builder.finish() {
          finished = false
          return batch
        }
        try builder.checkWhole()
        return nil
      }
      try refill()
    }
  }

  /// Moves what is left to the front and reads on.
  private func refill() throws(FileError) {
    let rest = filled - position
    if rest > 0, position > 0 {
      buffer.update(from: buffer + position, count: rest)
    }
    position = 0
    filled = rest
    if rest > capacity / 2 {
      guard capacity < ReadLimits.recordBytes else {
        throw .tooLarge(
          file: source.path, what: "bytes in the record at line \(line(of: builder.rows))",
          value: rest, limit: ReadLimits.recordBytes)
      }
      grow()
    }
    let room = UnsafeMutableRawBufferPointer(start: buffer + filled, count: capacity - filled)
    let count = try source.read(into: room)
    if count == 0 { atEnd = true }
    filled += count
    buffer[filled] = 0x0A
  }

  private func grow() {
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2 + Self.margin)
    larger.initialize(repeating: 0x0A, count: capacity * 2 + Self.margin)
    larger.update(from: buffer, count: filled)
    buffer.deallocate()
    buffer = larger
    capacity *= 2
  }
}

/// What to do with one source column.
struct FieldPlan {
  enum Action: UInt8 {
    case skip
    case decimal
    case date
    case duration
    case direction

    init(_ form: NumberForm) {
      switch form {
      case .decimal, .excelDate: self = .decimal
      case .date: self = .date
      case .duration: self = .duration
      case .text: self = .skip
      }
    }
  }

  let action: Action
  /// Column of the batch.
  let target: Int32
  let clockOffset: Double

  static let skip = FieldPlan(action: .skip, target: 0, clockOffset: 0)
}
