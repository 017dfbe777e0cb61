// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Heat balance of the pack: cooling that fails, heaters that are stuck.

/// Compares the mean temperature with what the heat balance expects of cooling and heater.
public struct HeatWatch<Real: CoreReal>: Sendable, BitwiseCopyable {
  @usableFromInline var expected: Real = .nan
  @usableFromInline var start: Real = .nan
  @usableFromInline var elapsed: Real = 0
  @usableFromInline var heat: Real = 0
  @usableFromInline var commanded: Real = 0
  @usableFromInline var other: Real = 0
  @usableFromInline var latest: Real = 0

  /// No history.
  @inlinable
  public init() {}

  /// Advances by one cycle.
  ///
  /// Cooling: an observer follows the mean temperature with ohmic heat, heater and the conductance to
  /// the coolant, and forgets slowly; measured minus expected, in kelvin, is the first result while
  /// the pump runs. Heater: over a window, the measured rise less the ohmic one is compared with what
  /// the heater was told; the second result is the difference as a share of the heater's full heat:
  /// about +1 for a heater stuck on, −1 (given as 1, index 1) for one that does not heat.
  ///
  /// - Returns: Excess temperature in kelvin, and share of the heater's heat with index 0 for stuck
  ///   on and 1 for stuck off.
  @inlinable
  public mutating func advance<let cells: Int, let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, mean: Real, resistanceRatio: Real,
    commands: inout ActuatorCommands<cells, Real>, interval: Real,
    configuration: inout DiagnosisConfiguration<Real>
  ) -> (cooling: Indicator<Real>, heater: Indicator<Real>) {
    guard mean.isFinite, sample.current.isUsable, sample.current.value.isFinite,
      configuration.facts.heatCapacity > 0, interval > 0, interval < 3600
    else {
      expected = .nan
      start = .nan
      return (.unknown, .unknown)
    }
    let facts = configuration.facts
    let current = sample.current.value
    let ohmic =
      current * current * facts.cellResistance * Real(cells)
      * max(1, resistanceRatio.finite(or: 1))
    if expected.isNaN { expected = mean }
    let coolant =
      sample.coolantTemperature.isUsable ? sample.coolantTemperature.value.finite(or: mean) : mean
    let rate = commands.pump * facts.coolantConductance / facts.heatCapacity
    let warming = (ohmic + commands.heater * facts.heaterPower) / facts.heatCapacity
    // Implicit in the coolant and in forgetting, so that any interval is stable.
    let forget = 1 / configuration.settings.coolingObserverSeconds
    expected =
      (expected + interval * (warming + rate * coolant + forget * mean))
      / (1 + interval * (rate + forget))
    let cooling: Indicator<Real> =
      commands.pump > 0 && sample.coolantTemperature.isUsable
      ? Indicator(mean - expected) : Indicator(0)
    let heater = heaterShare(
      mean, ohmic: ohmic, coolant: coolant, commands: &commands, interval: interval,
      configuration: &configuration)
    return (cooling, heater)
  }

  @inlinable
  mutating func heaterShare<let cells: Int>(
    _ mean: Real, ohmic: Real, coolant: Real, commands: inout ActuatorCommands<cells, Real>,
    interval: Real, configuration: inout DiagnosisConfiguration<Real>
  ) -> Indicator<Real> {
    let facts = configuration.facts
    guard facts.heaterPower > 0, commands.chiller == 0, coolant <= mean + 5 else {
      start = .nan
      return Indicator(0)
    }
    if start.isNaN {
      start = mean
      elapsed = 0
      heat = 0
      commanded = 0
      other = 0
    }
    elapsed += interval
    heat += ohmic * interval
    commanded += commands.heater * facts.heaterPower * interval
    other += commands.pump * facts.coolantConductance * (mean - coolant) * interval
    if elapsed >= configuration.settings.heaterWindowSeconds {
      let full = facts.heaterPower * elapsed
      // Too little heat to be told from losses to the ambient: no verdict.
      let isTelling = full / facts.heatCapacity >= 1 && (heat + other.magnitude) < 2 * full
      let found = (mean - start) * facts.heatCapacity - heat + other
      latest = isTelling ? (found - commanded) / full : 0
      start = .nan
    }
    return Indicator(latest.magnitude, at: latest < 0 ? 1 : 0)
  }
}
