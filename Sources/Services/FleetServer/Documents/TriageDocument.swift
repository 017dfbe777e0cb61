// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the triage page and its interface show: the vehicles, ranked by risk.

public import BatteryDomain
import FleetAnalytics

/// The vehicles of the fleet, the most urgent first.
public struct TriageDocument: Codable, Hashable, Sendable {
  /// When the list was made, in seconds since the Unix epoch.
  public var generatedAt: Double
  /// Numbers about the fleet as a whole.
  public var totals: Totals
  /// The vehicles, ranked by severity, then risk, then name.
  public var vehicles: [Entry]

  /// Numbers about the fleet as a whole.
  public struct Totals: Codable, Hashable, Sendable {
    /// Vehicles that ever sent a frame.
    public var vehicles = 0
    /// Vehicles to be taken out of use now.
    public var stop = 0
    /// Vehicles to be inspected within days.
    public var act = 0
    /// Vehicles to be looked at again.
    public var watch = 0
    /// Vehicles without anything to do.
    public var clear = 0
    /// Vehicles that are logged in.
    public var connected = 0
    /// Reports analysed.
    public var reports = 0
    /// Vehicles with frames not analysed yet.
    public var backlog = 0

    /// Creates totals at zero.
    public init() {}
  }

  /// One vehicle.
  public struct Entry: Codable, Hashable, Sendable {
    /// Place in the list, from 1.
    public var rank = 0
    /// VIN.
    public var identity: String
    /// Severity of the most severe finding.
    public var severity: Severity
    /// Risk from 0 to 100.
    public var risk: Double
    /// The most urgent finding; nil if there is none.
    public var finding: Finding?
    /// Number of findings above a note.
    public var findingCount: Int
    /// How long the finding preceded the vehicle's own alarm, in words and seconds.
    public var lead: Lead?
    /// Highest alarm level the vehicle itself reported in its last day of data.
    public var alarmLevel: Int
    /// Whether the vehicle is logged in.
    public var isConnected: Bool
    /// Collection time of the newest report, in seconds since the Unix epoch.
    public var lastReport: Double?
    /// When the last frame arrived, in seconds since the Unix epoch.
    public var lastReceived: Double?
    /// Offset of the vehicle's local time from UTC, in seconds.
    public var wallClockOffset: Double
    /// Reports analysed.
    public var reports: Int
    /// Number of cells.
    public var cells: Int
    /// Number of probes.
    public var probes: Int
    /// Latest state of charge as a fraction.
    public var stateOfCharge: Double?
    /// Spread of the cells at low current, in volts, over time.
    public var spread: Spread
  }

  /// How long a finding preceded the vehicle's own alarm.
  public struct Lead: Codable, Hashable, Sendable {
    /// Lead in seconds; nil while no such alarm has followed.
    public var seconds: Double?
    /// When the analysis could first say so.
    public var detected: Double
    /// In words.
    public var statement: String
  }

  /// Spread of the cells over time, for a small chart.
  public struct Spread: Codable, Hashable, Sendable {
    /// Start of each bucket, in seconds since the Unix epoch.
    public var time: [Double]
    /// Median spread, in volts.
    public var value: [Double]
  }
}

extension TriageDocument.Entry {
  /// Most points of the small chart.
  static let sparkPoints = 48

  /// Draws up a vehicle's entry.
  init(
    _ assessment: VehicleAssessment, isConnected: Bool,
    seen: (collected: Int64?, received: Double?)
  ) {
    let finding = assessment.findings.first
    let lead =
      finding.flatMap { finding in
        assessment.leadTimes.first { $0.subject == finding.subject && $0.kind == finding.kind }
      }
    let lastDay = assessment.span.end - 86_400
    var points: [(Double, Double)] = []
    for (time, value) in zip(assessment.series.buckets.time, assessment.series.buckets.spreadMedian)
    {
      if let value { points.append((time, value)) }
    }
    if points.count > Self.sparkPoints {
      let step = Double(points.count - 1) / Double(Self.sparkPoints - 1)
      points = (0..<Self.sparkPoints).map { points[Int((Double($0) * step).rounded())] }
    }
    self.init(
      identity: assessment.identity, severity: assessment.severity, risk: assessment.risk,
      finding: finding,
      findingCount: assessment.findings.filter { $0.severity > .note }.count,
      lead: lead.map {
        TriageDocument.Lead(seconds: $0.lead, detected: $0.detected, statement: $0.statement)
      },
      alarmLevel: assessment.alarms.filter { $0.span.end >= lastDay }.map(\.level).max() ?? 0,
      isConnected: isConnected, lastReport: seen.collected.map { Double($0) },
      lastReceived: seen.received, wallClockOffset: assessment.wallClockOffset,
      reports: assessment.rows.received, cells: assessment.cellCount,
      probes: assessment.probeCount,
      stateOfCharge: assessment.series.stateOfCharge.mean.last,
      spread: .init(time: points.map(\.0), value: points.map(\.1)))
  }
}

extension TriageDocument {
  /// Ranks entries and counts them.
  init(_ entries: [Entry], backlog: Int, at time: Double) {
    var totals = Totals()
    let ranked = entries.sorted { lhs, rhs in
      if lhs.severity != rhs.severity { return lhs.severity > rhs.severity }
      if lhs.risk != rhs.risk { return lhs.risk > rhs.risk }
      return lhs.identity < rhs.identity
    }
    for entry in ranked {
      totals.vehicles += 1
      totals.reports += entry.reports
      if entry.isConnected { totals.connected += 1 }
      switch entry.severity {
      case .stop: totals.stop += 1
      case .act: totals.act += 1
      case .watch: totals.watch += 1
      case .note: totals.clear += 1
      }
    }
    totals.backlog = backlog
    generatedAt = time
    self.totals = totals
    vehicles = ranked.enumerated().map { place, entry in
      var entry = entry
      entry.rank = place + 1
      return entry
    }
  }
}
