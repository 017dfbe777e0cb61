// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Linear algebra, tolerances and events of a cell under abuse.

import NumericalMethods

/// Events that are located exactly.
enum AbuseEventIndex: Int, CaseIterable {
  case selfHeating, runaway, vent, interrupt, burst, separator, voltageLost, voltageLimit,
    temperatureLimit, selfHeatingOver
}

extension AbuseSystem: StiffSystem {
  var unknownCount: Int { zoneCount * blockSize + Self.sharedCount }
  var eventCount: Int { AbuseEventIndex.allCases.count }

  func fillMass(_ mass: UnsafeMutablePointer<Double>) {
    for n in 0..<unknownCount { mass[n] = 1 }
  }

  func fillAbsoluteTolerances(
    _ tolerances: UnsafeMutablePointer<Double>, relativeTolerance: Double
  ) {
    let r = relativeTolerance
    for zone in 0..<zoneCount {
      for i in 0..<blockSize - 1 { tolerances[zone * blockSize + i] = 1e-2 * r }
      tolerances[zone * blockSize + blockSize - 1] = r * share(zone) * cell.heatCapacity * 30
    }
    tolerances[place(.charge)] = r * 0.1
    tolerances[place(.gas)] = r * inertMoles
    tolerances[place(.trapped)] = r * inertMoles
    tolerances[place(.evaporated)] = r * 0.01 * cell.mass
    tolerances[place(.gasOut)] = r * 0.01 * cell.mass
    tolerances[place(.ejected)] = r * 0.1 * cell.mass
    for ledger in [Shared.joule, .heater, .loss, .carried] {
      tolerances[place(ledger)] = r * cell.heatCapacity * 1_000
    }
  }

  mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool { evaluateAll(time: time, state: state, into: rates) }

  mutating func linearize(
    time: Double, state: UnsafePointer<Double>, leading: Double,
    into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    guard evaluateAll(time: time, state: state, into: rates) else { return false }
    leadingUsed = leading
    let count = unknownCount
    let core = coreCount
    let y = trial.base
    let f = trialRates.base
    let matrix = factorization.matrix
    for n in 0..<count { y[n] = state[n] }
    for column in 0..<core {
      let kept = y[column]
      let step = 1e-7 * (abs(kept) + scale(column))
      y[column] = kept + step
      let used = y[column] - kept
      guard evaluateAll(time: time, state: y, into: f) else { return false }
      y[column] = kept
      let inverse = 1 / used
      for row in 0..<core {
        matrix[row * core + column] = -(f[row] - rates[row]) * inverse
      }
      for ledger in 0..<Self.ledgerCount {
        ledgerRows.base[ledger * core + column] =
          (f[core + ledger] - rates[core + ledger]) * inverse
      }
      matrix[column * core + column] += leading
    }
    return factorization.factor()
  }

  mutating func solve(_ rightSide: UnsafeMutablePointer<Double>) {
    let core = coreCount
    factorization.solve(rightSide)
    for ledger in 0..<Self.ledgerCount {
      var sum = rightSide[core + ledger]
      let row = ledgerRows.base + ledger * core
      for column in 0..<core { sum += row[column] * rightSide[column] }
      rightSide[core + ledger] = sum / leadingUsed
    }
  }

  /// A size of change of an unknown that matters, for differences.
  private func scale(_ place: Int) -> Double {
    if place < zoneCount * blockSize {
      return place % blockSize == blockSize - 1
        ? share(place / blockSize) * cell.heatCapacity * 30 : 0.01
    }
    switch Shared(rawValue: place - zoneCount * blockSize) {
    case .charge: return 0.1
    case .gas, .trapped: return inertMoles
    default: return 0.01 * cell.mass
    }
  }

  mutating func evaluateEvents(
    time: Double, state: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) {
    guard evaluateAll(time: time, state: state, into: trialRates.base) else {
      for n in 0..<eventCount { values[n] = 1 }
      return
    }
    let selfHeating = derived.reactionHeat / derived.heatCapacity
    for event in AbuseEventIndex.allCases {
      var value: Double
      switch event {
      case .selfHeating: value = detectionRate - selfHeating
      case .runaway: value = runawayRate - selfHeating
      case .vent:
        value = conditions.ambientPressure + cell.casing.ventPressure - derived.pressure
      case .interrupt:
        value =
          conditions.ambientPressure + (cell.casing.interruptPressure ?? .infinity)
          - derived.pressure
      case .burst:
        value = conditions.ambientPressure + cell.casing.burstPressure - derived.pressure
      case .separator: value = derived.separatorLeft - 0.025
      case .voltageLost: value = derived.voltage - 0.2 * cell.nominalVoltage
      case .voltageLimit: value = voltageMargin()
      case .temperatureLimit: value = temperatureLimit - derived.temperature
      case .selfHeatingOver: value = derived.temperatureRate - endRate
      }
      if !value.isFinite { value = 1 }
      values[event.rawValue] = silenced & (1 << UInt32(event.rawValue)) != 0 ? 1 : value
    }
  }

  private func voltageMargin() -> Double {
    guard let voltageLimit else { return 1 }
    return conditions.current < 0 ? voltageLimit - derived.voltage : derived.voltage - voltageLimit
  }
}
