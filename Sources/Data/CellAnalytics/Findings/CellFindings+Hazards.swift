// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Findings about resistance, temperature, voltage and rest.

import BatteryDomain
import Foundation
import NumericalMethods

extension CellFindings {
  /// A cell that gives back at a higher voltage than it took in: that would make energy.
  func reversedCurrent() -> Finding? {
    let ratios = assessment.cycles.compactMap { cycle -> Double? in
      guard let out = cycle.dischargedCharge, let into = cycle.chargedCharge,
        let given = cycle.dischargedEnergy, let taken = cycle.chargedEnergy,
        out > 0, taken > 0, into > 0.8 * out, into < 1.25 * out
      else { return nil }
      return given / out * into / taken
    }
    guard ratios.count >= 3 else { return nil }
    let ratio = RobustStatistics.median(ratios)
    // Half a percent beyond what is possible leaves room for the accuracy of the instrument.
    guard ratio > 1.005 else { return nil }
    return finding(
      .reversedCurrent, .watch,
      text: String(format: "it would give back %.1f %% of the voltage it took", ratio * 100),
      excess: 1, confidence: 0.95,
      baseline: "the mean voltage of charge, which no cell exceeds in discharge",
      evidence: [
        Evidence(
          name: "mean voltage of discharge over that of charge, median", value: ratio * 100,
          unit: "%", reference: 100, note: "\(ratios.count) cycles of balanced charge")
      ])
  }

  /// Growth of resistance from current steps, and of the ohmic resistance from impedance.
  func resistance() -> [Finding] {
    var found: [Finding] = []
    // Only resistances at one and the same time after the step may be compared.
    var byTime: [Double: [Double]] = [:]
    for cycle in assessment.cycles
    where cycle.group == 0 || (cycle.meanCurrent == nil && cycle.group != nil) {
      if let resistance = cycle.resistance {
        byTime[cycle.resistanceTime ?? 0, default: []].append(resistance)
      }
    }
    if let (time, values) = byTime.max(by: { $0.value.count < $1.value.count }) {
      let text =
        time > 0
        ? String(format: "resistance at the onset of the discharge, %.0f s after it", time)
        : "internal resistance as the source states it"
      if let growth = growth(values, name: text) { found.append(growth) }
    }
    let ohmic = assessment.impedance.compactMap { $0.crossesAxis ? $0.ohmicResistance : nil }
    if let growth = growth(ohmic, name: "ohmic resistance of the impedance spectra") {
      found.append(growth)
    }
    return found
  }

  private func growth(_ values: [Double], name: String) -> Finding? {
    guard values.count >= 15 else { return nil }
    let first = RobustStatistics.median(Array(values.prefix(10)))
    let last = RobustStatistics.median(Array(values.suffix(10)))
    guard first > 0 else { return nil }
    let spread = RobustStatistics.scaledMAD(
      zip(values.dropFirst(), values).map { $0 - $1 }, about: 0)
    let ratio = last / first
    guard ratio > CellLimits.resistanceWatch, last - first > 2 * spread else { return nil }
    return finding(
      .resistanceGrowth, ratio >= CellLimits.resistanceEnd ? .act : .watch,
      text: String(format: "%.2f times its first value", ratio), excess: (ratio - 1.3) / 1.7,
      confidence: 0.85, baseline: "the cell's own first ten values; \(name)",
      evidence: [
        Evidence(
          name: name + ", median of the last ten", value: last * 1000, unit: "mΩ",
          reference: first * 1000, note: "median of the first ten of \(values.count)"),
        Evidence(
          name: "growth", value: ratio, unit: "", reference: CellLimits.resistanceEnd,
          note: "a doubling ends life"),
      ])
  }

  /// Temperature over the limit of data sheets, or where interphases decompose.
  func temperature() -> [Finding] {
    guard let highest = assessment.maximumTemperature,
      highest > CellLimits.highestTemperature
    else { return [] }
    let celsius = { (kelvin: Double) in kelvin - 273.15 }
    let isDecomposing = highest >= CellLimits.decompositionTemperature
    let limit =
      isDecomposing ? CellLimits.decompositionTemperature : CellLimits.highestTemperature
    let hot = assessment.cycles.first {
      ($0.maximumTemperature ?? 0) > CellLimits.highestTemperature
    }
    let count = assessment.cycles.filter {
      ($0.maximumTemperature ?? 0) > CellLimits.highestTemperature
    }.count
    return [
      finding(
        .temperatureLimit, isDecomposing ? .stop : .act,
        text: String(format: "%.1f °C", celsius(highest)), excess: (highest - limit) / 40,
        confidence: 0.9, at: hot?.start ?? nil,
        baseline: isDecomposing
          ? "onset of interphase decomposition, about 80 °C"
          : "60 °C, the highest surface temperature most data sheets permit on discharge",
        evidence: [
          Evidence(
            name: "highest temperature", value: celsius(highest), unit: "°C",
            reference: celsius(limit), note: "in \(count) of \(assessment.cycles.count) discharges")
        ])
    ]
  }

  /// Voltages outside the window, stated or of the class of the cell.
  func voltage() -> [Finding] {
    guard let highest = assessment.maximumVoltage, let lowest = assessment.minimumVoltage else {
      return []
    }
    let window: ClosedRange<Double>
    let source: String
    if let stated = settings.voltageWindow {
      window = stated
      source = "the stated voltage window"
    } else if let match = VoltageClass.known.first(where: {
      $0.charged.contains(assessment.usualChargedVoltage ?? highest)
    }) {
      window = match.window
      source = "usual window of the \(match.name), taken from the voltage that charges end at"
    } else {
      window = 1...4.5
      source = "widest window of common lithium-ion cells; state the cell's own"
    }
    let text = String(format: "%@, %.2f to %.2f V", source, window.lowerBound, window.upperBound)
    var found: [Finding] = []
    if highest > window.upperBound + 0.01 {
      let excess = highest - window.upperBound
      found.append(
        finding(
          .overcharge, excess > 0.3 ? .stop : .act, text: String(format: "%.3f V", highest),
          excess: excess / 0.5, confidence: settings.voltageWindow == nil ? 0.6 : 0.9,
          baseline: text,
          evidence: [
            Evidence(
              name: "highest voltage", value: highest, unit: "V", reference: window.upperBound,
              note: "upper limit")
          ]))
    }
    if lowest < window.lowerBound - 0.01 {
      let isDeep = lowest < CellLimits.copperVoltage
      found.append(
        finding(
          .overdischarge, isDeep ? .act : .watch, text: String(format: "%.3f V", lowest),
          excess: (window.lowerBound - lowest) / 2,
          confidence: settings.voltageWindow == nil ? 0.6 : 0.9, baseline: text,
          evidence: [
            Evidence(
              name: "lowest voltage", value: lowest, unit: "V", reference: window.lowerBound,
              note: isDeep ? "below 1 V copper can dissolve" : "lower limit")
          ]))
    }
    return found
  }

  /// A voltage that keeps falling long after a load.
  func selfDischarge() -> [Finding] {
    // After a discharge the voltage rises while it settles; only falls after long rests count.
    let drifting = assessment.relaxations.filter { rest in
      guard rest.duration >= CellLimits.restDuration, let slope = rest.tailSlope,
        let error = rest.tailSlopeError
      else { return false }
      return slope < -CellLimits.restDrift && slope + 4 * error < -CellLimits.restDrift
    }
    let judged = assessment.relaxations.filter { $0.duration >= CellLimits.restDuration }
    guard let worst = drifting.min(by: { ($0.tailSlope ?? 0) < ($1.tailSlope ?? 0) }),
      let slope = worst.tailSlope
    else { return [] }
    let perDay = -slope * 86_400 * 1000
    // A settling time near the rest itself would explain a fall after a charge.
    let settles =
      worst.currentBefore < 0
      && (worst.timeConstant.map { $0 > 0.25 * worst.duration } ?? true)
    return [
      finding(
        .selfDischarge, perDay > 50 && !settles ? .act : .watch,
        text: String(format: "%.1f mV a day after %.0f h", perDay, worst.duration / 3600),
        excess: perDay / 200, confidence: settles ? 0.4 : 0.8, at: worst.start,
        baseline: "a healthy cell's settled voltage, which falls by less than 5 mV a day",
        evidence: [
          Evidence(
            name: "fall of the voltage over the last half of the rest", value: perDay,
            unit: "mV/d", reference: 5,
            note: "\(drifting.count) of \(judged.count) rests longer than six hours"),
          Evidence(
            name: "standard error of the fall", value: (worst.tailSlopeError ?? 0) * 86_400_000,
            unit: "mV/d"),
        ])
    ]
  }
}
