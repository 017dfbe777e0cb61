// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The streaming analysis of one cell: from cleaned rows to cycles, steps, pulses and rests.

import BatteryDomain
import Cleaning

extension CellTestAnalysis {
  /// Takes cleaned rows of a cycling table, sample by sample.
  mutating func ingestCycling(_ cleaned: CleanedBatch, table: Int) {
    let plan = tables[table].plan
    guard let voltageColumn = plan.voltage, let currentColumn = plan.current,
      let timeColumn = plan.time ?? plan.stepTime
    else { return }
    let firstRow = tables[table].rows
    var released: [Int: Double] = [:]
    for sample in cleaned.released where sample.column == voltageColumn {
      released[sample.row] = sample.value
    }
    if let held = tables[table].held {
      tables[table].held = nil
      if released[held.row] != nil { process(held.sample) }
    }
    let voltages = cleaned.values[voltageColumn]
    let currents = cleaned.values[currentColumn]
    let times = cleaned.values[timeColumn]
    func values(_ column: Int?) -> [Double]? { column.map { cleaned.values[$0] } }
    let temperatures = values(plan.temperature)
    let cycles = values(plan.cycle)
    let stepNumbers = values(plan.step)
    let stepTimes = plan.time == nil ? nil : values(plan.stepTime)
    let capacities = values(plan.capacity)
    let chargeCounters = values(plan.chargeCounter)
    let dischargeCounters = values(plan.dischargeCounter)
    let outliers = cleaned.flags[voltageColumn]
    var state = tables[table]
    var rejected = cleaned.rejectedRows[...]
    for row in 0..<cleaned.rowCount {
      if rejected.first == row {
        rejected = rejected.dropFirst()
        continue
      }
      let cycle = cycles?[row] ?? .nan
      let stepTime = stepTimes?[row] ?? .nan
      let time = times[row]
      let isRestart =
        stepTime < state.lastStepTime && stepNumbers == nil && cycle != state.lastCycle
      var sample = CellSample(
        time: time, voltage: voltages[row], current: currents[row],
        temperature: temperatures?[row] ?? .nan, cycle: cycle, step: stepNumbers?[row] ?? .nan,
        afterBreak: !state.hasSample || isRestart || time < state.lastTime)
      sample.chargeCounter = chargeCounters?[row] ?? .nan
      sample.dischargeCounter = dischargeCounters?[row] ?? .nan
      state.lastStepTime = stepTime
      state.lastTime = time
      state.lastCycle = cycle
      state.hasSample = true
      sample.stated = capacities?[row] ?? .nan
      if sample.voltage.isNaN, !outliers.isEmpty, outliers[row].contains(.outlier) {
        if let value = released[firstRow + row] {
          sample.voltage = value
        } else if row == cleaned.rowCount - 1 {
          // The next batch decides; until then the raw value is kept aside.
          sample.voltage = cleaned.raw.columns[voltageColumn][row]
          state.held = (firstRow + row, sample)
          continue
        }
      }
      guard !sample.voltage.isNaN, !sample.current.isNaN else {
        unusableSamples += 1
        continue
      }
      process(sample)
    }
    tables[table] = state
  }

  /// Hands one sample to all accumulators.
  mutating func process(_ sample: CellSample) {
    samples += 1
    span =
      span.map { min($0.lowerBound, sample.time)...max($0.upperBound, sample.time) }
      ?? sample.time...sample.time
    voltageExtremes.add(sample.voltage, at: sample.time)
    if !sample.temperature.isNaN { temperatureExtremes.add(sample.temperature, at: sample.time) }
    for step in segmenter.add(
      time: sample.time, voltage: sample.voltage, current: sample.current, step: sample.step,
      afterBreak: sample.afterBreak)
    { record(step) }
    let rest = segmenter.restCurrent
    let kind = segmenter.currentKind
    let isHeld = kind == .constantVoltageCharge || kind == .constantVoltageDischarge
    for half in halves.add(sample, restCurrent: rest, isHeld: isHeld) {
      record(half)
    }
    if let pulse = pulses.add(sample, restCurrent: rest) { record(pulse) }
    if let relaxation = rests.add(sample, restCurrent: rest) { relaxations.append(relaxation) }
    if relaxations.count > Self.pulseLimit {
      relaxations = stride(from: 0, to: relaxations.count, by: 2).map { relaxations[$0] }
    }
  }

  /// Ends everything that is under way, as at the end of the data.
  mutating func finishAll() {
    for index in tables.indices {
      // No next sample contradicts a jump in the very last row, so it is believed.
      if let held = tables[index].held { process(held.sample) }
      tables[index].held = nil
    }
    for step in segmenter.finish() { record(step) }
    for half in halves.finish() { record(half) }
    if let pulse = pulses.finish() { record(pulse) }
    if let relaxation = rests.finish() { relaxations.append(relaxation) }
  }

  private mutating func record(_ step: TestStep) {
    stepCounts[step.kind, default: StepTotals()].add(step)
    if steps.count < Self.stepLimit { steps.append(step) }
  }

  private mutating func record(_ pulse: PulseResistance) {
    pulseCount += 1
    guard pulseCount % pulseStride == 0 else { return }
    pulseRecords.append(pulse)
    if pulseRecords.count >= Self.pulseLimit {
      pulseStride *= 2
      pulseRecords = stride(from: 0, to: pulseRecords.count, by: 2).map { pulseRecords[$0] }
    }
  }

  private mutating func record(_ sum: HalfCycleAccumulator) {
    let isSteady = sum.steadyCharge > 0.5 * sum.charge
    let curve =
      isSteady
      ? DifferentialAnalysis.incrementalCapacity(
        binned: sum.histogram.charge, lowest: VoltageHistogram.lowest, bin: settings.voltageBin,
        smoothing: settings.voltageSmoothing) : nil
    let half = HalfCycle(sum, peaks: curve?.peaks ?? [])
    halfCycles.append(half)
    let number = halfCycles.count(where: { $0.isDischarge })
    curves.add(
      ArchivedCurve(
        cycle: half.isDischarge ? number : number + 1, isDischarge: half.isDischarge,
        isSteady: isSteady, curve: sum.curve,
        incrementalCapacity: curve.map { ($0.voltage, $0.capacity, $0.peaks) }))
  }
}
