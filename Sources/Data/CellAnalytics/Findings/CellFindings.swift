// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// From the numbers of a cell test to ranked findings.

import BatteryDomain
import Cleaning
import Foundation
import NumericalMethods

/// Judges the numbers of a cell test; every finding names its baseline.
struct CellFindings {
  let assessment: CellTestAssessment
  let settings: CellTestSettings

  /// All findings, the most urgent first.
  func ranked() -> [Finding] {
    // Charge taken for discharge leaves nothing else to say.
    if let reversed = reversedCurrent() { return [reversed] }
    let found =
      [capacity(), knee(), warming(), efficiency(), statedCapacity(), counter(), unusable()]
      .compactMap { $0 } + resistance() + temperature() + voltage() + selfDischarge()
    return found.sorted(by: Finding.ranksAbove)
  }

  /// A finding; risk lies in the quarter of its severity and grows with `excess` (0…1).
  func finding(
    _ kind: CellFindingKind, _ severity: Severity, text: String, excess: Double,
    confidence: Double, at time: Double? = nil, baseline: String, evidence: [Evidence]
  ) -> Finding {
    let place = max(0, min(1, excess)) * max(0, min(1, confidence))
    return Finding(
      kind: kind.name, title: "\(kind.title): \(text)", subject: .pack,
      since: assessment.timeReference == .unixEpoch ? time : nil, severity: severity,
      confidence: confidence, risk: 25 * (Double(severity.rank) + place),
      controlNode: kind.controlNode, baseline: baseline, evidence: evidence,
      recommendedAction: kind.action)
  }

  private func time(ofCycle number: Int) -> Double? {
    assessment.cycles.first { $0.number == number }?.start ?? nil
  }

  private func capacity() -> Finding? {
    guard let series = assessment.series, let last = series.cycle.last,
      (assessment.cutOff?.reachedShare ?? 1) >= 0.5
    else { return nil }
    let health = series.stateOfHealth
    let limit = series.endOfLife / series.baseline
    let percent = String(format: "%.1f %% of the baseline at cycle %.0f", health * 100, last)
    var evidence = [
      Evidence(
        name: "capacity, median of the last three cycles",
        value: health * series.baseline / 3600, unit: "Ah", reference: series.endOfLife / 3600,
        note: "end-of-life limit; \(series.cycle.count) comparable cycles"),
      Evidence(
        name: "baseline capacity", value: series.baseline / 3600, unit: "Ah",
        note: series.baselineText),
    ]
    if let cutOff = assessment.cutOff {
      evidence.append(
        Evidence(
          name: "cut-off voltage", value: cutOff.voltage, unit: "V", note: cutOff.explanation))
    }
    let baseline = String(
      format: "%@ (%.3f Ah), end of life at %.0f %%", series.baselineText, series.baseline / 3600,
      limit * 100)
    if let end = series.endOfLifeCycle {
      evidence.append(
        Evidence(name: "first cycle below the limit", value: Double(end), unit: "cycle"))
      return finding(
        .endOfLife, .act, text: percent + ", below the limit since cycle \(end)",
        excess: (limit - health) / 0.2, confidence: 0.95,
        at: time(ofCycle: end), baseline: baseline, evidence: evidence)
    }
    let forecast = assessment.forecasts.map(\.remaining).min()
    let isNear = health < limit + 0.05
    let isSoon = forecast.map { $0 < 0.2 * last } ?? false
    guard isNear || isSoon, health < 0.95 else { return nil }
    if let forecast {
      evidence.append(
        Evidence(
          name: "remaining cycles, shortest forecast", value: forecast, unit: "cycle",
          note: "of \(assessment.forecasts.count) methods"))
    }
    return finding(
      .nearEndOfLife, .watch, text: percent, excess: 1 - (health - limit) / 0.15,
      confidence: isNear ? 0.9 : 0.7, baseline: baseline, evidence: evidence)
  }

  private func knee() -> Finding? {
    guard let knee = assessment.knee, let series = assessment.series else { return nil }
    let ratio = knee.slopeBefore < 0 ? knee.slopeAfter / knee.slopeBefore : .infinity
    let text =
      ratio < 100
      ? String(format: "%.1f times as steep after cycle %.0f", ratio, knee.cycle)
      : String(format: "capacity falls since cycle %.0f and did not before", knee.cycle)
    // Steeper is urgent only once capacity has gone that way, not when a slope of little begins.
    let lost = -knee.slopeAfter * ((series.cycle.last ?? knee.cycle) - knee.cycle)
    let isUrgent = ratio > 3 && lost > 0.03 * series.baseline
    return finding(
      .acceleratingFade, isUrgent ? .act : .watch, text: text,
      excess: min(1, ratio / 6), confidence: 0.85, at: time(ofCycle: Int(knee.cycle)),
      baseline: "the cell's own fade before the knee, over \(series.cycle.count) cycles",
      evidence: [
        Evidence(
          name: "fade after the knee", value: -knee.slopeAfter * 1000 / 3600, unit: "mAh/cycle",
          reference: -knee.slopeBefore * 1000 / 3600, note: "fade before the knee"),
        Evidence(
          name: "cycle of the knee", value: knee.cycle, unit: "cycle",
          note: String(
            format: "95 %% interval %.0f to %.0f", knee.interval.lowerBound,
            knee.interval.upperBound)),
      ])
  }

  private func efficiency() -> Finding? {
    let values = assessment.cycles.filter { $0.group == 0 }.compactMap(\.coulombicEfficiency)
    guard values.count >= 5 else { return nil }
    let last = RobustStatistics.median(Array(values.suffix(10)))
    let all = values.sorted()
    // Efficiencies above one show how far the instrument can be trusted.
    let bias = max(0, RobustStatistics.quantileOfSorted(all, 0.9) - 1)
    guard last < CellLimits.coulombicEfficiency - bias else { return nil }
    return finding(
      .lowCoulombicEfficiency, .watch,
      text: String(format: "%.2f %% over the last cycles", last * 100), excess: (0.98 - last) / 0.1,
      confidence: bias > 0.005 ? 0.4 : 0.7,
      baseline: "more than 99 % of a healthy lithium-ion cell, less 1 % for the instrument",
      evidence: [
        Evidence(
          name: "coulombic efficiency, median of the last ten", value: last * 100, unit: "%",
          reference: CellLimits.coulombicEfficiency * 100, note: "\(values.count) cycles"),
        Evidence(
          name: "coulombic efficiency, median of all",
          value: RobustStatistics.medianOfSorted(all) * 100, unit: "%"),
      ])
  }

  private func warming() -> Finding? {
    let rises = assessment.cycles.filter { $0.group == 0 }.compactMap(\.temperatureRise)
    guard rises.count >= 15 else { return nil }
    let first = RobustStatistics.median(Array(rises.prefix(10)))
    let last = RobustStatistics.median(Array(rises.suffix(10)))
    guard first > 1, last > 1.3 * first, last - first > 2 else { return nil }
    return finding(
      .warming, .watch,
      text: String(format: "%.1f K a discharge instead of %.1f K", last, first),
      excess: (last / first - 1.3) / 1, confidence: 0.8,
      baseline: "the cell's own first ten comparable discharges",
      evidence: [
        Evidence(
          name: "temperature rise, median of the last ten", value: last, unit: "K",
          reference: first, note: "median of the first ten of \(rises.count)")
      ])
  }

  private func statedCapacity() -> Finding? {
    let pairs = assessment.cycles.compactMap { cycle in
      cycle.statedCapacity.flatMap { stated in
        cycle.capacity.map { (stated: stated, own: $0) }
      }
    }
    guard pairs.count >= 3, assessment.cutOff?.source != .stated else { return nil }
    let errors = pairs.map { abs($0.own / $0.stated - 1) }
    let error = RobustStatistics.median(errors)
    guard error > 0.01 else { return nil }
    return finding(
      .statedCapacity, .note, text: String(format: "%.1f %% apart", error * 100),
      excess: error / 0.1, confidence: 0.9,
      baseline: "the capacities stated in the file for \(pairs.count) discharges",
      evidence: [
        Evidence(
          name: "median deviation of integrated from stated capacity", value: error * 100,
          unit: "%", reference: 1, note: "tolerance")
      ])
  }

  private func counter() -> Finding? {
    let ratios = assessment.cycles.compactMap { cycle in
      cycle.counterCharge.flatMap { counter in
        cycle.dischargedCharge.map { $0 / counter }
      }
    }
    guard let ratio = ratios.isEmpty ? nil : RobustStatistics.median(ratios),
      abs(ratio - 1) > 0.03
    else { return nil }
    return finding(
      .counterDisagrees, abs(log10(ratio)) > 0.5 ? .watch : .note,
      text: String(format: "integral is %.4g times the counter", ratio),
      excess: abs(log10(ratio)), confidence: 0.9,
      baseline: "the source's own charge counter over \(ratios.count) discharges",
      evidence: [
        Evidence(
          name: "integrated charge / counter", value: ratio, unit: "", reference: 1,
          note: "median of \(ratios.count) discharges")
      ])
  }

  private func unusable() -> Finding? {
    let cleaning = assessment.cleaning
    let judged: Set<QuantityKey> = [
      .voltage, .current, .cellTemperature, .impedanceReal, .impedanceImaginary,
    ]
    let counts = cleaning.counts.filter {
      $0.rule.setsAside && $0.quantity.map(judged.contains) ?? false
    }
    // Shares of the worst of them: a dead thermocouple is not thinned by a good voltage.
    guard let worst = counts.map(\.count).max(), cleaning.rows > 0 else { return nil }
    let share = Double(worst) / Double(cleaning.rows)
    guard share > 0.01 else { return nil }
    return finding(
      .unusableSamples, share > 0.2 ? .watch : .note,
      text: String(format: "%.1f %% set aside", share * 100), excess: share, confidence: 1,
      baseline: "the \(cleaning.rows) rows of the source",
      evidence: [
        Evidence(
          name: "samples set aside", value: share * 100, unit: "%", reference: 1,
          note: counts.prefix(3).map {
            "\($0.quantity?.rawValue ?? "") \($0.rule.rawValue): \($0.count)"
          }.joined(separator: ", "))
      ])
  }
}
