// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Sends the rows of a recorded vehicle table as reports.

import BatteryDomain
public import BatteryFiles
import TelemetryCodec

/// Sends the rows of a recorded vehicle table to a gateway, in order, over one vehicle's link.
public struct TableReplay {
  /// What became of the rows.
  public struct Summary: Codable, Hashable, Sendable {
    /// Rows read.
    public var rows = 0
    /// Rows that have no usable time and were left out.
    public var skipped = 0
    /// What became of the reports.
    public var link = LinkSummary()
  }

  private var reader: any RecordReader
  private let writer: ReportWriter
  private let link: VehicleLink
  private let speed: Double?
  private let limit: Int?
  private var batch: RecordBatch?
  private var row = 0
  private var summary = Summary()
  private var paced: (recorded: Double, started: ContinuousClock.Instant)?
  private let window: Int

  /// Prepares a replay.
  ///
  /// - Parameters:
  ///   - reader: The table; it must have calendar times and voltages or temperatures of a vehicle.
  ///   - identity: VIN to send under: 1 to 17 visible ASCII characters.
  ///   - settings: Where to.
  ///   - speed: Times real time; nil sends as fast as reports are acknowledged.
  ///   - limit: Most rows to send; nil for all.
  /// - Throws: ``GatewayError`` if the table or the VIN cannot be sent.
  public init(
    reader: any RecordReader, identity: String, settings: LinkSettings, speed: Double? = nil,
    limit: Int? = nil
  ) throws(GatewayError) {
    guard GatewaySession.isIdentity(identity), let identifier = UniqueIdentifier(identity) else {
      throw .cannotEncode(
        row: 0, reason: "the VIN must be 1 to 17 visible ASCII characters; name one with --vin")
    }
    self.reader = reader
    writer = try ReportWriter(schema: reader.schema, identifier: identifier)
    link = VehicleLink(identity: identifier, settings: settings)
    self.speed = speed
    self.limit = limit
    window = settings.window
  }

  /// Sends the table.
  ///
  /// - Parameter progress: Told the share of the table read, from 0 to 1, and the summary so far.
  /// - Returns: What became of the rows.
  /// - Throws: ``GatewayError`` if the gateway cannot be reached, `FileError` if the table breaks.
  public mutating func run(progress: (Double, Summary) -> Void = { _, _ in }) async throws
    -> Summary
  {
    var replay = self
    let result = try await link.send(
      from: { try await replay.next() },
      progress: { link in
        replay.summary.link = link
        progress(replay.reader.progress, replay.summary)
      })
    self = replay
    summary.link = result
    return summary
  }

  private mutating func next() async throws -> [Frame]? {
    var frames: [Frame] = []
    while frames.count < (speed == nil ? window : 1) {
      if let limit, summary.rows >= limit { break }
      guard try fill(), let batch else { break }
      let place = row
      row += 1
      summary.rows += 1
      do throws(GatewayError) {
        frames.append(try writer.frame(of: batch, row: place))
      } catch {
        summary.skipped += 1
        continue
      }
      if let speed { try await keepPace(frames[frames.count - 1], speed) }
    }
    return frames.isEmpty ? nil : frames
  }

  private mutating func fill() throws(FileError) -> Bool {
    while batch.map({ row >= $0.rowCount }) ?? true {
      guard let more = try reader.next() else { return false }
      batch = more
      row = 0
    }
    return true
  }

  private mutating func keepPace(_ frame: Frame, _ speed: Double) async throws {
    guard let seconds = frame.time?.unixSeconds.map({ Double($0) }) else { return }
    guard let paced else {
      self.paced = (seconds, .now)
      return
    }
    let due = paced.started + .seconds(max(0, seconds - paced.recorded) / speed)
    try await Task.sleep(until: due, clock: .continuous)
  }
}
