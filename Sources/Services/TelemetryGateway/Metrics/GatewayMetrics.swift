// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the gateway counts, shared between its connections.

import NIOCore
import Synchronization
import TelemetryCodec
public import TelemetryStore

/// What the gateway counts, shared between its connections.
public final class GatewayMetrics: Sendable {
  struct Counters {
    var accepted = 0
    var open = 0
    var tlsConnections = 0
    /// By command byte.
    var received = [Int](repeating: 0, count: 256)
    var acknowledged = 0
    var duplicates = 0
    var duplicateReissues = 0
    var reissued = 0
    var refused: [GatewaySession.Refusal: Int] = [:]
    var closed: [GatewaySession.CloseReason: Int] = [:]
    var discardedBytes = 0
    var checksumFailures = 0
    var oversized = 0
    var stalledFrames = 0
    var skewWarnings = 0
    var skewErrors = 0
    var throttled = 0
    var uncheckedSignatures = 0
    var commands: [String: Int] = [:]
    var latency = LatencyHistogram()
  }

  private let counters = Mutex(Counters())
  private let gauges = Mutex<[@Sendable () -> [ServiceMetric]]>([])

  /// Creates counters at zero.
  public init() {}

  func update(_ body: (inout Counters) -> Void) {
    counters.withLock { body(&$0) }
  }

  /// Adds numbers that are looked up when the metrics are asked for.
  package func watch(_ gauge: @escaping @Sendable () -> [ServiceMetric]) {
    gauges.withLock { $0.append(gauge) }
  }

  /// Counts what one call of the store has made durable.
  func countStored(
    _ frames: [NewFrame], _ outcomes: [AppendOutcome], _ parcels: [IngestQueue.Parcel],
    at now: NIODeadline
  ) {
    counters.withLock { counters in
      counters.acknowledged += outcomes.count
      for (frame, outcome) in zip(frames, outcomes) {
        let isReissue = frame.command == Command.reissuedReport.rawValue
        if isReissue { counters.reissued += 1 }
        if case .duplicate = outcome {
          counters.duplicates += 1
          if isReissue { counters.duplicateReissues += 1 }
        }
        guard frame.command == Command.realTimeReport.rawValue else { continue }
        let skew = (frame.receiveTime - Double(frame.collectionTime)).magnitude
        if skew > ClockOffset.error {
          counters.skewErrors += 1
        } else if skew > ClockOffset.warning {
          counters.skewWarnings += 1
        }
      }
      for parcel in parcels {
        counters.latency.add(
          Double((now - parcel.arrived).nanoseconds) / 1e9, weight: parcel.frames.count)
      }
    }
  }

  /// Connections open now.
  public var openConnections: Int { counters.withLock { $0.open } }
  /// Frames acknowledged with success so far.
  public var acknowledgedFrames: Int { counters.withLock { $0.acknowledged } }
  /// Time from socket to disk.
  public var latency: LatencyHistogram { counters.withLock { $0.latency } }

  private static let kinds: [(code: UInt8, name: String)] = [
    (0x01, "vehicle_login"), (0x02, "real_time"), (0x03, "reissued"), (0x04, "vehicle_logout"),
    (0x05, "platform_login"), (0x06, "platform_logout"), (0x07, "heartbeat"),
    (0x08, "time_synchronisation"), (0x09, "activation"), (0x0B, "key_exchange"),
    (0x80, "parameter_query"), (0x81, "parameter_setting"), (0x82, "terminal_control"),
  ]

  /// Counters and gauges, without the histogram.
  public func metrics() -> [ServiceMetric] {
    let now = counters.withLock { $0 }
    var list = plain(now)
    var other = now.received
    for (code, name) in Self.kinds {
      list.append(
        counter(
          "frames_received_total", "Whole frames received, by kind.",
          other[Int(code)], ["kind": name]))
      other[Int(code)] = 0
    }
    list.append(
      counter(
        "frames_received_total", "Whole frames received, by kind.", other.reduce(0, +),
        ["kind": "other"]))
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
    for (result, count) in now.commands.sorted(by: { $0.key < $1.key }) {
      list.append(
        counter(
          "commands_total", "Remote commands, by result.", count, ["result": result]))
    }
    for gauge in gauges.withLock({ $0 }) { list += gauge() }
    return list
  }

  /// Everything in the text format of Prometheus, the histogram included.
  ///
  /// - Parameter others: Metrics of other services to show with it.
  /// - Returns: The text.
  public func prometheusText(with others: [ServiceMetric] = []) -> String {
    ServiceMetric.prometheusText(metrics() + others)
      + latency.prometheusText(
        name: "anodyne_gateway_stored_seconds",
        help: "Time from the read of a frame's last byte until it is durable.")
  }

  private func plain(_ now: Counters) -> [ServiceMetric] {
    [
      counter("connections_total", "Connections accepted.", now.accepted),
      counter("tls_connections_total", "Connections that speak TLS.", now.tlsConnections),
      gauge("connections_open", "Connections open now.", Double(now.open)),
      counter(
        "frames_acknowledged_total", "Frames acknowledged with success.", now.acknowledged),
      counter(
        "frames_duplicate_total", "Acknowledged frames that were stored already.",
        now.duplicates),
      counter(
        "frames_duplicate_reissued_total",
        "Of these, reissues of reports that had arrived before.", now.duplicateReissues),
      counter("frames_reissued_total", "Acknowledged reissued reports.", now.reissued),
      counter(
        "signatures_unchecked_total",
        "Reports accepted with a signature for which no key is known.",
        now.uncheckedSignatures),
      counter("bytes_discarded_total", "Bytes at which no frame starts.", now.discardedBytes),
      counter(
        "checksum_failures_total", "Plausible headers with a wrong check byte.",
        now.checksumFailures),
      counter(
        "oversized_total", "Headers that state a longer data unit than allowed.", now.oversized),
      counter(
        "frames_stalled_total", "Incomplete frames given up after the time limit.",
        now.stalledFrames),
      counter(
        "throttled_total", "Times that a connection had to wait for its rate.", now.throttled),
      gauge(
        "stored_seconds_p99_bound",
        "Upper end of the histogram step that holds the 99th percentile of socket to disk.",
        now.latency.bound(of: 0.99) ?? 0),
    ]
  }

  private func gauge(_ name: String, _ help: String, _ value: Double) -> ServiceMetric {
    ServiceMetric("anodyne_gateway_" + name, help: help, kind: .gauge, value: value)
  }

  private func counter(
    _ name: String, _ help: String, _ value: Int, _ labels: [String: String] = [:]
  ) -> ServiceMetric {
    ServiceMetric(
      "anodyne_gateway_" + name, help: help, kind: .counter, value: Double(value),
      labels: labels)
  }
}
