// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The currents, powers and voltages the vehicle and charger may use now.

/// Charge and discharge limits: the smallest of the row limits, the derating maps, the estimated
/// ability (SOP, SOF), the fold-back at the voltage limits and the reactions.
///
/// A limit falls at once and recovers slowly. What cannot be computed is 0. No path leads above the
/// operating limit of the current, however long the charge lasts.
public struct LimitPlanner<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// Largest discharge current, in amperes.
  public var dischargeCurrent: Real = 0
  /// Largest charge current, in amperes.
  public var chargeCurrent: Real = 0
  /// Charge current that holds the highest cell at the charge voltage, in amperes.
  @usableFromInline var regulated: Real = 0
  /// Whether the charge has ended by its taper.
  public var isFull = false
  /// What plating seen after earlier charges leaves of the charge current, in 0.3…1.
  public var platingFactor: Real = 1
  @usableFromInline var wasPlating = false
  @usableFromInline var taperMilliseconds: UInt32 = 0

  /// Nothing allowed.
  @inlinable
  public init() {}

  /// Advances by one cycle.
  ///
  /// - Parameters:
  ///   - features: Extremes of the sample.
  ///   - current: Pack current, discharge positive, in amperes; NaN where not usable.
  ///   - estimate: The estimate.
  ///   - reaction: Union of the reactions.
  ///   - isConnected: Whether the main contactors are closed.
  ///   - isCharging: Whether a charge is asked for.
  ///   - milliseconds: Duration of the cycle.
  ///   - configuration: The table, for its limits and facts.
  ///   - settings: Maps and charge settings.
  @inlinable
  mutating func step<let cells: Int>(
    _ features: PackFeatures<Real>, current: Real, estimate: inout PackEstimate<cells, Real>,
    reaction: Reaction, isConnected: Bool, isCharging: Bool, milliseconds: UInt32,
    configuration: inout DiagnosisConfiguration<Real>, settings: inout LimitSettings<Real>
  ) {
    learnPlating(estimate.platingIndicator)
    guard isConnected else {
      dischargeCurrent = 0
      chargeCurrent = 0
      regulated = 0
      return
    }
    var lowest = Real.infinity
    var highest = -Real.infinity
    for cell in 0..<cells {
      lowest = min(lowest, estimate.cellStateOfCharge[cell].finite(or: 0))
      highest = max(highest, estimate.cellStateOfCharge[cell].finite(or: 1))
    }
    let seconds = Real(milliseconds) / 1000
    let discharge = dischargeTarget(
      features, lowest, &estimate, reaction, &configuration, &settings)
    let charge = chargeTarget(features, highest, &estimate, reaction, &configuration, &settings)
    let held = regulate(
      features, current: current, below: charge, isCharging: isCharging, seconds: seconds,
      configuration: &configuration, settings: &settings)
    finish(
      features, current: current, isCharging: isCharging, stateOfCharge: estimate.stateOfCharge,
      milliseconds: milliseconds, configuration: &configuration, settings: &settings)
    let full = configuration[.chargeOverCurrent].limit.operating
    let step = settings.recoveryPerSecond * seconds
    dischargeCurrent = Self.approach(
      discharge, from: dischargeCurrent,
      by: step * configuration[.dischargeOverCurrent].limit.operating)
    chargeCurrent = Self.approach(
      isFull && isCharging ? 0 : held, from: chargeCurrent, by: step * full)
  }

  /// Falls at once, rises by at most a step; NaN gives 0.
  @inlinable
  static func approach(_ target: Real, from present: Real, by step: Real) -> Real {
    guard target > 0 else { return 0 }
    return min(target, present + max(step, 0))
  }

  @inlinable
  mutating func dischargeTarget<let cells: Int>(
    _ features: PackFeatures<Real>, _ lowest: Real, _ estimate: inout PackEstimate<cells, Real>,
    _ reaction: Reaction, _ configuration: inout DiagnosisConfiguration<Real>,
    _ settings: inout LimitSettings<Real>
  ) -> Real {
    if reaction.contains(.stopDischarge) { return 0 }
    let largest = configuration[.dischargeOverCurrent].limit.operating
    let factor =
      settings.dischargeCold(features.lowestTemperature.value)
      * settings.dischargeHot(features.highestTemperature.value) * settings.dischargeEmpty(lowest)
    // Folds back before the lowest cell reaches the end of its window.
    let margin =
      (features.lowestVoltage.value - configuration[.cellUnderVoltage].limit.operating)
      / settings.foldbackVoltage
    var target = largest * factor * margin.clamped(0, 1)
    target = min(target, estimate.dischargeCurrent[1].clamped(0, largest))
    return reaction.contains(.derateDischarge) ? target * settings.derating : target
  }

  @inlinable
  mutating func chargeTarget<let cells: Int>(
    _ features: PackFeatures<Real>, _ highest: Real, _ estimate: inout PackEstimate<cells, Real>,
    _ reaction: Reaction, _ configuration: inout DiagnosisConfiguration<Real>,
    _ settings: inout LimitSettings<Real>
  ) -> Real {
    if reaction.contains(.stopCharge) { return 0 }
    let largest = configuration[.chargeOverCurrent].limit.operating
    let factor =
      settings.chargeCold(features.lowestTemperature.value)
      * settings.chargeHot(features.highestTemperature.value) * settings.chargeFull(highest)
    var target = largest * factor * platingFactor
    target = min(target, estimate.chargeCurrent[2].clamped(0, largest))
    // A deeply discharged cell is woken at a twentieth of the one-hour current, a dead one not at all.
    let deep = configuration[.cellUnderVoltage].limit.safety
    if !(features.lowestVoltage.value > deep) {
      target = min(target, 0.05 * configuration.facts.capacityAmpereHours)
    }
    if !(features.lowestVoltage.value > 0.5 * deep) { target = 0 }
    return reaction.contains(.derateCharge) ? target * settings.derating : target
  }

  /// Holds the highest cell at the charge voltage: integral control with the cell's resistance as
  /// gain, bounded by the target, so that it cannot wind up or drift.
  @inlinable
  mutating func regulate(
    _ features: PackFeatures<Real>, current: Real, below target: Real, isCharging: Bool,
    seconds: Real, configuration: inout DiagnosisConfiguration<Real>,
    settings: inout LimitSettings<Real>
  ) -> Real {
    let room = settings.chargeVoltage - features.highestVoltage.value
    guard room.isFinite else {
      regulated = 0
      return 0
    }
    guard isCharging else {
      // Recuperation: no more than what lifts the highest cell to its voltage.
      regulated = target
      let resistance = max(configuration.facts.cellResistance, 1e-6)
      let fed = max(0, -current.finite(or: 0))
      return (fed + room / resistance).clamped(0, target)
    }
    let gain = 0.5 * seconds / (1 + 0.5 * seconds)
    let resistance = max(configuration.facts.cellResistance, 1e-6)
    regulated = (regulated + gain * room / resistance).clamped(0, max(target, 0))
    return regulated
  }

  @inlinable
  mutating func finish(
    _ features: PackFeatures<Real>, current: Real, isCharging: Bool, stateOfCharge: Real,
    milliseconds: UInt32, configuration: inout DiagnosisConfiguration<Real>,
    settings: inout LimitSettings<Real>
  ) {
    let flows = -current
    let taper = settings.taperRate * configuration.facts.capacityAmpereHours
    let tapers =
      isCharging && flows > 0 && flows < taper
      && features.highestVoltage.value > settings.chargeVoltage - 0.01
    taperMilliseconds =
      tapers ? min(taperMilliseconds &+ min(milliseconds, 1 << 20), 1 << 24) : 0
    if taperMilliseconds >= 10_000 { isFull = true }
    if !isCharging || stateOfCharge < settings.restartCharge { isFull = false }
  }

  /// Each charge after which plating is seen costs a fifth of the current; it never comes back by
  /// itself above what a service tool sets.
  @inlinable
  mutating func learnPlating(_ indicator: Real) {
    if indicator > 0.5, !wasPlating {
      wasPlating = true
      platingFactor = max(0.3, 0.8 * platingFactor)
    } else if indicator < 0.2 {
      wasPlating = false
    }
  }
}
