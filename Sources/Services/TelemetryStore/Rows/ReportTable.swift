// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Turns the stored frames of a vehicle into batches of a measurement table.

public import BatteryDomain
public import TelemetryCodec

/// Turns the stored frames of one vehicle into batches of a measurement table, in the order given.
///
/// A report that is spread over several frames of one time (more than 200 cells) becomes one row.
/// While its parts are incomplete the row is held back, and ``completeThrough`` says up to which
/// frame everything is in the batches already taken.
public struct ReportTable: Sendable {
  /// VIN.
  public let identity: String
  /// The columns learned so far.
  public private(set) var layout: ReportLayout
  /// Id of the last frame whose row, if it has one, is complete.
  public private(set) var completeThrough: Int64
  /// Reports that could not be decoded; their bytes stay in the store.
  public private(set) var undecodable = 0
  /// Collection time of the newest report seen, in seconds since the Unix epoch.
  public private(set) var newestTime: Int64?

  private var schema: TableSchema
  private var columns: [[Double]]
  private var flags: [[SampleFlags]]
  private var rows = 0
  private var firstRow: Int
  private var finished: [RecordBatch] = []
  private var held: ReportRow?

  /// Creates a table.
  ///
  /// - Parameters:
  ///   - identity: VIN.
  ///   - layout: Columns learned earlier, when going on from a saved state.
  ///   - frameID: Last frame that the saved state contains.
  ///   - firstRow: Number of rows before.
  public init(
    identity: String, layout: ReportLayout = ReportLayout(), after frameID: Int64 = 0,
    firstRow: Int = 0
  ) {
    self.identity = identity
    self.layout = layout
    self.completeThrough = frameID
    self.firstRow = firstRow
    schema = layout.schema(identity: identity)
    columns = Array(repeating: [], count: schema.columns.count)
    flags = columns.map { _ in [] }
  }

  /// Adds a frame; frames other than reports have no row.
  ///
  /// - Complexity: O(n) in the number of cells and probes.
  public mutating func add(_ frame: StoredFrame) {
    let isReport =
      frame.command == Command.realTimeReport.rawValue
      || frame.command == Command.reissuedReport.rawValue
    guard isReport else {
      if held == nil { completeThrough = frame.id }
      return
    }
    guard let decoded = try? Frame(bytes: frame.bytes),
      case .report(let report)? = try? decoded.decodedUnit()
    else {
      undecodable += 1
      if held == nil { completeThrough = frame.id }
      return
    }
    add(report)
    if held == nil { completeThrough = frame.id }
  }

  /// Adds a decoded report.
  ///
  /// - Complexity: O(n) in the number of cells and probes.
  public mutating func add(_ report: Report) {
    let before = layout
    layout.learn(report)
    if layout != before {
      flush()
      schema = layout.schema(identity: identity)
      columns = Array(repeating: [], count: schema.columns.count)
      flags = columns.map { _ in [] }
      held = held?.widened(from: before, to: layout)
    }
    guard var row = ReportRow(report, layout: layout) else {
      undecodable += 1
      return
    }
    newestTime = max(newestTime ?? row.time, row.time)
    if var waiting = held {
      held = nil
      if waiting.merge(row) {
        row = waiting
      } else {
        append(waiting)
      }
    }
    if row.missingCells > 0 { held = row } else { append(row) }
  }

  /// The rows added since the last call, oldest first; a held-back row stays.
  public mutating func takeBatches() -> [RecordBatch] {
    flush()
    defer { finished = [] }
    return finished
  }

  /// Gives up waiting for the rest of a held-back row and adds it as it is.
  public mutating func releaseHeld() {
    if let row = held { append(row) }
    held = nil
  }

  private mutating func append(_ row: ReportRow) {
    for column in columns.indices {
      columns[column].append(row.values[column])
      let mark = row.flags[column]
      if !flags[column].isEmpty {
        flags[column].append(mark)
      } else if !mark.isEmpty {
        flags[column] = Array(repeating: [], count: rows) + [mark]
      }
    }
    rows += 1
  }

  private mutating func flush() {
    guard rows > 0 else { return }
    finished.append(
      RecordBatch(schema: schema, firstRow: firstRow, columns: columns, flags: flags))
    firstRow += rows
    rows = 0
    for column in columns.indices {
      columns[column].removeAll(keepingCapacity: true)
      flags[column] = []
    }
  }
}
