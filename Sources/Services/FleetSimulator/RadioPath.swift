// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One vehicle's way to the gateway: tunnels, duplicates, breaks, a clock that is wrong.

import Foundation
import NumericalMethods
public import TelemetryCodec

/// One vehicle's way to the gateway, report by report.
///
/// A report is never lost, as the standard demands of the vehicle: what finds no reception waits
/// and is sent as a reissued report afterwards, behind the first report that got through.
public struct RadioPath: Sendable {
  /// What to do next.
  public enum Step: Hashable, Sendable {
    /// Send a report.
    case send(Frame)
    /// Send a report that was sent before, unchanged.
    case duplicate(Frame)
    /// Break the connection.
    case interrupt
  }

  /// Reports that wait for reception.
  public var waitingCount: Int { waiting.count }

  private let conditions: RadioConditions
  private var draw: SplitMix64
  private var waiting: [Frame] = []
  private var tunnelEnd = -Double.infinity
  private var nextTunnel: Double
  private var nextBreak: Double
  private var clockSet: Double
  private var nextClockSet: Double
  private let offset: Double
  private let rate: Double
  private static let day = 86_400.0

  /// Creates a path.
  ///
  /// - Parameters:
  ///   - conditions: What happens.
  ///   - start: Time of the start in seconds since the Unix epoch.
  ///   - seed: Seed of everything random.
  public init(conditions: RadioConditions, start: Double, seed: UInt64) {
    self.conditions = conditions
    var draw = SplitMix64(seed: seed)
    offset = conditions.clockOffset * draw.nextNormal()
    rate = conditions.clockDrift * 1e-6 * draw.nextNormal()
    clockSet = start
    nextTunnel = start + Self.wait(conditions.tunnelsPerDay, &draw)
    nextBreak = start + Self.wait(conditions.breaksPerDay, &draw)
    nextClockSet = start + Self.wait(conditions.clockSetsPerDay, &draw)
    self.draw = draw
  }

  private static func wait(_ perDay: Double, _ draw: inout SplitMix64) -> Double {
    perDay > 0 ? -day / perDay * log(1 - Double.random(in: 0..<1, using: &draw)) : .infinity
  }

  /// The time that the vehicle's clock shows.
  ///
  /// - Parameter time: True time in seconds since the Unix epoch, never earlier than before.
  /// - Returns: The clock's time in the same unit.
  public mutating func clock(at time: Double) -> Double {
    while time >= nextClockSet {
      clockSet = nextClockSet
      nextClockSet += Self.wait(conditions.clockSetsPerDay, &draw)
    }
    return time + offset + rate * (time - clockSet)
  }

  /// What to do with the report of a moment.
  ///
  /// - Parameters:
  ///   - frame: A real-time report.
  ///   - time: True time in seconds since the Unix epoch, never earlier than before.
  /// - Returns: The steps in order; none while there is no reception.
  public mutating func take(_ frame: Frame, at time: Double) -> [Step] {
    while time >= nextTunnel {
      let (shortest, longest) = (conditions.tunnel.lowerBound, conditions.tunnel.upperBound)
      tunnelEnd = max(
        tunnelEnd,
        nextTunnel + shortest * pow(longest / shortest, Double.random(in: 0..<1, using: &draw)))
      nextTunnel += Self.wait(conditions.tunnelsPerDay, &draw)
    }
    guard time >= tunnelEnd else {
      waiting.append(frame)
      return []
    }
    var steps: [Step] = []
    while time >= nextBreak {
      steps = [.interrupt]
      nextBreak += Self.wait(conditions.breaksPerDay, &draw)
    }
    steps.append(.send(frame))
    steps += reissued()
    if conditions.duplicateShare > 0,
      Double.random(in: 0..<1, using: &draw) < conditions.duplicateShare
    {
      steps.append(.duplicate(frame))
    }
    return steps
  }

  /// The reports that still wait at the end.
  public mutating func finish() -> [Step] { reissued() }

  private mutating func reissued() -> [Step] {
    defer { waiting = [] }
    return waiting.map { frame in
      var frame = frame
      frame.command = .reissuedReport
      return .send(frame)
    }
  }
}
