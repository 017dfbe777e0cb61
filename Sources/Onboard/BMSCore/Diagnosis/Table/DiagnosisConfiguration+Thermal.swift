// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rows of temperature, cooling and thermal events.

extension DiagnosisConfiguration {
  mutating func fillThermal(_ limits: SafetyLimits<Real>) {
    let debounce: PerLevel<UInt32> = PerLevel(1000, 1000, 1000)
    set(
      DiagnosisRow(
        .chargeOverTemperature, limit: limits.chargeTemperatureUpper.levels, hysteresis: 3,
        debounceMilliseconds: debounce, clear: .requestOff, enable: .charging,
        reaction: PerLevel(
          .record | .cool, .record | .warn | .derateCharge | .cool | .heaterOff,
          .record | .warn | .stopCharge | .cool | .heaterOff | .open),
        detectMilliseconds: 3000, reactMilliseconds: 2000, driveGraceMilliseconds: 10_000))
    set(
      DiagnosisRow(
        .dischargeOverTemperature, limit: limits.dischargeTemperatureUpper.levels, hysteresis: 3,
        debounceMilliseconds: debounce, clear: .requestOff, enable: .notCharging,
        reaction: PerLevel(
          .record | .cool, .record | .warn | .derateDischarge | .cool | .heaterOff,
          .record | .warn | .stopCharge | .stopDischarge | .cool | .heaterOff | .open),
        detectMilliseconds: 3000, reactMilliseconds: 2000, driveGraceMilliseconds: 30_000))
    set(
      DiagnosisRow(
        .chargeUnderTemperature, .lower, limit: limits.chargeTemperatureLower.levels, hysteresis: 2,
        debounceMilliseconds: debounce, enable: .charging,
        reaction: PerLevel(
          .record, .record | .warn | .derateCharge, .record | .warn | .stopCharge),
        detectMilliseconds: 3000, reactMilliseconds: 2000))
    set(
      DiagnosisRow(
        .dischargeUnderTemperature, .lower, limit: limits.dischargeTemperatureLower.levels,
        hysteresis: 2,
        debounceMilliseconds: debounce, enable: .notCharging,
        reaction: PerLevel(
          .record, .record | .warn | .derateDischarge, .record | .warn | .stopDischarge),
        detectMilliseconds: 3000, reactMilliseconds: 2000))
    set(
      DiagnosisRow(
        .temperatureRise, limit: limits.warmingRate.levels,
        hysteresis: 0.2 * limits.warmingRate.operating,
        debounceMilliseconds: PerLevel(3000, 3000, 3000), clear: .requestOff,
        reaction: PerLevel(
          .record | .cool, .record | .warn | .derateCharge | .derateDischarge | .cool | .heaterOff,
          .record | .warn | .stopCharge | .cool | .heaterOff | .open),
        detectMilliseconds: 30_000, reactMilliseconds: 2000, driveGraceMilliseconds: 30_000))
    set(
      DiagnosisRow(
        .temperatureSpread, limit: limits.temperatureSpread.levels, hysteresis: 1,
        debounceMilliseconds: PerLevel(5000, 5000, 5000), clear: .requestOff,
        reaction: PerLevel(
          .record | .cool, .record | .warn | .derateCharge | .derateDischarge | .cool,
          .record | .warn | .stopCharge | .cool | .heaterOff | .openAtStandstill),
        detectMilliseconds: 10_000, reactMilliseconds: 2000))
    set(
      DiagnosisRow(
        .coolingFailure, limit: PerLevel(3, 6, 12), hysteresis: 1,
        debounceMilliseconds: PerLevel(30_000, 30_000, 30_000),
        reaction: PerLevel(
          .record, .record | .warn | .derateCharge | .derateDischarge,
          .record | .warn | .stopCharge | .derateDischarge),
        detectMilliseconds: 60_000, reactMilliseconds: 2000))
    set(
      DiagnosisRow(
        .stuckActuator, limit: PerLevel(0.4, 0.6, .nan), hysteresis: 0.2,
        debounceMilliseconds: PerLevel(0, 0, 0), clear: .requestOff,
        reaction: PerLevel(.record, .record | .warn | .heaterOff | .derateCharge, Reaction()),
        detectMilliseconds: 1_200_000, reactMilliseconds: 2000))
    // Two of the criteria of GB 38031-2025, annex C, for 3 s; gas, pressure, sound as further votes.
    set(
      DiagnosisRow(
        .thermalEvent, limit: PerLevel(0.5, 1.5, 1.5), hysteresis: 0,
        debounceMilliseconds: PerLevel(1000, 1000, 3000), clear: .service,
        reaction: PerLevel(
          .record | .cool, .record | .warn | .stopCharge | .derateDischarge | .cool | .heaterOff,
          .record | .warn | .stopCharge | .stopDischarge | .cool | .heaterOff | .balancingOff
            | .isolate | .open | .blockClosing),
        detectMilliseconds: 5000, reactMilliseconds: 2000, driveGraceMilliseconds: 30_000))
  }
}
