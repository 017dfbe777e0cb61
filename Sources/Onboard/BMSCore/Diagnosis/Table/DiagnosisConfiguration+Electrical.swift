// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rows of voltage and current.

extension DiagnosisConfiguration {
  mutating func fillElectrical(cells: Real, _ limits: SafetyLimits<Real>) {
    // FTTI 4 s = detect 3.5 s + react 0.5 s: published example for cell over-voltage, ASIL C.
    let upper = limits.cellVoltageUpper.levels
    let lower = limits.cellVoltageLower.levels
    let stopCharge: PerLevel<Reaction> = PerLevel(
      .record, .record | .warn | .stopCharge, .record | .warn | .stopCharge | .open)
    let stopDischarge: PerLevel<Reaction> = PerLevel(
      .record, .record | .warn | .stopDischarge, .record | .warn | .stopDischarge | .open)
    set(
      DiagnosisRow(
        .cellOverVoltage, limit: upper, hysteresis: 0.05,
        debounceMilliseconds: PerLevel(500, 500, 500), clear: .requestOff, reaction: stopCharge,
        detectMilliseconds: 3500, reactMilliseconds: 500))
    set(
      DiagnosisRow(
        .cellUnderVoltage, .lower, limit: lower, hysteresis: 0.1,
        debounceMilliseconds: PerLevel(500, 500, 1000), clear: .requestOff,
        enable: .notCharging, reaction: stopDischarge, detectMilliseconds: 3500,
        reactMilliseconds: 500, driveGraceMilliseconds: 4000))
    set(
      DiagnosisRow(
        .packOverVoltage, limit: upper.map { $0 * cells }, hysteresis: 0.05 * cells,
        debounceMilliseconds: PerLevel(500, 500, 500), clear: .requestOff, reaction: stopCharge,
        detectMilliseconds: 3500, reactMilliseconds: 500))
    set(
      DiagnosisRow(
        .packUnderVoltage, .lower, limit: lower.map { $0 * cells }, hysteresis: 0.1 * cells,
        debounceMilliseconds: PerLevel(500, 500, 1000), clear: .requestOff,
        enable: .notCharging, reaction: stopDischarge, detectMilliseconds: 3500,
        reactMilliseconds: 500, driveGraceMilliseconds: 4000))
    set(
      DiagnosisRow(
        .chargeOverCurrent, limit: limits.chargeCurrent.levels,
        hysteresis: 0.02 * limits.chargeCurrent.operating,
        debounceMilliseconds: PerLevel(500, 500, 300), clear: .requestOff,
        reaction: PerLevel(
          .record, .record | .warn | .derateCharge, .record | .warn | .stopCharge | .open),
        detectMilliseconds: 1000, reactMilliseconds: 500))
    set(
      DiagnosisRow(
        .dischargeOverCurrent, limit: limits.dischargeCurrent.levels,
        hysteresis: 0.02 * limits.dischargeCurrent.operating,
        debounceMilliseconds: PerLevel(500, 500, 300), clear: .requestOff,
        reaction: PerLevel(
          .record, .record | .warn | .derateDischarge, .record | .warn | .stopDischarge | .open),
        detectMilliseconds: 1000, reactMilliseconds: 500, driveGraceMilliseconds: 2000))
    set(
      DiagnosisRow(
        .currentLimitIgnored, limit: PerLevel(0.05, 0.1, 0.3), hysteresis: 0.02,
        debounceMilliseconds: PerLevel(5000, 5000, 10_000), clear: .requestOff,
        enable: .connected,
        reaction: PerLevel(
          .record, .record | .warn, .record | .warn | .stopCharge | .stopDischarge | .open),
        detectMilliseconds: 15_000, reactMilliseconds: 1000, driveGraceMilliseconds: 10_000))
    set(
      DiagnosisRow(
        .externalShort, limit: PerLevel(.nan, .nan, 1), hysteresis: 0.5,
        debounceMilliseconds: PerLevel(0, 0, 0), clear: .service,
        reaction: PerLevel(Reaction(), Reaction(), .record | .warn | .disconnect | .blockClosing),
        detectMilliseconds: 5, reactMilliseconds: 50))
    // A sign of trouble, not itself a hazard: the cells at both ends have rows of their own, and a
    // pack with one empty cell must stay chargeable.
    set(
      DiagnosisRow(
        .voltageSpread, limit: limits.voltageSpread.levels,
        hysteresis: 0.2 * limits.voltageSpread.operating,
        debounceMilliseconds: PerLevel(2000, 2000, 5000), clear: .requestOff,
        reaction: PerLevel(
          .record, .record | .warn | .derateCharge | .derateDischarge,
          .record | .warn | .derateCharge | .derateDischarge),
        detectMilliseconds: 10_000, reactMilliseconds: 2000))
  }
}

extension PerLevel where Element: CoreReal {
  /// The three values, each changed alike.
  func map(_ change: (Element) -> Element) -> PerLevel {
    PerLevel(change(operating), change(recommended), change(safety))
  }
}
