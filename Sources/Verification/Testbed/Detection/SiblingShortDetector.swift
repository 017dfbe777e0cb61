// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Internal shorts at telemetry rate: a leak that no sibling has.

import BatteryDomain
import NumericalMethods
import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Finds cells that lose charge inside, and names cells of less capacity or more resistance.
///
/// Readings are averaged over two minutes while awake; each average, and each reading while parked,
/// updates one `SiblingFilter` a cell. The leak of a cell is called a short when it is significant
/// against its own uncertainty, against the spread of its siblings, and stays so; the balancing charge
/// that the controller commanded is accounted for.
public struct SiblingShortDetector: FaultDetector {
  /// Limits of the decision.
  public struct Limits: Codable, Hashable, Sendable {
    /// Standard deviations of the leak above zero.
    public var significance = 6.0
    /// Robust standard deviations above the siblings.
    public var spread = 8.0
    /// Smallest leak as a part of the capacity an hour.
    public var leakRate = 1.0 / 800
    /// Cumulated sum of normalised innovations that tells a falling cell.
    public var evidence = 22.0
    /// Time a suspicion by the leak alone must last, in seconds.
    public var dwell = 2_400.0
    /// Smallest loss of capacity that is called an outlier, relative.
    public var capacity = 0.09
    /// Smallest rise of resistance that is called an outlier, relative.
    public var resistance = 0.35

    /// The default limits.
    public init() {}
  }

  let context: DetectorContext
  let limits: Limits
  var filter: SiblingFilter
  var chargeEstimate = Double.nan
  var chargeVariance = 0.01
  var slowLoss = 0.0
  var fastLoss = 0.0
  var lastTime = Double.nan
  var windowStart = Double.nan
  var sums: [Double]
  var counts: [Int]
  var bled: [Double]
  var currentSum = 0.0
  var slowSum = 0.0
  var rows = 0
  var suspectSince: [Double]
  var residuals: [Double]
  var variances: [Double]
  var slopes: [Double]
  var updates = 0
  var told: Set<String> = []
  var medianTemperature = 298.15
  var previousCurrent = 0.0

  /// Creates a detector.
  public init(_ context: DetectorContext, limits: Limits = Limits()) {
    self.context = context
    self.limits = limits
    filter = SiblingFilter(
      cells: context.cells, capacity: context.cell.capacity,
      resistance: context.cell.seriesResistance)
    sums = Array(repeating: 0, count: context.cells)
    counts = Array(repeating: 0, count: context.cells)
    bled = Array(repeating: 0, count: context.cells)
    residuals = sums
    variances = sums
    slopes = sums
    suspectSince = Array(repeating: .nan, count: context.cells)
  }

  /// What the filter says of a cell, from 0: leak in amperes with its standard deviation.
  public func leak(ofCell cell: Int) -> (current: Double, deviation: Double) {
    (filter.value(cell, .leak), filter.deviation(cell, .leak))
  }

  /// Takes one reading; see ``FaultDetector``.
  public mutating func ingest(_ reading: PackReading, verdicts: inout [Verdict]) {
    let interval = reading.time - lastTime
    if lastTime.isNaN || interval < 0 || interval > 6 * 3_600 {
      begin(reading)
      return
    }
    guard interval > 0 else { return }
    lastTime = reading.time
    // The reading's current held during the interval before it.
    let current = reading.current.isFinite ? reading.current : previousCurrent
    previousCurrent = current
    follow(current: current, interval: interval, reading: reading)
    for cell in 0..<context.cells where reading.bleeds[cell] {
      bled[cell] += context.bleedCurrent * interval
    }
    for cell in 0..<context.cells {
      let value = reading.cellVoltage[cell]
      // NaN fails both comparisons.
      if value > 0.5, value < 6 {
        sums[cell] += value
        counts[cell] += 1
      }
    }
    currentSum += current * interval
    slowSum += slowLoss * interval
    rows += 1
    let length = reading.time - windowStart
    guard length >= 120 || reading.mode == .parked else { return }
    close(length: length, verdicts: &verdicts)
    windowStart = reading.time
  }

  private mutating func begin(_ reading: PackReading) {
    lastTime = reading.time
    windowStart = reading.time
    clear()
    guard chargeEstimate.isNaN else { return }
    let known = reading.cellVoltage.filter { $0 > 0.5 && $0 < 6 }
    guard !known.isEmpty else {
      lastTime = .nan
      return
    }
    let median = RobustStatistics.median(known)
    chargeEstimate = context.cell.openCircuit.charge(at: median)
    let slope = max(context.cell.openCircuit.slope(at: chargeEstimate, span: 0.02), 1e-3)
    let doubt = min(0.25, (0.004 + context.cell.hysteresis) / slope)
    chargeVariance = doubt * doubt
  }

  private mutating func clear() {
    for cell in 0..<context.cells {
      sums[cell] = 0
      counts[cell] = 0
      bled[cell] = 0
    }
    currentSum = 0
    slowSum = 0
    rows = 0
  }

  /// Follows charge and polarisation of the nominal cell.
  private mutating func follow(current: Double, interval: Double, reading: borrowing PackReading) {
    chargeEstimate = min(
      1.02, max(-0.02, chargeEstimate - current * interval / context.cell.capacity))
    var warmest = 0.0
    var known = 0.0
    for value in reading.probeTemperature where value > 220 && value < 400 {
      warmest += value
      known += 1
    }
    if known > 0 { medianTemperature = warmest / known }
    let factor = exp(
      context.cell.activationEnergy / PhysicalConstants.gas
        * (1 / medianTemperature - 1 / PhysicalConstants.referenceTemperature))
    let pace = factor.squareRoot()
    let slow = context.cell.slow
    let fast = context.cell.fast
    let slowEnd = current * slow.resistance * factor
    let fastEnd = current * fast.resistance * factor
    slowLoss = slowEnd + (slowLoss - slowEnd) * exp(-interval / (slow.time * pace))
    fastLoss = fastEnd + (fastLoss - fastEnd) * exp(-interval / (fast.time * pace))
  }

  /// Ends a window: one update of every filter, then the decision.
  private mutating func close(length: Double, verdicts: inout [Verdict]) {
    defer { clear() }
    guard rows > 0, length > 0 else { return }
    let cells = context.cells
    var means = [Double](repeating: .nan, count: cells)
    var known: [Double] = []
    known.reserveCapacity(cells)
    for cell in 0..<cells where counts[cell] > 0 {
      means[cell] = sums[cell] / Double(counts[cell])
      known.append(means[cell])
    }
    let current = currentSum / length
    let slow = slowSum / length
    guard known.count > cells / 2 else {
      filter.predict(duration: length, current: current, bled: bled)
      return
    }
    known.sort()
    let median = RobustStatistics.medianOfSorted(known)
    filter.predict(duration: length, current: current, bled: bled)

    let cell = context.cell
    let factor = exp(
      cell.activationEnergy / PhysicalConstants.gas
        * (1 / medianTemperature - 1 / PhysicalConstants.referenceTemperature))
    let table = cell.openCircuit
    correctCharge(
      median: median, current: current,
      loss: current * cell.seriesResistance * factor + slow + fastLoss, length: length)
    let loss = current * cell.seriesResistance * factor + slow + fastLoss
    let resistance = cell.totalResistance * factor
    let lossSize = abs(current) * cell.seriesResistance * factor + abs(slow) + abs(fastLoss)
    let isQuiet = lossSize < 0.004
    // Cells differ in temperature, and with it in all resistances: under load they prove little.
    let model = isQuiet ? 0.000_6 + 0.1 * lossSize : 0.001 + 0.15 * lossSize
    // Errors of the model last for ten minutes or so: shorter windows count for less.
    let repeated = max(1, 600 / length)
    // The place on the curve is read from the voltage without its loss, and is that uncertain.
    let open = median + loss
    let reach = 0.002 + cell.hysteresis + 0.25 * abs(loss)
    var normals: [Double] = []
    normals.reserveCapacity(cells)
    for i in 0..<cells where counts[i] > 0 {
      let difference = means[i] - median
      let (slope, bend) = Self.slope(table, around: open, difference: difference, reach: reach)
      let delta = filter.value(i, .charge)
      let leak = filter.value(i, .leak)
      let expected =
        slope * delta - leak * resistance - filter.value(i, .series) * current * factor
        - filter.value(i, .slow) * (slow + fastLoss) + filter.value(i, .offset)
      let doubt = filter.deviation(i, .charge)
      let fromBend = bend * (delta * delta + doubt * doubt).squareRoot()
      let noise = 0.000_7 / Double(counts[i]).squareRoot()
      variances[i] =
        noise * noise + (0.000_3 * 0.000_3) + repeated * (model * model + fromBend * fromBend)
      residuals[i] = difference - expected
      slopes[i] = slope
      let h = (slope, -resistance, 0.0, -current * factor, -(slow + fastLoss), 1.0)
      normals.append(residuals[i] / (filter.spread(i, h) + variances[i]).squareRoot())
    }
    // What the model gets wrong for all siblings alike is no sign of one of them.
    let centre = RobustStatistics.median(normals)
    let scale = max(1, RobustStatistics.scaledMAD(normals, about: centre))
    // A short is in one cell: where several leap at once, it is a board or the model.
    let leaps = normals.count { abs($0 - centre) > 3 * scale }
    for i in 0..<cells where counts[i] > 0 {
      filter.update(
        cell: i, time: lastTime, residual: residuals[i],
        sensitivity: (slopes[i], -resistance, 0, -current * factor, -(slow + fastLoss), 1),
        variance: variances[i], scale: scale, counts: isQuiet && leaps < 3,
        isShift: leaps >= 3)
    }
    if isQuiet { decide(verdicts: &verdicts) }
  }

  /// Corrects the charge of the siblings by their median voltage, with a scalar Kalman filter: a
  /// flat curve says nothing, a rested steep one much.
  private mutating func correctCharge(median: Double, current: Double, loss: Double, length: Double)
  {
    let table = context.cell.openCircuit
    // The capacity of an aged pack is known to a tenth; the sensor's offset to half an ampere.
    let counted = 0.1 * current * length / context.cell.capacity
    let offset = 0.3 * length / context.cell.capacity
    chargeVariance = min(0.09, chargeVariance + counted * counted + offset * offset)
    let slope = max(table.slope(at: chargeEstimate, span: 0.015), 1e-3)
    let doubt = 0.002 + context.cell.hysteresis + 0.25 * abs(loss)
    let repeated = max(1, 600 / length)
    let total = slope * slope * chargeVariance + doubt * doubt * repeated
    let residual = median + loss - table.voltage(at: chargeEstimate)
    let gain = chargeVariance * slope / total
    chargeEstimate += max(-0.05, min(0.05, gain * residual))
    chargeEstimate = min(1.02, max(-0.02, chargeEstimate))
    chargeVariance = max(1e-5, chargeVariance * (1 - gain * slope))
  }

  /// Slope of the open-circuit voltage between a cell and its siblings, and how far it may be off.
  @inline(__always)
  private static func slope(
    _ table: VoltageTable, around open: Double, difference: Double, reach: Double
  ) -> (slope: Double, bend: Double) {
    let bounded = max(-0.5, min(0.5, difference))
    let low = min(0, bounded) - 0.001_5
    let high = max(0, bounded) + 0.001_5
    @inline(__always) func secant(_ shift: Double) -> Double {
      let rise = table.charge(at: open + shift + high) - table.charge(at: open + shift + low)
      return (high - low) / max(rise, 2e-4)
    }
    let here = secant(0)
    let below = secant(-reach)
    let above = secant(reach)
    return (here, max(abs(below - here), abs(above - here)))
  }

  private mutating func decide(verdicts: inout [Verdict]) {
    let cells = context.cells
    var leaks = [Double](repeating: 0, count: cells)
    for i in 0..<cells { leaks[i] = filter.value(i, .leak) }
    let middle = RobustStatistics.median(leaks)
    let rate = context.cell.capacity / 3_600
    let spread = max(RobustStatistics.scaledMAD(leaks, about: middle), rate * 1e-5)
    outliers(verdicts: &verdicts)
    for i in 0..<cells {
      let leak = leaks[i] - middle
      let deviation = filter.deviation(i, .leak)
      let isLeak =
        leak > limits.significance * deviation && leak > limits.spread * spread
        && leak > limits.leakRate * rate
        && (leak * context.cell.totalResistance > 0.002 || filter.evidence[i] > 12)
      let isFalling =
        filter.evidence[i] > limits.evidence && leak > limits.leakRate * rate
        && leak > 2.5 * deviation && leak > limits.spread * spread
      let isSuspect = isLeak || isFalling
      guard isSuspect else {
        suspectSince[i] = .nan
        continue
      }
      if suspectSince[i].isNaN { suspectSince[i] = lastTime }
      guard isFalling || lastTime - suspectSince[i] >= limits.dwell else { continue }
      tell(
        .internalShort, i, verdicts: &verdicts,
        evidence: [
          VerdictEvidence("leak current", leak, "A"),
          VerdictEvidence("standard deviation", deviation, "A"),
          VerdictEvidence(
            "short resistance", context.cell.openCircuit.voltage(at: chargeEstimate) / leak, "Ω"),
          VerdictEvidence("evidence of falling", filter.evidence[i], "σ"),
          VerdictEvidence("charge difference", filter.value(i, .charge), ""),
        ])
    }
  }

  /// Cells that are smaller or more resistive than their siblings, beyond doubt and beyond spread.
  private mutating func outliers(verdicts: inout [Verdict]) {
    let cells = context.cells
    func others(_ state: SiblingFilter.State) -> (middle: Double, spread: Double) {
      let values = (0..<cells).map { filter.value($0, state) }
      let middle = RobustStatistics.median(values)
      return (middle, RobustStatistics.scaledMAD(values, about: middle))
    }
    updates += 1
    // Resistances and capacities change slowly: one look an hour or so is enough.
    guard updates % 10 == 0 else { return }
    let nominal = context.cell.seriesResistance
    let share = others(.capacity)
    let series = others(.series)
    let slow = others(.slow)
    // What a leaking cell looks like otherwise is the work of its leak.
    for i in 0..<cells where filter.value(i, .leak) < 3 * filter.deviation(i, .leak) {
      let capacity = filter.value(i, .capacity) - share.middle
      if capacity > limits.capacity, capacity > 5 * filter.deviation(i, .capacity),
        capacity > 5 * share.spread
      {
        tell(
          .capacityOutlier, i, verdicts: &verdicts,
          evidence: [VerdictEvidence("capacity missing", capacity / (1 + capacity), "")])
      }
      let ohms = filter.value(i, .series) - series.middle
      guard ohms > limits.resistance * nominal, ohms > 6 * filter.deviation(i, .series),
        ohms > 6 * series.spread
      else { continue }
      // A joint adds resistance that acts at once; an aged cell polarises slowly as well.
      let relative = filter.value(i, .slow) - slow.middle
      let isAged = relative > 0.4 * ohms / nominal
      tell(
        isAged ? .resistanceOutlier : .looseConnection, i, verdicts: &verdicts,
        evidence: [
          VerdictEvidence("added resistance", ohms * 1_000, "mΩ"),
          VerdictEvidence("added slow polarisation", relative, ""),
        ])
    }
  }

  private mutating func tell(
    _ fault: FaultClass, _ cell: Int, verdicts: inout [Verdict], evidence: [VerdictEvidence]
  ) {
    guard told.insert("\(fault.rawValue) \(cell)").inserted else { return }
    verdicts.append(Verdict(fault, at: .cell(cell + 1), time: lastTime, evidence: evidence))
  }
}
