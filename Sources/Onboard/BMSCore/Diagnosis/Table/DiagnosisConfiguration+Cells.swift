// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rows of faults inside cells and at their connections.

extension DiagnosisConfiguration {
  mutating func fillCells() {
    set(
      DiagnosisRow(
        .internalShort, .lower, limit: PerLevel(500, 100, 10), hysteresis: 5,
        debounceMilliseconds: PerLevel(10_000, 10_000, 5000), clear: .service,
        enable: .converged,
        reaction: PerLevel(
          .record, .record | .warn | .stopCharge | .derateDischarge,
          .record | .warn | .stopCharge | .cool | .isolate | .openAtStandstill),
        detectMilliseconds: 15_000, reactMilliseconds: 2000))
    // 40 mV separate every indentation test of ORNL and SNL with an effect from those without.
    set(
      DiagnosisRow(
        .suddenDrop, limit: PerLevel(0.02, 0.04, 0.4), hysteresis: 0.01,
        debounceMilliseconds: PerLevel(1000, 1000, 1000), clear: .service,
        reaction: PerLevel(
          .record, .record | .warn,
          .record | .warn | .stopCharge | .cool | .isolate | .openAtStandstill),
        detectMilliseconds: 3000, reactMilliseconds: 2000))
    // Volts a day against the siblings.
    set(
      DiagnosisRow(
        .selfDischarge, limit: PerLevel(0.01, 0.03, 0.3), hysteresis: 0.005,
        debounceMilliseconds: PerLevel(2000, 2000, 2000), clear: .service,
        reaction: PerLevel(
          .record, .record | .warn | .derateCharge,
          .record | .warn | .stopCharge | .openAtStandstill),
        detectMilliseconds: 10_000, reactMilliseconds: 2000))
    // Share of the capacity a day.
    set(
      DiagnosisRow(
        .balancingSurplus, limit: PerLevel(0.001, 0.005, .nan), hysteresis: 0.0005,
        debounceMilliseconds: PerLevel(2000, 2000, 0), clear: .service,
        reaction: PerLevel(.record, .record | .warn | .derateCharge, Reaction()),
        detectMilliseconds: 10_000, reactMilliseconds: 2000))
    set(
      DiagnosisRow(
        .restDrift, limit: PerLevel(0.002, 0.005, 0.05), hysteresis: 0.001,
        debounceMilliseconds: PerLevel(2000, 2000, 2000), clear: .service, enable: .converged,
        reaction: PerLevel(
          .record, .record | .warn | .derateCharge,
          .record | .warn | .stopCharge | .openAtStandstill),
        detectMilliseconds: 10_000, reactMilliseconds: 2000))
    // Resistance over the mean of the siblings.
    set(
      DiagnosisRow(
        .looseConnection, limit: PerLevel(1.5, 2, 4), hysteresis: 0.2,
        debounceMilliseconds: PerLevel(5000, 5000, 5000), clear: .service,
        reaction: PerLevel(
          .record, .record | .warn | .derateCharge | .derateDischarge,
          .record | .warn | .stopCharge | .derateDischarge | .openAtStandstill),
        detectMilliseconds: 10_000, reactMilliseconds: 2000))
    set(
      DiagnosisRow(
        .lithiumPlating, limit: PerLevel(0.3, 0.6, .nan), hysteresis: 0.1,
        debounceMilliseconds: PerLevel(1000, 1000, 0), clearMilliseconds: 60_000,
        clear: .requestOff,
        reaction: PerLevel(.record, .record | .warn | .derateCharge, Reaction()),
        detectMilliseconds: 5000, reactMilliseconds: 2000))
  }

  mutating func fillSystem() {
    set(
      DiagnosisRow(
        .stateOfChargeJump, limit: PerLevel(0.02, 0.1, .nan), hysteresis: 0.01,
        debounceMilliseconds: PerLevel(0, 0, 0),
        reaction: PerLevel(.record, .record | .warn, Reaction()), detectMilliseconds: 1000,
        reactMilliseconds: 2000))
    set(
      DiagnosisRow(
        .clockJump, limit: PerLevel(0.5, 0.5, 0.5), countsCycles: true,
        debounceMilliseconds: PerLevel(1, 5, 100), clear: .requestOff,
        reaction: PerLevel(.record, .record | .warn, .record | .warn | .stopCharge | .open),
        detectMilliseconds: 2000, reactMilliseconds: 2000, driveGraceMilliseconds: 10_000))
    set(
      DiagnosisRow(
        .storageCorruption, limit: PerLevel(0.5, 0.5, .nan),
        debounceMilliseconds: PerLevel(0, 0, 0),
        reaction: PerLevel(
          .record, .record | .warn | .derateCharge | .derateDischarge, Reaction()),
        detectMilliseconds: 1000, reactMilliseconds: 2000))
    // Milliseconds since the estimator last ran.
    set(
      DiagnosisRow(
        .estimatorDead, limit: PerLevel(500, 3000, 30_000), hysteresis: 100,
        debounceMilliseconds: PerLevel(0, 0, 0), clear: .requestOff,
        reaction: PerLevel(
          .record, .record | .warn | .derateCharge | .derateDischarge,
          .record | .warn | .stopCharge | .openAtStandstill),
        detectMilliseconds: 35_000, reactMilliseconds: 2000))
  }
}
