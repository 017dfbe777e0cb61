// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What is summed up over one charge or discharge while it streams by.

import Foundation

/// A thinned copy of a charge or discharge, for curves.
struct CurveBuffer: Sendable {
  static let limit = 1024
  var time: [Double] = []
  var charge: [Double] = []
  var voltage: [Double] = []
  var current: [Double] = []
  var temperature: [Double] = []
  private var stride = 1
  private var skipped = 0

  mutating func add(time: Double, charge: Double, sample: CellSample) {
    skipped += 1
    guard skipped >= stride else { return }
    skipped = 0
    self.time.append(time)
    self.charge.append(charge)
    voltage.append(sample.voltage)
    current.append(sample.current)
    temperature.append(sample.temperature)
    if voltage.count >= Self.limit { thin() }
  }

  private mutating func thin() {
    stride *= 2
    self.time = Self.everySecond(self.time)
    charge = Self.everySecond(charge)
    voltage = Self.everySecond(voltage)
    current = Self.everySecond(current)
    temperature = Self.everySecond(temperature)
  }

  private static func everySecond(_ values: [Double]) -> [Double] {
    Swift.stride(from: 0, to: values.count, by: 2).map { values[$0] }
  }
}

/// Charge counted in bins of voltage; the raw material of incremental capacity.
struct VoltageHistogram: Sendable {
  static let lowest = 1.0
  static let highest = 4.8
  let bin: Double
  private(set) var charge: [Double] = []

  init(bin: Double) { self.bin = bin }

  /// Spreads a charge evenly over the voltages passed between two samples.
  ///
  /// This is level evaluation: charge divided by the width of the levels it passed, whatever the
  /// direction, so that noise on the voltage widens but does not move a peak.
  ///
  /// - Reference: Feng, Merla, Weng et al. (2020), doi:10.1016/j.etran.2020.100051.
  mutating func add(_ amount: Double, from start: Double, to end: Double) {
    let lower = min(start, end)
    let upper = max(start, end)
    guard lower >= Self.lowest, upper < Self.highest, amount > 0 else { return }
    if charge.isEmpty {
      charge = Array(repeating: 0, count: Int(((Self.highest - Self.lowest) / bin).rounded(.up)))
    }
    let first = Int((lower - Self.lowest) / bin)
    let last = min(charge.count - 1, Int((upper - Self.lowest) / bin))
    guard first < last else {
      charge[first] += amount
      return
    }
    let density = amount / (upper - lower)
    for index in first...last {
      let left = max(lower, Self.lowest + Double(index) * bin)
      let right = min(upper, Self.lowest + Double(index + 1) * bin)
      charge[index] += density * max(0, right - left)
    }
  }

  mutating func merge(_ other: VoltageHistogram) {
    guard !other.charge.isEmpty else { return }
    if charge.isEmpty {
      charge = other.charge
    } else {
      for index in charge.indices { charge[index] += other.charge[index] }
    }
  }
}

/// Sums over a stretch of one charge or discharge.
struct HalfCycleAccumulator: Sendable {
  /// +1 discharge, −1 charge.
  var direction: Int
  var start: Double
  var end: Double
  var cycle: Double
  var rows = 0
  var loadTime = 0.0
  /// Charge and energy in the direction of the half-cycle.
  var charge = 0.0
  var energy = 0.0
  var heldCharge = 0.0
  var minimumVoltage = Double.infinity
  var maximumVoltage = -Double.infinity
  var endVoltage = Double.nan
  var largestCurrent = 0.0
  var firstTemperature = Double.nan
  var maximumTemperature = Double.nan
  var temperatureSum = 0.0
  var temperatureRows = 0
  /// Charge and energy at the first sample at or below each threshold, thresholds descending.
  var crossings: [(charge: Double, energy: Double)] = []
  var histogram: VoltageHistogram
  var curve = CurveBuffer()
  var firstCounter = Double.nan
  var lastCounter = Double.nan
  var steadyCharge = 0.0
  var stated = Double.nan

  init(direction: Int, sample: CellSample, bin: Double) {
    self.direction = direction
    start = sample.time
    end = sample.time
    cycle = sample.cycle
    histogram = VoltageHistogram(bin: bin)
  }

  /// Adds the interval between two samples.
  mutating func add(
    _ sample: CellSample, before: CellSample?, restCurrent: Double, isHeld: Bool,
    thresholds: [Double]
  ) {
    let isLoaded = abs(sample.current) > restCurrent
    let wasLoaded = before.map { abs($0.current) > restCurrent } ?? false
    rows += 1
    end = sample.time
    if let before, isLoaded || wasLoaded {
      let interval = sample.time - before.time
      let amount = (sample.current + before.current) / 2 * interval * Double(direction)
      let work =
        (sample.current * sample.voltage + before.current * before.voltage) / 2 * interval
        * Double(direction)
      charge += amount
      energy += work
      if isLoaded { loadTime += interval }
      if isHeld { heldCharge += amount }
      let change = abs(sample.current - before.current)
      if isLoaded, wasLoaded, !isHeld, change <= 0.05 * abs(sample.current) {
        histogram.add(amount, from: before.voltage, to: sample.voltage)
        steadyCharge += amount
      }
    }
    if isLoaded || wasLoaded { cross(sample.voltage, thresholds) }
    if isLoaded {
      minimumVoltage = min(minimumVoltage, sample.voltage)
      maximumVoltage = max(maximumVoltage, sample.voltage)
      endVoltage = sample.voltage
      largestCurrent = max(largestCurrent, abs(sample.current))
      curve.add(time: sample.time, charge: charge, sample: sample)
    }
    if !sample.temperature.isNaN {
      if firstTemperature.isNaN { firstTemperature = sample.temperature }
      maximumTemperature = max(maximumTemperature, sample.temperature)
      if maximumTemperature.isNaN { maximumTemperature = sample.temperature }
      temperatureSum += sample.temperature
      temperatureRows += 1
    }
    if sample.stated > 0 { stated = sample.stated }
    let counter = direction > 0 ? sample.dischargeCounter : sample.chargeCounter
    if !counter.isNaN {
      if firstCounter.isNaN { firstCounter = counter }
      lastCounter = counter
    }
  }

  private mutating func cross(_ voltage: Double, _ thresholds: [Double]) {
    guard direction > 0 else { return }
    while crossings.count < thresholds.count, voltage <= thresholds[crossings.count] {
      crossings.append((charge, energy))
    }
  }

  /// Appends a later stretch that went the other way for a while, such as braking in a drive.
  mutating func merge(_ other: HalfCycleAccumulator) {
    let sign = Double(direction * other.direction)
    if crossings.count < other.crossings.count, direction == other.direction {
      for crossing in other.crossings[crossings.count...] {
        crossings.append((charge + crossing.charge, energy + crossing.energy))
      }
    }
    rows += other.rows
    end = other.end
    loadTime += other.loadTime
    charge += sign * other.charge
    energy += sign * other.energy
    minimumVoltage = min(minimumVoltage, other.minimumVoltage)
    maximumVoltage = max(maximumVoltage, other.maximumVoltage)
    if !other.endVoltage.isNaN { endVoltage = other.endVoltage }
    largestCurrent = max(largestCurrent, other.largestCurrent)
    if firstTemperature.isNaN { firstTemperature = other.firstTemperature }
    if !(maximumTemperature >= other.maximumTemperature) {
      maximumTemperature = other.maximumTemperature
    }
    temperatureSum += other.temperatureSum
    temperatureRows += other.temperatureRows
    if sign > 0 {
      histogram.merge(other.histogram)
      steadyCharge += other.steadyCharge
      heldCharge += other.heldCharge
    }
  }
}
