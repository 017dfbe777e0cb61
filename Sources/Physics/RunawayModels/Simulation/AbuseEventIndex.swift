// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Events of a cell under abuse that are located exactly.

/// Events that are located exactly: each happens where its function falls to zero.
enum AbuseEventIndex: Int, CaseIterable {
  case selfHeating, runaway, vent, interrupt, burst, separator, voltageLost, contactBurnt,
    voltageLimit, temperatureLimit, selfHeatingOver

  /// Whether it ends a part of a test, also where the part begins beyond it.
  var isLimit: Bool { self == .voltageLimit || self == .temperatureLimit }
  /// Number of events.
  static let count = allCases.count
}

extension AbuseSystem {
  /// Writes the functions of all events from ``derived``; 1 for those silenced.
  func fillEvents(_ values: UnsafeMutablePointer<Double>) {
    // Discharge through a collapsed separator belongs to the runaway, a trigger's current does not.
    let selfHeating = (derived.reactionHeat + derived.collapseHeat) / derived.heatCapacity
    let casing = cell.casing
    let above = derived.pressure - conditions.ambientPressure
    func set(_ event: AbuseEventIndex, _ value: Double) {
      let isSilenced = silenced & (1 << UInt32(event.rawValue)) != 0
      values[event.rawValue] = isSilenced || !value.isFinite ? 1 : value
    }
    set(.selfHeating, detectionRate - selfHeating)
    set(.runaway, runawayRate - selfHeating)
    set(.vent, casing.ventPressure - above)
    set(.interrupt, (casing.interruptPressure ?? .infinity) - above)
    set(.burst, casing.burstPressure - above)
    set(.separator, derived.separatorLeft - 0.025)
    set(.voltageLost, derived.voltage - 0.2 * cell.nominalVoltage)
    set(.contactBurnt, derived.burnOffLeft)
    set(.voltageLimit, voltageMargin())
    set(.temperatureLimit, temperatureLimit - derived.temperature)
    set(.selfHeatingOver, derived.temperatureRate - endRate)
  }

  private func voltageMargin() -> Double {
    guard let voltageLimit else { return 1 }
    return conditions.current < 0 ? voltageLimit - derived.voltage : derived.voltage - voltageLimit
  }
}
