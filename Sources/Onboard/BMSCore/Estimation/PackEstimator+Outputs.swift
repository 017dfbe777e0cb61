// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the estimators hand on: cells, limits, energy.

extension PackEstimator {
  /// Runs the filters of one cell and writes its results.
  @inlinable
  mutating func runCell(
    _ cell: Int, sample: inout PackSample<cells, probes, Real>,
    estimate: inout PackEstimate<cells, Real>
  ) {
    guard average.isStarted, cell >= 0, cell < cells else { return }
    let measured = sample.cellTemperature[cell]
    differences[cell].step(
      reading: snapshot[cell], balancing: snapshotBalancing[cell], window: window,
      configuration: &configuration)
    let ratio = 1 + differences[cell].resistance
    let entropy = window.current * window.temperature * average.point.entropy
    cores[cell].step(
      reading: measured.isUsable ? measured.value : .nan,
      heat: window.current * window.overpotential * ratio - entropy, interval: window.interval,
      configuration: &configuration)
    if restSeconds > 0 {
      plateaus[cell].step(voltage: snapshot[cell], interval: window.interval)
    }
    let own = differences[cell]
    let z = average.state[FilterState.charge] + own.charge
    estimate.cellStateOfCharge[cell] = z.clamped(0, 1)
    let variance = average.covariance.rows[0][0] + own.covariance.rows[0][0]
    estimate.cellStateOfChargeDeviation[cell] = variance.squareRoot().finite(or: 1).clamped(0, 1)
    estimate.residual[cell] = own.residual
    estimate.cellResistanceRatio[cell] = average.state[FilterState.series] * ratio
    estimate.coreTemperature[cell] = cores[cell].core
    let ampereHours = capacity.capacity / 3_600
    estimate.cellCapacity[cell] = ampereHours / (1 + own.capacity)
    let share = own.covariance.rows[2][2]
    let learnt =
      own.covariance.rows[2][2] < 0.8 * configuration.capacitySpread
      * configuration.capacitySpread || capacity.isLearnt
    let total = (share + capacity.relativeDeviation * capacity.relativeDeviation).squareRoot()
    estimate.cellCapacityDeviation[cell] = learnt ? ampereHours * total : 0
    leak(cell, estimate: &estimate)
  }

  /// An internal short is told only where the leak is certain: four deviations, and more than ten
  /// times a healthy self-discharge.
  @inlinable
  mutating func leak(_ cell: Int, estimate: inout PackEstimate<cells, Real>) {
    let leak = differences[cell].leak - siblingLeak
    let least = 10 * CellDifference<Real>.leakScale(&configuration)
    let certain = leak > 4 * differences[cell].leakDeviation && leak > least
    let voltage = snapshot[cell].finite(or: window.averageVoltage.finite(or: 3.6))
    estimate.leakCurrent[cell] = leak
    estimate.leakDeviation[cell] = differences[cell].leakDeviation
    if certain {
      differences[cell].leakedCharge += leak * window.interval
      estimate.internalShortResistance[cell] = max(0, voltage) / leak
    } else {
      estimate.internalShortResistance[cell] = .infinity
    }
    estimate.leakedCharge[cell] = differences[cell].leakedCharge
  }

  /// One of eight slow computations a window: six limits of power, the energy, the plateaus.
  @inlinable
  mutating func runLimits(estimate: inout PackEstimate<cells, Real>) {
    isLimitDue = false
    guard average.isStarted else { return }
    let temperature = window.temperature
    limitBeats = limitBeats &+ 1
    estimate.beats.runs[6] = limitBeats
    slot = (slot + 1) & 7
    switch slot {
    case 0...5: limit(slot, temperature: temperature, estimate: &estimate)
    case 6:
      estimate.remainingEnergy =
        Real(cells)
        * configuration.circuit.energyLeft(
          from: average.stateOfCharge + weakest().charge, to: configuration.lowestCharge,
          current: meanDischarge, temperature: temperature,
          ratio: average.state[FilterState.series], capacity: capacity.capacity)
      let needed = configuration.requiredPower
      estimate.stateOfFunction =
        needed > 0 ? (estimate.dischargePower[1] / needed).finite(or: 0).clamped(0, 1) : 1
    default:
      var most: Real = 0
      for cell in 0..<cells { most = max(most, plateaus[cell].indicator) }
      estimate.platingIndicator = most
    }
  }

  /// Lowest and highest differences among the cells: limits take the worst of each, as if one cell
  /// had them all.
  @inlinable
  mutating func weakest() -> (charge: Real, resistance: Real, fullest: Real) {
    var lowest: Real = 0
    var highest: Real = 0
    var resistance: Real = 0
    for cell in 0..<cells {
      lowest = min(lowest, differences[cell].charge)
      highest = max(highest, differences[cell].charge)
      resistance = max(resistance, differences[cell].resistance)
    }
    return (lowest, resistance, highest)
  }

  @inlinable
  mutating func limit(
    _ number: Int, temperature: Real, estimate: inout PackEstimate<cells, Real>
  ) {
    let isDischarge = number < 3
    let horizon = isDischarge ? number : number - 3
    let worst = weakest()
    var task = PowerLimits<Real>.Task()
    task.isDischarge = isDischarge
    task.horizon = horizon == 0 ? 2 : horizon == 1 ? 10 : 30
    task.stateOfCharge =
      average.stateOfCharge + (isDischarge ? worst.charge : worst.fullest)
    task.seriesRatio = average.state[FilterState.series] * (1 + worst.resistance)
    task.pairRatio = average.state[FilterState.polarisation] * (1 + worst.resistance)
    for k in 0..<3 { task.pairs[k] = average.state[1 + k] }
    task.shift =
      average.state[FilterState.bias]
      + average.point.hysteresis * average.state[FilterState.hysteresis]
    task.temperature = temperature
    let low =
      isDischarge
      ? configuration.lowestDischargeTemperature : configuration.lowestChargeTemperature
    let high =
      isDischarge
      ? configuration.highestDischargeTemperature : configuration.highestChargeTemperature
    let rated =
      isDischarge ? configuration.greatestDischargeCurrent : configuration.greatestChargeCurrent
    task.ceiling =
      rated
      * PowerLimits<Real>.derating(
        temperature, low: low, high: high, over: configuration.temperatureDerating)
    let found = PowerLimits.solve(task, configuration: &configuration)
    let power = (found.current * found.voltage * Real(cells)).finite(or: 0)
    if isDischarge {
      estimate.dischargeCurrent[horizon] = found.current
      estimate.dischargePower[horizon] = max(0, power)
    } else {
      estimate.chargeCurrent[horizon] = found.current
      estimate.chargePower[horizon] = max(0, power)
    }
  }

  /// Mean leak of all cells but the one that leaks most: the average cell shares that one's leak, so
  /// all the others seem to gain.
  @inlinable
  mutating func meanLeakOfSiblings() -> Real {
    guard cells > 1 else { return 0 }
    var sum: Real = 0
    var most: Real = -.infinity
    for cell in 0..<cells {
      sum += differences[cell].leak
      most = max(most, differences[cell].leak)
    }
    return ((sum - most) / Real(cells - 1)).finite(or: 0)
  }

  /// Writes what belongs to the average cell.
  @inlinable
  mutating func fill(
    _ estimate: inout PackEstimate<cells, Real>, innovation: Innovation<Real>?, time: UInt64
  ) {
    estimate.stateOfCharge = average.stateOfCharge
    estimate.stateOfChargeDeviation = average.stateOfChargeDeviation
    estimate.innovation = innovation?.value ?? 0
    estimate.innovationSquare = innovation?.normalisedSquare ?? 0
    estimate.modelError = average.state[FilterState.bias]
    estimate.currentOffset = average.state[FilterState.offset]
    estimate.polarisationRatio = average.state[FilterState.polarisation]
    estimate.capacity = capacity.capacity / 3_600
    estimate.capacityDeviation =
      capacity.isLearnt ? capacity.relativeDeviation * capacity.capacity / 3_600 : 0
    estimate.stepResistance = resistance.resistance
    estimate.livenessCounter = estimate.livenessCounter &+ 1
    countBeats(&estimate.beats)
    let hasInput = innovation != nil && currentSilence == 0
    // Surer than a twentieth: from there on corrections are smaller than what drivers notice.
    estimate.isConverged = hasInput && average.stateOfChargeDeviation < 0.05
  }

  /// Collects the counters of the estimators of the window; those of cells and limits follow them.
  @inlinable
  mutating func countBeats(_ beats: inout EstimatorBeats) {
    beats.runs[0] = counter.beats
    beats.runs[1] = average.beats
    beats.runs[4] = capacity.beats
    beats.runs[5] = resistance.beats
  }
}
