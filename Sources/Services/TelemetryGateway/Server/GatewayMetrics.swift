// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the gateway counts, shared between its connections.

import Synchronization
public import TelemetryStore

/// What the gateway counts, shared between its connections.
public final class GatewayMetrics: Sendable {
  struct Counters {
    var accepted = 0
    var open = 0
    var received = 0
    var acknowledged = 0
    var duplicates = 0
    var refused: [GatewaySession.Refusal: Int] = [:]
    var closed: [GatewaySession.CloseReason: Int] = [:]
    var discardedBytes = 0
    var checksumFailures = 0
    var stalledFrames = 0
    var skewWarnings = 0
    var skewErrors = 0
  }

  private let counters = Mutex(Counters())

  /// Creates counters at zero.
  public init() {}

  func update(_ body: (inout Counters) -> Void) {
    counters.withLock { body(&$0) }
  }

  /// Connections open now.
  public var openConnections: Int { counters.withLock { $0.open } }
  /// Frames acknowledged with success so far.
  public var acknowledgedFrames: Int { counters.withLock { $0.acknowledged } }

  /// All counters as metrics.
  public func metrics() -> [ServiceMetric] {
    let now = counters.withLock { $0 }
    var list = [
      counter("connections_total", "Connections accepted.", now.accepted),
      ServiceMetric(
        "anodyne_gateway_connections_open", help: "Connections open now.", kind: .gauge,
        value: Double(now.open)),
      counter("frames_received_total", "Whole frames received.", now.received),
      counter(
        "frames_acknowledged_total", "Frames acknowledged with success.", now.acknowledged),
      counter(
        "frames_duplicate_total", "Acknowledged frames that were stored already.",
        now.duplicates),
      counter(
        "bytes_discarded_total", "Bytes at which no frame starts.", now.discardedBytes),
      counter(
        "checksum_failures_total", "Plausible headers with a wrong check byte.",
        now.checksumFailures),
      counter(
        "frames_stalled_total", "Incomplete frames given up after the time limit.",
        now.stalledFrames),
    ]
    for (level, count) in [("warning", now.skewWarnings), ("error", now.skewErrors)] {
      list.append(
        counter(
          "clock_skew_total",
          "Live reports whose collection time is more than 30 s (warning) or 180 s (error) off.",
          count, ["level": level]))
    }
    for reason in GatewaySession.Refusal.allCases {
      list.append(
        counter(
          "frames_refused_total", "Frames answered negatively, by reason.",
          now.refused[reason] ?? 0, ["reason": reason.rawValue]))
    }
    for reason in GatewaySession.CloseReason.allCases {
      list.append(
        counter(
          "connections_closed_total", "Connections closed by the gateway, by reason.",
          now.closed[reason] ?? 0, ["reason": reason.rawValue]))
    }
    return list
  }

  private func counter(
    _ name: String, _ help: String, _ value: Int, _ labels: [String: String] = [:]
  ) -> ServiceMetric {
    ServiceMetric(
      "anodyne_gateway_" + name, help: help, kind: .counter, value: Double(value),
      labels: labels)
  }
}
