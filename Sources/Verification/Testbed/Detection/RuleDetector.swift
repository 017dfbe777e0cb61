// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rules with debounce for the faults that show themselves directly.

import BatteryDomain
import NumericalMethods

/// Rules with debounce for the faults that show themselves in one quantity: shorts outside, overcharge,
/// welded contactors, insulation, gas, heat, cooling, heater, sensors, clock and link.
public struct RuleDetector: FaultDetector {
  let context: DetectorContext
  var told: Set<String> = []
  var counts: [FaultClass: Int] = [:]
  var last = Double.nan
  var typical = Double.nan
  var climate = ClimateRules()
  var sensors: SensorRules
  var relaxation: RelaxationRule
  var weldSince = Double.nan
  var strong = 0

  /// Creates the rules for a pack.
  public init(_ context: DetectorContext) {
    self.context = context
    sensors = SensorRules(context)
    relaxation = RelaxationRule(context)
  }

  /// Takes one reading; see ``FaultDetector``.
  public mutating func ingest(_ reading: PackReading, verdicts: inout [Verdict]) {
    let interval = reading.time - last
    link(reading, interval: interval, verdicts: &verdicts)
    last = reading.time
    electrical(reading, verdicts: &verdicts)
    gas(reading, verdicts: &verdicts)
    if let found = climate.ingest(reading, context: context) {
      tell(found.fault, found.subject, reading, found.evidence, &verdicts)
    }
    if let found = sensors.ingest(reading) {
      tell(found.fault, found.subject, reading, found.evidence, &verdicts)
    }
    if let found = relaxation.ingest(reading) {
      tell(found.fault, found.subject, reading, found.evidence, &verdicts)
    }
  }

  private mutating func electrical(_ reading: PackReading, verdicts: inout [Verdict]) {
    let rate = context.cell.capacity / 3_600
    // Inrush on top of acceleration stays below 8C. A fuse that fires at 9C leaves two readings.
    let isLong = holds(.externalShort, reading.current > 8 * rate, for: 3)
    strong = reading.current > 9 * rate ? strong + 1 : 0
    if isLong || strong >= 2 || reading.current > 12 * rate {
      tell(
        .externalShort, .pack, reading, [VerdictEvidence("current", reading.current, "A")],
        &verdicts)
    }
    var highest = 0.0
    for value in reading.cellVoltage where value < 10 { highest = max(highest, value) }
    let ignoresLimit = -reading.current > reading.allowedCharge + 0.1 * rate + 2
    let isOver = highest > context.cell.upperVoltage + 0.03 && reading.mode == .charging
    if holds(.overcharge, isOver && ignoresLimit, for: 2) {
      tell(.overcharge, .pack, reading, [VerdictEvidence("highest cell", highest, "V")], &verdicts)
    }
    let perVolt = reading.insulation / max(reading.packVoltage, 1)
    // 500 Ω/V: GB 18384-2020 and ECE R100 for alternating current circuits.
    if holds(.insulationLoss, perVolt < 500, for: 3) {
      tell(
        .insulationLoss, .pack, reading, [VerdictEvidence("insulation", perVolt, "Ω/V")], &verdicts)
    }
    let isWelded =
      !reading.contactorsCommanded
      && (reading.contactorsClosed || reading.linkVoltage > 0.5 * reading.packVoltage)
    if !isWelded { weldSince = .nan } else if weldSince.isNaN { weldSince = reading.time }
    if isWelded, reading.time - weldSince >= 3 {
      tell(
        .contactorWeld, .pack, reading, [VerdictEvidence("link", reading.linkVoltage, "V")],
        &verdicts)
    }
  }

  private mutating func gas(_ reading: PackReading, verdicts: inout [Verdict]) {
    var hottest = 0.0
    for value in reading.probeTemperature where value < 700 { hottest = max(hottest, value) }
    var lowest = 10.0
    for value in reading.cellVoltage { lowest = min(lowest, value.isNaN ? 10 : value) }
    let hasGas = reading.gas > 300 || reading.pressure > 500
    let isHot = hottest > 335 || lowest < context.cell.lowerVoltage - 0.2
    if holds(.thermalRunaway, hasGas && isHot || hottest > 353, for: 2) {
      tell(
        .thermalRunaway, .pack, reading,
        [
          VerdictEvidence("gas", reading.gas, "ppm"),
          VerdictEvidence("hottest probe", hottest, "K"),
          VerdictEvidence("lowest cell", lowest, "V"),
        ], &verdicts)
    }
    if holds(.swelling, hasGas && !isHot, for: 4) {
      tell(.swelling, .pack, reading, [VerdictEvidence("gas", reading.gas, "ppm")], &verdicts)
    }
  }

  private mutating func link(
    _ reading: PackReading, interval: Double, verdicts: inout [Verdict]
  ) {
    guard interval.isFinite else { return }
    // Corrections of a good clock stay below a minute.
    if interval < -60 {
      tell(.clockJump, .pack, reading, [VerdictEvidence("leap", interval, "s")], &verdicts)
      return
    }
    if !typical.isNaN, typical < 1, interval > 2 {
      tell(.communicationLoss, .pack, reading, [VerdictEvidence("gap", interval, "s")], &verdicts)
    }
    typical = interval
  }

  /// Whether a condition has held for a number of cycles.
  private mutating func holds(_ fault: FaultClass, _ condition: Bool, for cycles: Int) -> Bool {
    let count = condition ? (counts[fault] ?? 0) + 1 : 0
    if counts[fault] != count { counts[fault] = count }
    return count >= cycles
  }

  private mutating func tell(
    _ fault: FaultClass, _ subject: Subject, _ reading: PackReading,
    _ evidence: [VerdictEvidence], _ verdicts: inout [Verdict]
  ) {
    guard told.insert("\(fault.rawValue) \(subject)").inserted else { return }
    verdicts.append(Verdict(fault, at: subject, time: reading.time, evidence: evidence))
  }
}

/// What a rule found.
struct RuleFinding: Sendable {
  var fault: FaultClass
  var subject: Subject
  var evidence: [VerdictEvidence]
}
