// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Standing of every cell, and what its voltage says.

import BatteryDomain
import NumericalMethods

extension AssessmentBuilder {
  /// Smallest robust spread of siblings assumed, in volts: one and a half steps of a reading.
  static let spreadFloor = 0.0015
  /// Robust z from which a cell is an outlier among its siblings. With 100 cells a z of 5 comes
  /// by chance once in 17,000 packs of normally distributed cells; 3.5, usual for one sample
  /// (Iglewicz & Hoaglin, 1993), comes in one pack of twenty.
  static let outlierScore = 5.0

  /// Shortest span of a baseline, in seconds, that is trusted by itself: six hours see more than
  /// one drive.
  static let shortestBaseline = 21_600.0

  /// Span of the baseline in seconds.
  private var baselineSpan: Double {
    guard comparison.baselineCount > 0, let first = times.first else { return 0 }
    return times[comparison.baselineCount - 1] + interval - first
  }

  mutating func standCells() {
    let count = comparison.buckets.count
    let edge = edgeCount
    result.cells = (0..<analysis.cellCount).map { cell in
      CellStanding(cell: cell + 1, module: comparison.moduleOfCell[cell] + 1)
    }
    func known(_ value: Double) -> Double? { value.isFinite ? value : nil }
    for cell in result.cells.indices {
      result.cells[cell].correlation = shape.correlation[cell]
      result.cells[cell].entropy = shape.entropy[cell]
      if let load {
        result.cells[cell].resistanceDeviation = known(load.resistance.deviation[cell])
        result.cells[cell].resistanceScore = known(load.resistance.score[cell])
      }
      if let capacity { result.cells[cell].capacityDeviation = known(capacity.deficit[cell]) }
    }
    guard count > 0 else { return }
    let first = comparison.moduleRelative.medians(over: 0..<edge)
    let last = comparison.moduleRelative.medians(over: (count - edge)..<count)
    let firstRead = comparison.asRead.medians(over: 0..<edge)
    let lastRead = comparison.asRead.medians(over: (count - edge)..<count)
    let scores = SiblingScores(last, groups: comparison.modules, floor: Self.spreadFloor)
    let packSpread = max(
      RobustStatistics.scaledMAD(lastRead.filter { !$0.isNaN }, about: 0), 0.001)
    for cell in result.cells.indices {
      result.cells[cell].firstDeviation = known(first[cell])
      result.cells[cell].deviation = known(last[cell])
      result.cells[cell].firstPackDeviation = known(firstRead[cell])
      result.cells[cell].packDeviation = known(lastRead[cell])
      result.cells[cell].moduleScore = known(scores.score[cell])
      result.cells[cell].packScore = known(lastRead[cell] / packSpread)
      if let slope = comparison.model.referenceSlope {
        result.cells[cell].stateOfChargeDeviation = known(last[cell] / slope)
      }
    }
  }

  mutating func findCells() {
    let frozen = Set(stuckCells)
    for cell in result.cells.indices {
      let verdict = CellVerdict(comparison, cell: cell, times: times, edge: edgeCount)
      if frozen.contains(cell) {
        // A frozen reading says nothing, but what was said before it froze stands.
        guard let fall = verdict.fall, let since = analysis.telemetry.stillness[cell].since,
          times[fall.alarm] + interval < since
        else { continue }
      }
      result.cells[cell].driftRate = verdict.drift?.slope
      result.cells[cell].driftRateError = verdict.drift?.error
      let isLower = reportFall(cell, verdict)
      if !isLower { reportOffset(cell, verdict) }
      reportRise(cell, verdict)
      reportResistance(cell)
      if !isLower { reportCapacity(cell) }
      reportScatter(cell)
    }
  }

  /// Reports a cell that falls away from its own baseline; returns whether it did.
  private mutating func reportFall(_ cell: Int, _ verdict: CellVerdict) -> Bool {
    guard let fall = verdict.fall, verdict.departure < 0,
      FindingRules.cellDeparture.step(for: -verdict.departure) != nil
    else { return false }
    let standing = result.cells[cell]
    let since = times[fall.onset]
    let seen = comparison.buckets.count - fall.onset
    let score = abs(standing.moduleScore ?? 0)
    result.cells[cell].onset = since
    let faster = verdict.acceleration.map { times[$0] }
    result.cells[cell].acceleration = faster
    // Three buckets beyond the onset and an outlier now: else a second look comes first.
    let isSettled = seen >= 3 && score >= Self.outlierScore
    // A baseline of hours has seen one state of charge and temperature: only a large fall counts.
    let isKnown =
      baselineSpan >= Self.shortestBaseline
      || -verdict.departure >= 2 * (FindingRules.cellDeparture.steps.last?.from ?? 0)
    let confidence = min(
      0.98, (isKnown ? 0.5 : 0.3) + 0.04 * Double(min(seen, 8)) + 0.02 * min(score, 8))
    let lastRead = lastAsRead(cell)
    var title = "Cell \(cell + 1) falls away from its module: "
    title += "\(PlainText.millivolts(standing.firstPackDeviation ?? .zero)) to the pack at first, "
    title += "\(PlainText.millivolts(lastRead.value)) on \(text.date(lastRead.time)), "
    title += "off its own baseline since \(text.date(since))"
    if let faster { title += ", faster since \(text.date(faster))" }
    var evidence = [
      Evidence(
        name: "fall against its own baseline at like charge", value: verdict.departure * 1000,
        unit: "mV", reference: 0,
        note: "median of the last \(min(edgeCount, seen)) of \(comparison.buckets.count) buckets "
          + "of \(PlainText.duration(interval))"),
      Evidence(
        name: "deviation from the pack's median as read, now", value: lastRead.value * 1000,
        unit: "mV", reference: standing.firstPackDeviation.map { $0 * 1000 },
        note: "at low, steady current; reference: at first"),
      Evidence(
        name: "deviation from its module at like charge",
        value: (standing.deviation ?? .nan) * 1000,
        unit: "mV", reference: (standing.firstDeviation ?? .nan) * 1000,
        note: "cells \(moduleText(cell)); reference: at first"),
      Evidence(
        name: "robust z among its module", value: standing.moduleScore ?? .nan, unit: "",
        reference: -Self.outlierScore, note: "reference: outlier limit"),
    ]
    if let first = firstScore(cell) {
      evidence.append(
        Evidence(
          name: "robust z among its module at first", value: first, unit: "",
          reference: -Self.outlierScore,
          note: abs(first) >= Self.outlierScore
            ? "an outlier from the first record" : "no outlier at first"))
    }
    evidence += leakageEvidence(cell, verdict)
    report(
      FindingRules.cellDeparture, magnitude: -verdict.departure, subject: .cell(cell + 1),
      since: since, confidence: confidence, title: title,
      baseline: "the cell's own deviation in the same voltage bands over the first "
        + "\(comparison.baselineCount) buckets (to "
        + "\(text.date(times[comparison.baselineCount - 1] + interval))), against the median of "
        + "cells \(moduleText(cell)) and of the pack",
      evidence: evidence, limit: isSettled && isKnown ? .stop : .watch)
    noteLead(cell, fall)
    return true
  }

  /// Leakage that explains the fall, with its assumptions.
  private mutating func leakageEvidence(_ cell: Int, _ verdict: CellVerdict) -> [Evidence] {
    guard let slope = comparison.model.referenceSlope, let drift = verdict.drift,
      drift.slope < 0
    else { return [] }
    var evidence = [
      Evidence(
        name: "drift since the onset", value: drift.slope * 86_400 * 1000, unit: "mV/day",
        reference: 0,
        note: "± \(PlainText.number(drift.error * 86_400 * 1000, digits: 2)) mV/day, at like charge"
      )
    ]
    if let steepest = verdict.steepest {
      evidence.append(
        Evidence(
          name: "steepest week", value: steepest * 86_400 * 1000, unit: "mV/day", reference: 0,
          note: "median slope over seven days"))
    }
    guard let capacity = packCapacity, -drift.slope > 2 * drift.error else { return evidence }
    let rate = -drift.slope / slope
    let peak = -(verdict.steepest ?? drift.slope) / slope
    let range = ValueRange(
      low: rate * capacity.range.low, high: max(rate, peak) * capacity.range.high)
    result.cells[cell].leakage = range
    evidence.append(
      Evidence(
        name: "leakage that would explain it", value: range.low * 1000, unit: "mA",
        note: "up to \(PlainText.number(range.high * 1000, digits: 0)) mA in the steepest week; "
          + "assumes that charge is lost evenly in time, that balancing does not make it up, and "
          + "a capacity of \(PlainText.number(capacity.range.low / 3600, digits: 0)) to "
          + "\(PlainText.number(capacity.range.high / 3600, digits: 0)) Ah (\(capacity.source)); "
          + "a suspicion of self-discharge, not a measured short"))
    return evidence
  }

  /// Reports a cell that stands apart from its module without moving.
  private mutating func reportOffset(_ cell: Int, _ verdict: CellVerdict) {
    let standing = result.cells[cell]
    guard let deviation = standing.deviation, let score = standing.moduleScore,
      let pack = standing.packDeviation, abs(score) >= Self.outlierScore,
      !belongsNextDoor(cell, deviation)
    else { return }
    let buckets = comparison.buckets.count
    let side = deviation < 0 ? "below" : "above"
    var title = "Cell \(cell + 1) stands \(side) its module by a constant "
    title += "\(PlainText.millivolts(deviation)) at like charge "
    title += "(\(PlainText.millivolts(pack)) to the pack)"
    title += verdict.departure.isNaN ? ", history too short for a trend" : ", no trend"
    var evidence = [
      Evidence(
        name: "deviation from its module at like charge", value: deviation * 1000, unit: "mV",
        reference: (standing.firstDeviation ?? .nan) * 1000,
        note: "cells \(moduleText(cell)); reference: at first"),
      Evidence(
        name: "robust z among its module", value: score, unit: "",
        reference: deviation < 0 ? -Self.outlierScore : Self.outlierScore,
        note: "reference: outlier limit"),
    ]
    if let charge = standing.stateOfChargeDeviation {
      evidence.append(
        Evidence(
          name: "difference of charge that explains it", value: charge * 100, unit: "%",
          reference: 0, note: "from the pack's own slope of voltage over charge"))
    }
    if !verdict.departure.isNaN {
      evidence.append(
        Evidence(
          name: "departure from its own baseline", value: verdict.departure * 1000, unit: "mV",
          reference: 0, note: "median of the last \(edgeCount) of \(buckets) buckets"))
    }
    if let drift = verdict.drift {
      evidence.append(
        Evidence(
          name: "drift", value: drift.slope * 86_400 * 1000, unit: "mV/day", reference: 0,
          note: "± \(PlainText.number(drift.error * 86_400 * 1000, digits: 2)) mV/day"))
    }
    report(
      FindingRules.cellOffset, magnitude: abs(deviation), subject: .cell(cell + 1),
      confidence: min(0.95, 0.4 + 0.02 * Double(min(buckets, 20)) + 0.015 * min(abs(score), 10)),
      title: title,
      baseline: "the median of cells \(moduleText(cell)) at low, steady current and like charge "
        + "over the last \(edgeCount) of \(buckets) buckets", evidence: evidence)
  }

  private mutating func reportRise(_ cell: Int, _ verdict: CellVerdict) {
    guard let rise = verdict.rise, verdict.departure > 0 else { return }
    let seen = comparison.buckets.count - rise.onset
    report(
      FindingRules.cellRise, magnitude: verdict.departure, subject: .cell(cell + 1),
      since: times[rise.onset], confidence: min(0.9, 0.5 + 0.04 * Double(min(seen, 10))),
      title: "Cell \(cell + 1) rises against its own baseline by "
        + "\(PlainText.millivolts(verdict.departure)) since \(text.date(times[rise.onset]))",
      baseline: "the cell's own deviation in the same voltage bands over the first "
        + "\(comparison.baselineCount) buckets",
      evidence: [
        Evidence(
          name: "rise against its own baseline at like charge", value: verdict.departure * 1000,
          unit: "mV", reference: 0, note: "median since the onset")
      ], limit: baselineSpan >= Self.shortestBaseline ? .stop : .note)
  }

  /// Whether a cell near the border of its module fits the neighbouring module instead: the
  /// border between modules is only known to within a few cells.
  private func belongsNextDoor(_ cell: Int, _ deviation: Double) -> Bool {
    let own = comparison.moduleOfCell[cell]
    for next in [own - 1, own + 1] where result.modules.indices.contains(next) {
      let group = comparison.modules[next]
      let distance = next < own ? cell - group.upperBound + 1 : group.lowerBound - cell
      guard distance <= 3, let here = result.modules[own].deviation,
        let there = result.modules[next].deviation
      else { continue }
      let fromNext = deviation + here - there
      if abs(fromNext) < abs(deviation) / 2, abs(fromNext) < 0.010 { return true }
    }
    return false
  }

  /// Remembers when a fall could first be said, against the vehicle's own alarms.
  private mutating func noteLead(_ cell: Int, _ fall: DepartureTest) {
    // The bucket of the alarm must have ended before its median is final.
    let detected = min(times[fall.alarm] + interval, result.span.end)
    guard let level = result.alarms.map(\.level).max(), level >= 2 else { return }
    let ofLevel = result.alarms.filter { $0.level == level }
    let next = ofLevel.first { $0.span.start > detected }
    let before = ofLevel.filter { $0.span.start <= detected }
    var statement = ""
    if let next {
      statement =
        "Could be said on \(text.date(detected)), "
        + "\(PlainText.duration(next.span.start - detected)) before the level-\(level) alarm of "
        + "\(text.date(next.span.start))"
    } else {
      statement = "Could be said on \(text.date(detected)); no level-\(level) alarm followed"
    }
    if let earliest = before.first {
      statement +=
        ". \(before.count) level-\(level) alarm\(before.count == 1 ? "" : "s") came before "
        + "(first \(text.date(earliest.span.start)))"
    }
    statement += "; alarms do not name a cell, so whether they concern this one is not known."
    result.leadTimes.append(
      LeadTime(
        subject: .cell(cell + 1), kind: FindingRules.cellDeparture.kind, detected: detected,
        alarmLevel: level, alarm: next?.span.start, lead: next.map { $0.span.start - detected },
        statement: statement))
  }

  /// The last known deviation from the pack as read.
  private func lastAsRead(_ cell: Int) -> (value: Double, time: Double) {
    for bucket in (0..<comparison.buckets.count).reversed() {
      let value = comparison.asRead[bucket, cell]
      if !value.isNaN { return (value, times[bucket]) }
    }
    return (.nan, result.span.end)
  }

  /// Robust z among the module over the first buckets.
  private func firstScore(_ cell: Int) -> Double? {
    guard edgeCount > 0 else { return nil }
    let first = comparison.moduleRelative.medians(over: 0..<edgeCount)
    let score = SiblingScores(first, groups: comparison.modules, floor: Self.spreadFloor)
      .score[cell]
    return score.isFinite ? score : nil
  }

  func moduleText(_ cell: Int) -> String {
    let group = comparison.modules[comparison.moduleOfCell[cell]]
    return "\(group.lowerBound + 1)–\(group.upperBound)"
  }
}
