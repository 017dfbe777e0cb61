// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rows of sensors, front ends and links.

extension DiagnosisConfiguration {
  mutating func fillMeasuring(cells: Real) {
    let countReaction: PerLevel<Reaction> = PerLevel(
      .record, .record | .warn | .derateCharge | .derateDischarge | .balancingOff,
      .record | .warn | .stopCharge | .balancingOff | .openAtStandstill)
    // A count of channels: one is enough for each level, the levels differ in time.
    func setCount(_ fault: FaultClass) {
      set(
        DiagnosisRow(
          fault, limit: PerLevel(0.5, 0.5, 0.5), debounceMilliseconds: PerLevel(500, 2000, 60_000),
          clear: .requestOff, reaction: countReaction, detectMilliseconds: 70_000,
          reactMilliseconds: 2000))
    }
    setCount(.openWire)
    setCount(.sensorOutOfRange)
    setCount(.sensorFrozen)
    setCount(.redundantDisagreement)
    setCount(.channelSwapped)
    set(
      DiagnosisRow(
        .sensorStuck, limit: PerLevel(0.03, 0.06, .nan), hysteresis: 0.01,
        debounceMilliseconds: PerLevel(2000, 2000, 0),
        reaction: PerLevel(
          .record, .record | .warn | .derateCharge | .derateDischarge | .balancingOff, Reaction()),
        detectMilliseconds: 10_000, reactMilliseconds: 2000))
    set(
      DiagnosisRow(
        .currentOffset, limit: PerLevel(0.005, 0.02, .nan), hysteresis: 0.002,
        debounceMilliseconds: PerLevel(5000, 5000, 0), enable: .disconnected,
        reaction: PerLevel(.record, .record | .warn, Reaction()), detectMilliseconds: 10_000,
        reactMilliseconds: 2000))
    // 3 V on a string of about a hundred cells: default of foxBMS 2.
    let sum: Real = max(0.3, 0.03 * cells)
    set(
      DiagnosisRow(
        .sumDisagreement, limit: PerLevel(0.5 * sum, sum, 3 * sum), hysteresis: 0.2 * sum,
        debounceMilliseconds: PerLevel(1000, 2000, 10_000), clear: .requestOff,
        reaction: PerLevel(
          .record, .record | .warn | .derateCharge,
          .record | .warn | .stopCharge | .openAtStandstill),
        detectMilliseconds: 12_000, reactMilliseconds: 2000))
    set(
      DiagnosisRow(
        .communicationLoss, limit: PerLevel(0.5, 0.5, 0.5),
        debounceMilliseconds: PerLevel(20, 100, 1000), clear: .requestOff,
        reaction: PerLevel(
          .record, .record | .warn | .derateCharge | .derateDischarge | .balancingOff,
          .record | .warn | .stopCharge | .balancingOff | .open),
        detectMilliseconds: 2000, reactMilliseconds: 1000, driveGraceMilliseconds: 10_000))
    set(
      DiagnosisRow(
        .vehicleBusLoss, limit: PerLevel(0.5, 0.5, 0.5),
        debounceMilliseconds: PerLevel(200, 1000, 5000),
        reaction: PerLevel(
          .record, .record | .warn | .stopCharge | .derateDischarge,
          .record | .warn | .stopCharge | .open),
        detectMilliseconds: 6000, reactMilliseconds: 2000, driveGraceMilliseconds: 10_000))
    set(
      DiagnosisRow(
        .frontEndChecksum, limit: PerLevel(0.5, 0.5, 0.5), countsCycles: true,
        debounceMilliseconds: PerLevel(1, 5, 50), clear: .requestOff,
        reaction: PerLevel(
          .record, .record | .warn | .derateCharge | .derateDischarge,
          .record | .warn | .stopCharge | .open),
        detectMilliseconds: 6000, reactMilliseconds: 1000, driveGraceMilliseconds: 10_000))
    set(
      DiagnosisRow(
        .untrustedInput, limit: PerLevel(0, 0.1, 0.34),
        debounceMilliseconds: PerLevel(500, 1000, 2000), clear: .requestOff,
        reaction: PerLevel(
          .record, .record | .warn | .derateCharge | .derateDischarge | .balancingOff,
          .record | .warn | .stopCharge | .stopDischarge | .balancingOff | .open),
        detectMilliseconds: 3000, reactMilliseconds: 1000, driveGraceMilliseconds: 10_000))
  }
}
