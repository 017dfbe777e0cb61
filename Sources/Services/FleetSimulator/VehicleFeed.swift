// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One simulated vehicle's reports in the order in which they reach the radio.

import BatteryDomain
import NIOCore
import TelemetryCodec
import TelemetryGateway
import Testbed

/// One simulated vehicle's reports, through its clock and its radio, at the pace asked for.
struct VehicleFeed {
  /// Counts of what was done.
  struct Tally: Hashable, Sendable {
    var reissued = 0
    var duplicates = 0
    var interruptions = 0
  }

  private var vehicle: SimulatedVehicle
  private var path: RadioPath
  private let writer: ReportWriter
  private let end: Double
  private let start: Double
  private let speed: Double?
  private var began: ContinuousClock.Instant?
  private var batch: RecordBatch?
  private var row = 0
  private var steps: [RadioPath.Step] = []
  private var isFinished = false
  private(set) var tally = Tally()

  /// Reports handed over at once when there is no pace to keep.
  private static let window = 128
  /// Simulated time produced at once.
  private static let stretch = 600.0

  init(
    vehicle: SimulatedVehicle, identifier: UniqueIdentifier, edition: Edition,
    radio: RadioConditions, seed: UInt64, duration: Double, speed: Double?
  ) throws(GatewayError) {
    start = vehicle.time
    end = vehicle.time + duration
    path = RadioPath(conditions: radio, start: vehicle.time, seed: seed)
    writer = try ReportWriter(schema: vehicle.schema, identifier: identifier, edition: edition)
    self.vehicle = vehicle
    self.speed = speed
  }

  /// The next reports; nil at the end.
  ///
  /// - Throws: `ChannelError` where the connection shall break, for the link to come back.
  mutating func next() async throws -> [Frame]? {
    var frames: [Frame] = []
    while frames.count < Self.window {
      while !steps.isEmpty {
        switch steps[0] {
        case .interrupt:
          // What was taken so far goes first; the break comes with the next call.
          if !frames.isEmpty { return frames }
          steps.removeFirst()
          tally.interruptions += 1
          throw ChannelError.eof
        case .send(let frame):
          if frame.command == .reissuedReport { tally.reissued += 1 }
          frames.append(frame)
        case .duplicate(let frame):
          tally.duplicates += 1
          frames.append(frame)
        }
        steps.removeFirst()
      }
      guard let time = try fill() else {
        if isFinished { break }
        isFinished = true
        steps = path.finish()
        continue
      }
      if let speed, !frames.isEmpty, due(time, speed) > .now { return frames }
      if let speed { try await Task.sleep(until: due(time, speed), clock: .continuous) }
      try takeRow(at: time)
    }
    return frames.isEmpty ? nil : frames
  }

  private mutating func due(_ time: Double, _ speed: Double) -> ContinuousClock.Instant {
    let first = began ?? .now
    began = first
    return first + .seconds((time - start) / speed)
  }

  /// True time of the next row; nil when the duration is over.
  private mutating func fill() throws -> Double? {
    while batch.map({ row >= $0.rowCount }) ?? true {
      guard vehicle.time < end else { return nil }
      try Task.checkCancellation()
      let before = vehicle.time
      let more = vehicle.advance(until: min(end, vehicle.time + Self.stretch))
      row = 0
      batch = more.rowCount > 0 ? more : nil
      // A parked vehicle may have no row due before the end of the stretch.
      if more.rowCount == 0, vehicle.time == before {
        let last = vehicle.advance(until: end)
        batch = last.rowCount > 0 ? last : nil
        if last.rowCount == 0 { return nil }
      }
    }
    guard let batch, let column = batch.schema.column(of: .time) else { return nil }
    return batch.columns[column][row]
  }

  private mutating func takeRow(at time: Double) throws {
    guard var shown = batch, let column = shown.schema.column(of: .time) else { return }
    let place = row
    row += 1
    let clock = path.clock(at: time)
    shown.columns[column][place] = clock
    steps += path.take(try writer.frame(of: shown, row: place), at: time)
  }
}
