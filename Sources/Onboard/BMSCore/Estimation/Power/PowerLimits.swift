// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Greatest current that keeps a cell inside its limits for some seconds.

/// Greatest current that keeps the weakest cell inside its limits of voltage and charge for a
/// horizon, found by bisection on the circuit.
///
/// - Reference: Plett (2004), doi:10.1109/TVT.2004.832408, for limits from a circuit by bisection.
@usableFromInline
struct PowerLimits<Real: CoreReal> {
  /// What limits the current: a cell, its limits and the horizon.
  @usableFromInline
  struct Task {
    @usableFromInline var stateOfCharge: Real = 0
    /// Resistance of the cell over the circuit's: series and pairs.
    @usableFromInline var seriesRatio: Real = 1
    @usableFromInline var pairRatio: Real = 1
    @usableFromInline var pairs = InlineArray<3, Real>(repeating: 0)
    /// Voltage of the model beyond the circuit: slow error and hysteresis.
    @usableFromInline var shift: Real = 0
    @usableFromInline var temperature: Real = 298.15
    @usableFromInline var isDischarge = true
    @usableFromInline var horizon: Real = 10
    /// Limit of current from ratings and temperature, in amperes, positive.
    @usableFromInline var ceiling: Real = 0

    @inlinable
    init() {}
  }

  /// Voltage at the end of the horizon under a current, in volts; discharge positive.
  @inlinable
  static func voltage(
    _ task: Task, current: Real, circuit: inout CellCircuit<Real>
  ) -> Real {
    let moved = current * task.horizon / circuit.capacity
    let place = task.stateOfCharge - moved
    let point = circuit.point(
      at: place, temperature: task.temperature, discharging: task.isDischarge)
    var voltage = point.openCircuit + task.shift - current * point.series * task.seriesRatio
    for k in 0..<3 {
      let decay = Real.exponential(-(task.horizon / point.timeConstants[k]).clamped(0, 60))
      let reached = current * point.pairs[k] * task.pairRatio
      voltage -= reached + (task.pairs[k] - reached) * decay
    }
    return voltage.finite(or: task.isDischarge ? 0 : 100)
  }

  /// Greatest current, in amperes, positive, and the voltage it leads to.
  ///
  /// - Complexity: O(1): 12 readings of the circuit (current within 0.1 % of the ceiling, on the safe side).
  @inlinable
  static func solve(
    _ task: Task, configuration: inout EstimationConfiguration<Real>
  ) -> (current: Real, voltage: Real) {
    let sign: Real = task.isDischarge ? 1 : -1
    let room =
      task.isDischarge
      ? task.stateOfCharge - configuration.lowestCharge
      : configuration.highestCharge - task.stateOfCharge
    let byCharge = max(0, room) * configuration.circuit.capacity / max(task.horizon, 1)
    var high = min(max(0, task.ceiling.finite(or: 0)), byCharge.finite(or: 0))
    var low: Real = 0
    var end = voltage(task, current: sign * high, circuit: &configuration.circuit)
    if allows(end, task, &configuration.circuit) { return (high, end) }
    for _ in 0..<10 {
      let middle = (low + high) / 2
      end = voltage(task, current: sign * middle, circuit: &configuration.circuit)
      if allows(end, task, &configuration.circuit) { low = middle } else { high = middle }
    }
    return (low, voltage(task, current: sign * low, circuit: &configuration.circuit))
  }

  @inlinable
  static func allows(
    _ voltage: Real, _ task: Task, _ circuit: inout CellCircuit<Real>
  ) -> Bool {
    task.isDischarge ? voltage >= circuit.lowerVoltage : voltage <= circuit.upperVoltage
  }

  /// Share of the rated current that a temperature allows: 1 inside, falling to 0 at the limits.
  @inlinable
  static func derating(_ temperature: Real, low: Real, high: Real, over band: Real) -> Real {
    let below = (temperature - low) / max(band, 0.1)
    let above = (high - temperature) / max(band, 0.1)
    return min(below, above).finite(or: 0).clamped(0, 1)
  }
}
