// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// From charges and discharges to cycles, and to groups that may be compared.

import NumericalMethods

/// Builds cycles from half-cycles, and groups of cycles that may be compared.
enum CycleBuilder {
  /// Pairs each discharge with the charge since the discharge before it.
  static func cycles(
    _ halves: [HalfCycle], cutOff: CutOff?, thresholds: [Double], pulses: [PulseResistance],
    pulseTimes: [Double]
  ) -> [CycleRecord] {
    let threshold = cutOff.flatMap { limit in
      thresholds.firstIndex { abs($0 - limit.voltage) < 1e-9 }
    }
    let largest = halves.filter(\.isDischarge).map(\.charge).max() ?? 0
    var records: [CycleRecord] = []
    var charge = 0.0
    var energy = 0.0
    var held = 0.0
    var nextPulse = 0
    for half in halves {
      guard half.isDischarge else {
        charge += half.charge
        energy += half.energy
        held += half.heldCharge
        continue
      }
      // Conditioning steps far below the usual depth belong to the cycle around them.
      guard half.charge >= 0.05 * largest else {
        charge -= half.charge
        energy -= half.energy
        continue
      }
      var record = CycleRecord(number: records.count + 1)
      record.sourceCycle = half.sourceCycle
      record.start = half.start
      record.dischargedCharge = half.charge
      record.dischargedEnergy = half.energy
      if let threshold, threshold < half.thresholdCharge.count {
        record.capacity = half.thresholdCharge[threshold]
        record.energy = half.thresholdEnergy[threshold]
      }
      if charge > 0 {
        record.chargedCharge = charge
        record.chargedEnergy = energy
        record.constantVoltageShare = held / charge
      }
      record.meanCurrent = half.meanCurrent
      record.minimumVoltage = half.minimumVoltage
      record.startTemperature = half.startTemperature
      record.meanTemperature = half.meanTemperature
      record.maximumTemperature = half.maximumTemperature
      record.statedCapacity = half.statedCapacity
      record.counterCharge = half.counterCharge
      record.incrementalCapacityPeaks = half.incrementalCapacityPeaks
      while nextPulse < pulses.count, pulses[nextPulse].time < half.start - 1e-6 { nextPulse += 1 }
      if nextPulse < pulses.count, pulses[nextPulse].time <= half.end,
        let onset = onsetResistance(pulses[nextPulse], times: pulseTimes)
      {
        record.resistance = onset.resistance
        record.resistanceTime = onset.time
      }
      records.append(record)
      (charge, energy, held) = (0, 0, 0)
    }
    return records
  }

  /// The resistance at the longest stated time that the onset of a discharge reached.
  private static func onsetResistance(
    _ pulse: PulseResistance, times: [Double]
  ) -> (resistance: Double, time: Double)? {
    guard pulse.fromRest, pulse.currentStep > 0 else { return nil }
    for (value, time) in zip(pulse.resistances, times).reversed() where value > 0 {
      return (value, time)
    }
    return nil
  }

  /// Numbers the groups of cycles under like current and temperature, the largest group 0.
  ///
  /// Capacity depends on current and temperature; only cycles within 10 % of current and 8 K of
  /// mean temperature of their group's first cycle are compared with each other.
  static func assignGroups(_ records: inout [CycleRecord]) {
    var leaders: [(current: Double, temperature: Double?, members: [Int])] = []
    for index in records.indices where records[index].capacity != nil {
      let current = records[index].meanCurrent ?? 0
      let temperature = records[index].meanTemperature
      let match = leaders.firstIndex { leader in
        let sameCurrent = abs(current - leader.current) <= 0.1 * max(leader.current, 1e-12)
        guard let temperature, let other = leader.temperature else { return sameCurrent }
        return sameCurrent && abs(temperature - other) <= 8
      }
      if let match {
        leaders[match].members.append(index)
      } else {
        leaders.append((current, temperature, [index]))
      }
    }
    for (group, leader) in leaders.sorted(by: { $0.members.count > $1.members.count }).enumerated()
    {
      for index in leader.members { records[index].group = group }
    }
  }
}
