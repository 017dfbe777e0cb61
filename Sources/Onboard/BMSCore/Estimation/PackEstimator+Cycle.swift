// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One cycle: counting, windows, and a bounded share of the cells.

extension PackEstimator {
  /// Advances every estimator by one cycle.
  ///
  /// - Parameters:
  ///   - sample: Measurements of the cycle with their qualities.
  ///   - balancing: Current through each cell's balancer, discharge positive, in amperes; what
  ///     `Control` commanded in the cycle before.
  ///   - estimate: Filled in; values of cells not treated in this cycle stay.
  /// - Complexity: O(cells) additions, and a constant number of filter steps.
  @inlinable
  public mutating func advance(
    _ sample: inout PackSample<cells, probes, Real>,
    balancing: inout InlineArray<cells, Real>,
    estimate: inout PackEstimate<cells, Real>
  ) {
    let dt = sample.interval.finite(or: 0).clamped(0, 3_600)
    let flow = current(&sample, interval: dt)
    counter.add(
      current: flow.value, interval: dt, variance: flow.variance, capacity: capacity.capacity,
      timeMilliseconds: sample.timeMilliseconds, configuration: &configuration)
    gather(&sample, balancing: &balancing, flow: flow, interval: dt)
    // Means of the window, filter, cells and limits take turns, so that no cycle does more than one
    // of them; a cycle as long as a window does all.
    let isLong = dt >= configuration.window
    let starts = !average.isStarted
    let ready = sums.time >= configuration.window * 0.999 || starts
    if ready, isLong || (nextCell >= cells && !isLimitDue && !isFilterDue) {
      if isFilterDue { runFilter(time: sample.timeMilliseconds, estimate: &estimate) }
      takeWindow(&sample)
      if isLong || starts { runFilter(time: sample.timeMilliseconds, estimate: &estimate) }
      if isLong { runCells(cells, sample: &sample, estimate: &estimate) }
    } else if isFilterDue {
      runFilter(time: sample.timeMilliseconds, estimate: &estimate)
    } else if nextCell < cells {
      let share = Int(max(1, min(configuration.cellsPerCycle, 1_024)))
      runCells(share, sample: &sample, estimate: &estimate)
    } else if isLimitDue {
      runLimits(estimate: &estimate)
    }
    if isLong, isLimitDue { runLimits(estimate: &estimate) }
    estimate.countedStateOfCharge = counter.stateOfCharge(capacity: capacity.capacity)
    estimate.countedDeviation = counter.deviation
  }

  @inlinable
  mutating func runCells(
    _ share: Int, sample: inout PackSample<cells, probes, Real>,
    estimate: inout PackEstimate<cells, Real>
  ) {
    let end = min(cells, nextCell + share)
    while nextCell < end {
      runCell(nextCell, sample: &sample, estimate: &estimate)
      leastBeats[0] = min(leastBeats[0], differences[nextCell].beats)
      leastBeats[1] = min(leastBeats[1], cores[nextCell].beats)
      nextCell += 1
    }
    guard nextCell >= cells else { return }
    // The cell that ran least stands for all.
    estimate.beats.runs[2] = leastBeats[0]
    estimate.beats.runs[3] = leastBeats[1]
    leastBeats = InlineArray(repeating: .max)
  }

  /// The current to count with: the reading, or the last one for a second, then none at all with an
  /// uncertainty of C/2.
  @inlinable
  mutating func current(
    _ sample: inout PackSample<cells, probes, Real>, interval: Real
  ) -> (value: Real, variance: Real) {
    if sample.current.isUsable, sample.current.value.isFinite {
      lastUsableCurrent = sample.current.value
      currentSilence = 0
      return (lastUsableCurrent, 0)
    }
    currentSilence = min(1e9, currentSilence + interval)
    let doubt = configuration.circuit.capacity / 3_600 / 2
    let held = currentSilence <= 1 ? lastUsableCurrent : 0
    return (held, doubt * doubt)
  }

  @inlinable
  mutating func gather(
    _ sample: inout PackSample<cells, probes, Real>,
    balancing: inout InlineArray<cells, Real>, flow: (value: Real, variance: Real),
    interval: Real
  ) {
    sums.time += interval
    sums.charge += flow.value * interval
    sums.variance = max(sums.variance, flow.variance)
    sums.count += 1
    for cell in 0..<cells {
      let reading = sample.cellVoltage[cell]
      // No cell has 100 V: what Sensing let through beyond that is not a reading.
      if reading.isUsable, reading.value.magnitude < 100 {
        sums.voltage[cell] += reading.value
        sums.voltageCount[cell] += 1
      }
      sums.balancing[cell] += balancing[cell].finite(or: 0) * interval
    }
  }

  /// Mean temperature of the usable cells, in kelvin; 298.15 without any.
  @inlinable
  mutating func meanTemperature(_ sample: inout PackSample<cells, probes, Real>) -> Real {
    var sum: Real = 0
    var count: Real = 0
    for cell in 0..<cells {
      let reading = sample.cellTemperature[cell]
      guard reading.isUsable, reading.value > 150, reading.value < 1_000 else { continue }
      sum += reading.value
      count += 1
    }
    return count > 0 ? sum / count : 298.15
  }

  /// Mean voltage of the average cell over the window, in volts; NaN without a usable cell.
  ///
  /// A cell that is missing stands in with its expected difference. One that differs from the others,
  /// or from what its filter expects, by more than a tenth of a volt is left out, so that one short
  /// or one broken wire does not move the average.
  ///
  /// - Complexity: O(cells), with a larger factor while a cell stands out.
  @inlinable
  mutating func meanVoltage() -> Real {
    var low: Real = .infinity
    var high: Real = -.infinity
    var count: Real = 0
    for cell in 0..<cells where snapshot[cell].isFinite {
      let own = snapshot[cell] - differences[cell].voltage
      low = min(low, own)
      high = max(high, own)
      count += 1
    }
    guard count > 0 else { return .nan }
    let middle = high - low > 0.1 ? median(between: low, and: high, count: count) : (low + high) / 2
    var kept: Real = 0
    var sum: Real = 0
    for cell in 0..<cells {
      let expected = differences[cell].voltage
      guard expected.magnitude < 0.1 else { continue }
      if snapshot[cell].isFinite {
        guard (snapshot[cell] - expected - middle).magnitude < 0.1 else { continue }
        sum += snapshot[cell]
        kept += 1
      } else {
        sum += middle + expected
        kept += 1
      }
    }
    return kept > 0 ? sum / kept : middle
  }

  /// Median of the cells' voltages without their expected differences, by bisection to a millivolt.
  @inlinable
  mutating func median(between low: Real, and high: Real, count: Real) -> Real {
    var low = low
    var high = high
    for _ in 0..<14 {
      let middle = (low + high) / 2
      var below: Real = 0
      for cell in 0..<cells where snapshot[cell] - differences[cell].voltage < middle { below += 1 }
      if below * 2 < count { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The means of the window as input of the filters.
  @inlinable
  mutating func takeWindow(_ sample: inout PackSample<cells, probes, Real>) {
    let dt = sums.time
    for cell in 0..<cells {
      let count = sums.voltageCount[cell]
      snapshot[cell] = count > 0 ? sums.voltage[cell] / count : .nan
      snapshotBalancing[cell] = dt > 0 ? sums.balancing[cell] / dt : 0
    }
    var input = FilterInput<Real>(
      current: dt > 0 ? sums.charge / dt : lastUsableCurrent, interval: dt,
      temperature: meanTemperature(&sample), voltage: meanVoltage())
    input.currentVariance = sums.variance
    sums.clear()
    pendingInput = input
    isFilterDue = true
  }

  /// The filter of the average cell and what follows from it.
  @inlinable
  mutating func runFilter(time: UInt64, estimate: inout PackEstimate<cells, Real>) {
    isFilterDue = false
    let input = pendingInput
    let dt = input.interval
    if !average.isStarted { start(input, time: time) }
    guard average.isStarted else { return }
    let innovation = average.stepExtended(input, configuration: &configuration)
    watchHonesty(innovation, input: input, time: time)
    correctCounter(input, time: time)
    learn(input)
    window.interval = dt
    window.current = input.current - average.state[FilterState.offset]
    window.averageVoltage = input.voltage
    window.averageCharge = average.state[FilterState.charge]
    window.temperature = input.temperature
    window.averageOpenCircuit = configuration.circuit.openVoltage(
      at: window.averageCharge, temperature: window.temperature)
    window.overpotential = average.overpotential
    siblingLeak = meanLeakOfSiblings()
    nextCell = 0
    isLimitDue = true
    fill(&estimate, innovation: innovation, time: time)
  }

  /// Starts from the configured state of charge, or from the first voltage as if rested.
  @inlinable
  mutating func start(_ input: FilterInput<Real>, time: UInt64) {
    let told = configuration.startStateOfCharge
    var z = told
    if told < 0 {
      guard input.voltage.isFinite else { return }
      let point = configuration.circuit.point(
        at: 0.5, temperature: input.temperature, discharging: input.current >= 0)
      z = configuration.circuit.charge(
        restingAt: input.voltage + input.current * point.series, temperature: input.temperature)
    }
    average.start(
      stateOfCharge: z, deviation: configuration.startDeviation, temperature: input.temperature,
      configuration: &configuration)
    counter.start(
      z, deviation: configuration.startDeviation, cause: .start, capacity: capacity.capacity,
      timeMilliseconds: time)
    startedMilliseconds = time
  }

  /// A filter whose innovations stay five times what it expects doubts its state of charge.
  @inlinable
  mutating func watchHonesty(
    _ innovation: Innovation<Real>?, input: FilterInput<Real>, time: UInt64
  ) {
    guard let innovation else { return }
    let share = min(1, input.interval / 60)
    contradiction += share * (min(100, innovation.normalisedSquare) - contradiction)
    guard contradiction > 25, time > lastContradiction &+ 300_000 else { return }
    lastContradiction = time
    let before = counter.stateOfCharge(capacity: capacity.capacity)
    average.doubt(0.1, configuration: &configuration)
    counter.start(
      before, deviation: 0.1, cause: .divergence, capacity: capacity.capacity,
      timeMilliseconds: time)
    contradiction = 1
  }
}
