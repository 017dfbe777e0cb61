// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A stored vehicle as a measurement table, for export and offline analysis.

public import BatteryDomain
public import BatteryFiles
public import Foundation

/// A stored vehicle as a measurement table in the order of collection time.
///
/// The store may be open in another process; what arrives after the reader was made is not read.
public struct StoreRecordReader: RecordReader {
  private let path: String
  private let read: (ClosedRange<Int64>) throws(StoreError) -> [StoredFrame]
  private let identity: String
  private let span: ClosedRange<Int64>
  private var table: ReportTable
  private var ready: [RecordBatch] = []
  private var nextStart: Int64
  private var isEnded = false

  /// The columns: scalars, cells, probes of every layout that the vehicle has had.
  public let schema: TableSchema

  /// Opens a vehicle.
  ///
  /// - Parameters:
  ///   - folder: Folder of the store.
  ///   - identity: VIN.
  ///   - span: Collection times in seconds since the Unix epoch, both ends included.
  /// - Throws: ``StoreError``; ``StoreError/unknownVehicle(_:)`` if the store has no report of it.
  public init(
    folder: URL, identity: String, in span: ClosedRange<Int64> = Int64.min...Int64.max
  ) throws(StoreError) {
    let engine = try EmbeddedEngine(reading: folder)
    guard let known = engine.span(of: identity) else { throw .unknownVehicle(identity) }
    let keys: [SignalKey]
    do { keys = try engine.signalKeys(of: identity) } catch {
      throw StoreError(error, path: engine.path)
    }
    self.init(path: engine.path, identity: identity, known: known, signals: keys, in: span) {
      span throws(StoreError) in
      do { return try engine.reportsNow(of: identity, in: span) } catch {
        throw StoreError(error, path: engine.path)
      }
    }
  }

  /// Reads a vehicle from anywhere.
  ///
  /// - Parameters:
  ///   - path: Where it is, for messages.
  ///   - identity: VIN.
  ///   - known: Collection times of its first and last report.
  ///   - signals: Signals that it has sent.
  ///   - span: Collection times in seconds since the Unix epoch, both ends included.
  ///   - read: Reports of a span by collection time.
  package init(
    path: String, identity: String, known: ClosedRange<Int64>, signals: [SignalKey],
    in span: ClosedRange<Int64>,
    read: @escaping (ClosedRange<Int64>) throws(StoreError) -> [StoredFrame]
  ) {
    self.path = path
    self.read = read
    self.identity = identity
    var layout = ReportLayout()
    layout.learn(signals)
    table = ReportTable(identity: identity, layout: layout)
    schema = layout.schema(identity: identity)
    let first = max(known.lowerBound, span.lowerBound)
    let last = min(known.upperBound, span.upperBound)
    self.span = first...max(first, last)
    isEnded = last < first
    nextStart = first
  }

  /// Share of the span read so far.
  public var progress: Double {
    if isEnded { return 1 }
    return Double(nextStart - span.lowerBound) / Double(span.upperBound - span.lowerBound + 1)
  }

  /// The rows of the next days that have any; nil at the end.
  ///
  /// - Throws: `FileError.unreadable` with what is wrong with the store.
  /// - Complexity: O(n) in the frames of those days.
  public mutating func next() throws(FileError) -> RecordBatch? {
    while ready.isEmpty, !isEnded {
      let end = min(nextStart.addingReportingOverflow(86_399).partialValue, span.upperBound)
      let frames: [StoredFrame]
      do throws(StoreError) {
        frames = try read(nextStart...max(nextStart, end))
      } catch {
        throw .unreadable(file: path, reason: error.description)
      }
      for frame in frames { table.add(frame) }
      isEnded = end >= span.upperBound
      nextStart = end + 1
      if isEnded { table.releaseHeld() }
      ready = table.takeBatches()
    }
    return ready.isEmpty ? nil : ready.removeFirst()
  }
}

extension ReportLayout {
  /// Makes room for every cell and probe among some signals.
  mutating func learn(_ keys: [SignalKey]) {
    for key in keys where key.part > 0 && key.element > 0 {
      let part = UInt8(clamping: key.part)
      switch key.quantity {
      case .cellVoltage: growCells(part: part, to: key.element)
      case .probeTemperature: growProbes(part: part, to: key.element)
      default: break
      }
    }
  }
}
