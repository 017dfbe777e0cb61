// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rows of contactors, precharge, insulation, interlock and fuse.

extension DiagnosisConfiguration {
  mutating func fillSwitching(_ limits: SafetyLimits<Real>) {
    // 500 and 100 Ω/V: ISO 6469-3 and GB 18384 for circuits with and without alternating current.
    set(
      DiagnosisRow(
        .insulation, .lower, limit: limits.insulationPerVolt.levels,
        hysteresis: 0.2 * limits.insulationPerVolt.safety,
        debounceMilliseconds: PerLevel(5000, 5000, 5000), clear: .requestOff,
        reaction: PerLevel(
          .record, .record | .warn | .blockClosing,
          .record | .warn | .stopCharge | .blockClosing | .openAtStandstill),
        detectMilliseconds: 10_000, reactMilliseconds: 2000))
    set(
      DiagnosisRow(
        .interlock, limit: PerLevel(.nan, 0.5, 0.5), debounceMilliseconds: PerLevel(0, 50, 200),
        clear: .requestOff,
        reaction: PerLevel(
          Reaction(), .record | .warn | .stopCharge | .blockClosing,
          .record | .warn | .stopCharge | .stopDischarge | .blockClosing | .open),
        detectMilliseconds: 500, reactMilliseconds: 1000, driveGraceMilliseconds: 5000))
    set(
      DiagnosisRow(
        .contactorWeld, limit: PerLevel(.nan, .nan, 0.5), debounceMilliseconds: PerLevel(0, 0, 0),
        clear: .service,
        reaction: PerLevel(Reaction(), Reaction(), .record | .warn | .blockClosing | .stopCharge),
        detectMilliseconds: 1000, reactMilliseconds: 500))
    set(
      DiagnosisRow(
        .contactorNoClose, limit: PerLevel(.nan, .nan, 0.5),
        debounceMilliseconds: PerLevel(0, 0, 0), clear: .requestOff,
        reaction: PerLevel(Reaction(), Reaction(), .record | .warn | .stopCharge | .open),
        detectMilliseconds: 1000, reactMilliseconds: 1000))
    set(
      DiagnosisRow(
        .fuseBlown, limit: PerLevel(.nan, .nan, 0.5), debounceMilliseconds: PerLevel(0, 0, 100),
        clear: .service,
        reaction: PerLevel(
          Reaction(), Reaction(), .record | .warn | .stopCharge | .blockClosing | .open),
        detectMilliseconds: 500, reactMilliseconds: 1000))
    func setPrecharge(_ fault: FaultClass) {
      set(
        DiagnosisRow(
          fault, limit: PerLevel(.nan, .nan, 0.5), debounceMilliseconds: PerLevel(0, 0, 0),
          clear: .requestOff, reaction: PerLevel(Reaction(), Reaction(), .record | .warn | .open),
          detectMilliseconds: 1000, reactMilliseconds: 500))
    }
    setPrecharge(.prechargeVoltage)
    setPrecharge(.prechargeCurrent)
  }
}
