// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A made-up vehicle with one drifting cell, for tests of the report.

import BatteryDomain
import FleetAnalytics
import Foundation
import SafetyReport

/// Made-up assessments: deterministic, small, and with every part filled.
enum SyntheticReport {
  private static let start = 1_555_286_400.0
  private static let day = 86_400.0

  /// A finding about a cell.
  static func finding(
    _ cell: Int, severity: Severity, since: Double? = nil, risk: Double = 50,
    title: String = "cell voltage drifts by −61 mV"
  ) -> Finding {
    Finding(
      kind: "cell_voltage_drift", title: title, subject: .cell(cell), since: since,
      severity: severity, confidence: 0.93, risk: risk, controlNode: .separator,
      baseline: "median of module 4 at like state of charge, first 14 days of its own history",
      evidence: [
        Evidence(
          name: "latest deviation", value: -61.2, unit: "mV", reference: -26.1,
          note: "reference: first 14 days, 412 rows"),
        Evidence(name: "drift", value: -1.4, unit: "mV/day", note: "last 21 days"),
      ],
      recommendedAction: "Take the vehicle in and measure the self-discharge of this cell.")
  }

  /// A vehicle with `cellCount` cells over `days` days; cell 18 drifts from half time on.
  static func vehicle(
    identity: String = "TESTVIN0000000001", cellCount: Int = 24, days: Int = 60
  ) -> VehicleAssessment {
    var result = VehicleAssessment(identity: identity)
    let onset = start + Double(days / 2) * day
    result.wallClockOffset = 8 * 3600
    result.risk = 81.5
    result.severity = .act
    result.span = TimeSpan(start: start, end: start + Double(days) * day)
    result.rows.received = 14_385
    result.rows.used = 14_380
    result.rows.steady = 3_120
    result.cellCount = cellCount
    result.probeCount = 4
    result.findings = [
      finding(18, severity: .act, since: onset, risk: 81.5),
      finding(3, severity: .watch, risk: 31, title: "static offset of −28 mV"),
    ]
    var buckets = BucketSeries()
    buckets.interval = day
    // Days 20 to 24 hold no rows: a gap must stay a gap.
    let used = (0..<days).filter { !(20..<25).contains($0) }
    buckets.time = used.map { start + Double($0) * day }
    buckets.steadyRows = used.map { 40 + $0 % 7 }
    func deviation(_ cell: Int, _ index: Int) -> Double {
      let wave = 0.003 * sin(Double(cell) * 1.7) + 0.001 * sin(Double(index * cell) * 0.37)
      let drift = cell == 18 && index > days / 2 ? -0.0014 * Double(index - days / 2) : 0
      return wave + drift + (cell == 3 ? -0.028 : 0)
    }
    buckets.moduleDeviation = (1...cellCount).map { cell in
      used.map { $0 % 13 == 12 ? nil : deviation(cell, $0) }
    }
    buckets.packDeviation = buckets.moduleDeviation.enumerated().map { cell, row in
      row.map { $0.map { $0 + (cell < cellCount / 2 ? 0.03 : -0.01) } }
    }
    buckets.spreadMedian = used.map { 0.044 + 0.001 * Double($0) }
    buckets.spread95 = used.map { 0.06 + 0.0013 * Double($0) + 0.004 * sin(Double($0)) }
    buckets.temperatureSpread = used.map { 3 + sin(Double($0) / 5) }
    buckets.insulation = used.map { $0 > 50 ? 4_000 : 5_000 }
    buckets.alarmLevel = used.map { $0 > 45 ? 2 : ($0 == 11 ? 1 : 0) }
    result.series.buckets = buckets
    result.series.cellVoltage = envelope(days, 3.7, 0.12)
    result.series.temperature = envelope(days, 300, 4)
    result.series.current = envelope(days, 10, 60)
    result.series.stateOfCharge = envelope(days, 0.6, 0.2)
    result.cells = (1...cellCount).map { cell in
      var standing = CellStanding(cell: cell, module: (cell - 1) / 6 + 1)
      standing.firstDeviation = deviation(cell, 0)
      standing.deviation = deviation(cell, days - 1)
      standing.moduleScore = deviation(cell, days - 1) / 0.004
      standing.packScore = deviation(cell, days - 1) / 0.008 + (cell < 12 ? 3.8 : -2)
      standing.driftRate = cell == 18 ? -1.6e-8 : 1e-10
      standing.correlation = 0.99
      if cell == 18 {
        standing.severity = .act
        standing.onset = onset
        standing.risk = 81.5
      }
      if cell == 3 { standing.severity = .watch }
      return standing
    }
    result.modules = (0..<(cellCount / 6)).map {
      CellModule(module: $0 + 1, firstCell: $0 * 6 + 1, lastCell: $0 * 6 + 6)
    }
    result.probes = (1...4).map { number in
      var probe = ProbeStanding(probe: number)
      probe.condition = number == 4 ? .dead : .live
      probe.validShare = number == 4 ? 0 : 0.998
      probe.deviation = number == 4 ? nil : 0.4 * Double(number - 2)
      return probe
    }
    result.pack.firstSpread = 0.044
    result.pack.lastSpread = 0.104
    result.pack.temperatureMinimum = 289.15
    result.pack.temperatureMaximum = 318.15
    result.pack.capacity = ValueRange(low: 540_000, high: 576_000)
    result.pack.capacitySource = "from 12 charges"
    result.telemetry.interval = 30
    result.telemetry.gaps = 118
    let alarm = TimeSpan(start: start + 46 * day, end: start + 46.2 * day)
    result.alarms = [AlarmEpisode(level: 2, span: alarm, rows: 600)]
    result.leadTimes = [
      LeadTime(
        subject: .cell(18), kind: "cell_voltage_drift", detected: onset + 2 * day, alarmLevel: 2,
        alarm: alarm.start, lead: 14 * day, statement: "14 days before the first level-2 alarm")
    ]
    result.chargeSessions = (0..<12).map { index in
      let begin = start + Double(index * 4) * day
      var session = ChargeSession(span: TimeSpan(start: begin, end: begin + 7200))
      session.startStateOfCharge = 0.3
      session.endStateOfCharge = 0.9
      session.charge = 335_000 - Double(index) * 500
      session.capacity = session.charge / 0.6
      session.meanCurrent = 46.5
      session.isInferred = index.isMultiple(of: 3)
      return session
    }
    return result
  }

  /// A whole document around vehicles.
  static func document(
    _ vehicles: [VehicleAssessment] = [vehicle()], file: String = "vehicle.csv",
    failures: [ReportDocument.Failure] = []
  ) -> ReportDocument {
    let inputs = vehicles.map { vehicle in
      ReportDocument.Input(
        file: file, format: "vehicle-telemetry", kind: .vehicle, identity: vehicle.identity,
        rowCount: vehicle.rows.received,
        columns: [
          ColumnSchema(quantity: .time, sourceName: "tboxTime"),
          ColumnSchema(
            quantity: .cellVoltage, element: 0, sourceName: "V_1", sourceUnit: "mV", scale: 0.001),
        ], timeReference: .unixEpoch,
        wallClockOffset: vehicle.wallClockOffset)
    }
    return ReportDocument(
      inputs: inputs,
      vehicles: vehicles.enumerated().map {
        .init(input: $0.offset, assessment: $0.element)
      }, cellTests: [], failures: failures)
  }

  private static func envelope(_ days: Int, _ centre: Double, _ width: Double) -> Envelope {
    var result = Envelope()
    result.interval = 3600
    for hour in stride(from: 0, to: days * 24, by: 2) where !(480..<600).contains(hour) {
      let swing = sin(Double(hour) * 0.7) * width * 0.4
      result.time.append(start + Double(hour) * 3600)
      result.minimum.append(centre + swing - width / 2)
      result.mean.append(centre + swing)
      result.maximum.append(centre + swing + width / 2)
    }
    return result
  }
}
