// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Internal shorts at telemetry rate: a leak that no sibling has, against rival explanations.

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
/// updates a bank of Kalman filters a cell against the median of its module: one in which nothing
/// changes, two in which a leak grows e-fold in 40 minutes or in six hours, and one in which capacity
/// and resistances change. The logarithms of their likelihood ratios against the first are summed from
/// zero (Page 1954, doi:10.1093/biomet/41.1-2.100): under the first filter the mean time between false
/// alarms of a sum with limit h is at least eʰ updates (Lorden 1971, doi:10.1214/aoms/1177693055), as far
/// as the filter's own noise is honest. An explanation is told when its sum passes the limit and leads
/// those of its rivals.
public struct SiblingShortDetector: FaultDetector {
  /// Limits of the decision.
  public struct Limits: Codable, Hashable, Sendable {
    /// Logarithm of the likelihood ratio that tells a leak: 96 cells of 700 updates a day for 100,000
    /// days are e²³ updates.
    public var evidence = 26.0
    /// Lead before rival explanations.
    public var margin = 3.0
    /// Smallest leak as a part of the capacity an hour.
    public var leakRate = 1.0 / 1_200
    /// Standard deviations of the leak above zero.
    public var significance = 3.0
    /// Smallest loss of capacity that is called an outlier, relative.
    public var capacity = 0.08
    /// Smallest rise of resistance that is called an outlier, relative.
    public var resistance = 0.3

    /// The default limits.
    public init() {}
  }

  /// Slope from which a curve counts as a knee, in volts for the whole charge.
  static let steep = 2.5

  /// Place of each hypothesis in the bank.
  enum Hypothesis: Int, CaseIterable { case steady, fastLeak, slowLeak, change }

  let context: DetectorContext
  let limits: Limits
  var bank: SiblingBank
  var place: SiblingPlace
  var lastTime = Double.nan
  var windowStart = Double.nan
  var sums: [Double]
  var counts: [Int]
  var bled: [Double]
  var currentSum = 0.0
  var slowSum = 0.0
  var rows = 0
  /// Sum of log-likelihood ratios of each hypothesis and cell, `[hypothesis × cell]`.
  var evidence: [Double]
  /// Log-likelihood ratio of the leaks against a change of capacity or resistance, from −10 to 10.
  var leads: [Double]
  var lastShift: [Double]
  /// Variance of each cell's difference by the doubt of the place on the curve, in V².
  var placeVariances: [Double]
  var told: Set<String> = []
  var previousCurrent = 0.0
  var previousCharge = Double.nan
  var normals: [Double] = []
  var sorted: [Double] = []
  var medians: [Double]
  var medianCounts: [Int]
  var previousOpen: [Double]
  var scales: [Double]
  var moduleNormals: [Double] = []
  var differences: [Double]
  var slopes: [Double]
  var noises: [Double]
  var bends: [Double]
  var sensitivities: [(Double, Double, Double, Double, Double, Double)]

  /// Creates a detector.
  public init(_ context: DetectorContext, limits: Limits = Limits()) {
    self.context = context
    self.limits = limits
    var fast = SiblingHypothesis()
    fast.growthTime = 2_400
    fast.leakStart = 5e-4
    fast.leakWalk = 5e-4
    var slow = SiblingHypothesis()
    slow.growthTime = 6 * 3_600
    slow.leakStart = 5e-4
    slow.leakWalk = 2e-4
    var change = SiblingHypothesis()
    change.capacityWalk = 0.015
    change.seriesWalk = 0.1
    change.slowWalk = 0.1
    bank = SiblingBank(
      cells: context.cells, perModule: context.cellsPerModule, capacity: context.cell.capacity,
      resistance: context.cell.seriesResistance, [SiblingHypothesis(), fast, slow, change])
    place = SiblingPlace(context.cell)
    sums = Array(repeating: 0, count: context.cells)
    counts = Array(repeating: 0, count: context.cells)
    bled = sums
    differences = sums
    slopes = sums
    evidence = Array(repeating: 0, count: Hypothesis.allCases.count * context.cells)
    leads = evidence
    placeVariances = sums
    lastShift = Array(repeating: -.infinity, count: context.cells)
    noises = Array(repeating: 1, count: bank.modules)
    medians = Array(repeating: 0, count: bank.modules)
    medianCounts = Array(repeating: 0, count: bank.modules)
    scales = medians
    previousOpen = Array(repeating: .nan, count: bank.modules)
    bends = Array(repeating: 0, count: bank.modules)
    sensitivities = Array(repeating: (0, 0, 0, 0, 0, 1), count: bank.modules)
  }

  /// Leak of a cell, from 0, in amperes with its standard deviation.
  public func leak(of cell: Int) -> (value: Double, deviation: Double) {
    let h = Hypothesis.slowLeak.rawValue
    return (bank.value(h, cell, .leak), bank.deviation(h, cell, .leak))
  }

  /// Takes one reading; see ``FaultDetector``.
  public mutating func ingest(_ reading: PackReading, verdicts: inout [Verdict]) {
    let interval = reading.time - lastTime
    guard !lastTime.isNaN, interval >= 0 else {
      // The first reading, or a clock set back: the time since is not known.
      begin(reading)
      return
    }
    guard interval > 0 else { return }
    if interval > 1_800 {
      // Nothing is known of the use in a long silence but that it was at most full.
      endWindow(length: reading.time - windowStart, unseen: interval, verdicts: &verdicts)
      place.widen(by: interval)
      lastTime = reading.time
      windowStart = reading.time
      return
    }
    lastTime = reading.time
    // The reading's current held during the interval before it; behind open contactors there is
    // none, whatever the sensor's offset.
    let isOpen = !reading.contactorsCommanded && !reading.contactorsClosed
    let current = isOpen ? 0 : reading.current.isFinite ? reading.current : previousCurrent
    previousCurrent = current
    place.follow(current: current, interval: interval, reading: reading)
    for cell in 0..<context.cells where reading.bleeds[cell] {
      bled[cell] += context.bleedCurrent * interval
    }
    compare(reading.cellVoltage)
    currentSum += current * interval
    slowSum += (place.slowLoss + place.fastLoss) * interval
    rows += 1
    let length = reading.time - windowStart
    guard length >= 120 || reading.mode == .parked else { return }
    endWindow(length: length, unseen: 0, verdicts: &verdicts)
    windowStart = reading.time
  }

  /// Adds the differences of one reading to the medians of the modules: a cell that misses a reading
  /// under load is not compared with siblings that did not.
  private mutating func compare(_ voltages: [Double]) {
    let size = bank.perModule
    for module in 0..<bank.modules {
      let first = module * size
      let last = min(context.cells, first + size)
      sorted.removeAll(keepingCapacity: true)
      for cell in first..<last {
        let value = voltages[cell]
        // NaN fails both comparisons.
        guard value > 0.5, value < 6 else { continue }
        var place = sorted.count
        sorted.append(value)
        while place > 0, sorted[place - 1] > value {
          sorted[place] = sorted[place - 1]
          place -= 1
        }
        sorted[place] = value
      }
      guard sorted.count > 2 else { continue }
      let median = RobustStatistics.medianOfSorted(sorted)
      medians[module] += median
      medianCounts[module] += 1
      for cell in first..<last where voltages[cell] > 0.5 && voltages[cell] < 6 {
        sums[cell] += voltages[cell] - median
        counts[cell] += 1
      }
    }
  }

  private mutating func begin(_ reading: PackReading) {
    lastTime = reading.time
    windowStart = reading.time
    clear()
    guard place.charge.isNaN else { return }
    let known = reading.cellVoltage.filter { $0 > 0.5 && $0 < 6 }
    guard !known.isEmpty else {
      lastTime = .nan
      return
    }
    place.begin(at: RobustStatistics.median(known))
  }

  private mutating func clear() {
    for cell in 0..<context.cells {
      sums[cell] = 0
      counts[cell] = 0
      bled[cell] = 0
    }
    for module in medians.indices {
      medians[module] = 0
      medianCounts[module] = 0
    }
    currentSum = 0
    slowSum = 0
    rows = 0
  }

  /// Ends a window: one prediction, one update of every filter, then the decision.
  private mutating func endWindow(length: Double, unseen: Double, verdicts: inout [Verdict]) {
    defer { clear() }
    guard length > 0 else { return }
    let seen = max(length - unseen, 1)
    let current = rows > 0 ? currentSum / seen : 0
    let slow = rows > 0 ? slowSum / seen : 0
    let isReadable = rows > 0 && unseen == 0 && locate(current: current, slow: slow, length: length)
    bank.predict(
      duration: length, current: current * seen / length, bled: bled,
      unknown: min(0.5, unseen / 14_400), bend: bends)
    for module in bends.indices { bends[module] = 0 }
    guard isReadable else { return }
    measureScales()
    bank.prepare(sensitivity: sensitivities, noise: noises, scales: scales)
    weigh()
    decide(verdicts: &verdicts)
  }

  /// Differences to the medians of the modules, and what they are sensitive to.
  private mutating func locate(current: Double, slow: Double, length: Double) -> Bool {
    let cell = context.cell
    let factor = place.factor
    let loss = current * cell.seriesResistance * factor + slow
    let size = abs(current) * cell.seriesResistance * factor + abs(slow)
    // Errors of the model last for ten minutes or so: shorter windows count for less.
    let repeated = max(1, 600 / length)
    let model = 0.000_15 + 0.04 * size
    let perModule = bank.perModule
    var all: [Double] = []
    for module in 0..<bank.modules {
      let first = module * perModule
      let last = min(context.cells, first + perModule)
      guard medianCounts[module] > 0 else {
        for i in first..<last { differences[i] = .nan }
        continue
      }
      let median = medians[module] / Double(medianCounts[module])
      all.append(median)
      var squares = 0.0
      for i in first..<last {
        // A cell that missed half a window is left out of it.
        differences[i] = 2 * counts[i] > rows ? sums[i] / Double(counts[i]) : .nan
        let charge = bank.value(0, i, .charge)
        squares += charge * charge
      }
      // The place on the curve is read from the voltage without its loss, and is that uncertain.
      let open = median + loss
      let reach = 0.002 + cell.hysteresis + 0.25 * abs(loss)
      let (slope, bend) = place.slope(around: open, difference: 0, reach: reach)
      let doubt = (0.001 + 0.5 * cell.hysteresis + 0.1 * size)
      for i in first..<last {
        guard abs(differences[i]) > 0.002 else {
          slopes[i] = slope
          placeVariances[i] = 0
          continue
        }
        slopes[i] = place.slope(around: open, difference: differences[i], reach: 0).slope
        // An error of the place shows in a cell as far as its curve is steeper than its module's, and
        // by no more than the slopes within reach differ; on the knees a line between is a tenth off.
        let own = place.slope(around: open + differences[i], difference: 0, reach: 0).slope
        let steepness = min(4, abs(own / slope - 1)) * doubt
        let bounded = min(steepness, bend * abs(bank.value(0, i, .charge)))
        let knee = 0.1 * abs(differences[i]) * min(1, slope * 0.5)
        placeVariances[i] = repeated * (bounded * bounded + knee * knee)
        // Beyond its own knee or its table's end a cell says nothing of the place of the others.
        let end = cell.openCircuit.charge(at: open + differences[i])
        if own > Self.steep || end > 0.995 { differences[i] = .nan }
      }
      // Noise and half a step of a millivolt; the median of a module adds an eighth.
      let readings = Double(medianCounts[module])
      let noise = 0.000_75 * 0.000_75 / readings * (1 + 1.6 / Double(last - first))
      let unsure = bank.deviation(0, first, .charge)
      let spread = max(0.004, (squares / Double(last - first) + unsure * unsure).squareRoot())
      noises[module] = noise + repeated * model * model
      // On the knees no straight line between cell and siblings does: nothing is learnt there.
      if bend * spread > 0.003 || slope > Self.steep {
        for i in first..<last { differences[i] = .nan }
        noises[module] = 1
      }
      sensitivities[module] =
        (slope, -cell.totalResistance * factor, 0, -current * factor, -slow, 1)
      // Where the curve bends, a charge difference looks otherwise after a move along it.
      let moved = previousCharge.isNaN ? 0 : abs(place.charge - previousCharge) / 0.03
      let slid = previousOpen[module].isNaN ? 0 : abs(open - previousOpen[module]) - 0.001
      previousOpen[module] = open
      let part = min(1, max(moved, slid / reach))
      bends[module] = min(0.001, bend * spread) * part.squareRoot()
    }
    previousCharge = place.charge
    guard !all.isEmpty else { return false }
    place.correct(
      median: RobustStatistics.median(all), current: current, loss: loss, length: length)
    return true
  }

  /// How much more the cells of each module disagree than the steady filter expects, at least 1: what
  /// moves many siblings is the model, and counts for less in all of them.
  private mutating func measureScales() {
    let cells = context.cells
    normals.removeAll(keepingCapacity: true)
    for module in 0..<bank.modules {
      let h = sensitivities[module]
      let total = bank.spread(0, module: module, h) + noises[module]
      moduleNormals.removeAll(keepingCapacity: true)
      for i in (module * bank.perModule)..<min(cells, (module + 1) * bank.perModule)
      where differences[i].isFinite {
        let residual = differences[i] - bank.expected(0, i, slope: slopes[i], h)
        let normal = residual / (total + placeVariances[i]).squareRoot()
        normals.append(normal)
        moduleNormals.append(abs(normal))
      }
      guard moduleNormals.count > 2 else {
        scales[module] = 1
        continue
      }
      moduleNormals.sort()
      // A dozen values scatter: a quarter more than one is still as expected.
      scales[module] = 1.48 * RobustStatistics.medianOfSorted(moduleNormals) / 1.25
    }
    guard normals.count > 2 else { return }
    let pack = RobustStatistics.scaledMAD(normals, about: 0)
    for module in 0..<bank.modules { scales[module] = max(1, pack, scales[module]) }
  }

  /// Updates every cell and sums its evidence.
  private mutating func weigh() {
    let all = Hypothesis.allCases.count
    let cells = context.cells
    let change = Hypothesis.change.rawValue
    var innovations = [Double](repeating: 0, count: all)
    var totals = innovations
    for i in 0..<cells where differences[i].isFinite {
      let module = i / bank.perModule
      let h = sensitivities[module]
      let misfit = slopes[i] - h.0
      var smallest = Double.infinity
      for k in 0..<all {
        innovations[k] = differences[i] - bank.expected(k, i, slope: slopes[i], h)
        let doubt = bank.deviation(k, i, .charge)
        totals[k] =
          bank.variance[k * bank.modules + module] + misfit * misfit * doubt * doubt
          + placeVariances[i] * scales[module] * scales[module]
        smallest = min(smallest, innovations[k] * innovations[k] / totals[k])
      }
      // A leap beyond every explanation is a channel that shifted, once a day; a short goes on.
      if smallest > 49, abs(misfit) < 0.5 * h.0, lastTime - lastShift[i] > 86_400 {
        lastShift[i] = lastTime
        bank.shift(i, by: innovations)
        continue
      }
      // A cell on a steeper part of the curve than its module takes less, or it would overshoot.
      let share =
        min(1, h.0 / max(slopes[i], 1e-6)) * bank.variance[module] / max(totals[0], 1e-12)
      let steady = innovations[0] * innovations[0] / totals[0]
      for k in 0..<all {
        bank.correct(k, i, by: share * innovations[k])
        guard k > 0 else { continue }
        let own = innovations[k] * innovations[k] / totals[k]
        let gained = 0.5 * (steady - own - log(totals[k] / totals[0]))
        // No single window decides.
        let step = max(-4, min(4, gained))
        evidence[k * cells + i] = max(0, evidence[k * cells + i] + step)
        guard k < change else { continue }
        let rival = innovations[change] * innovations[change] / totals[change]
        let ahead = 0.5 * (rival - own - log(totals[k] / totals[change]))
        let lead = leads[k * cells + i] + max(-4, min(4, ahead))
        leads[k * cells + i] = max(-10, min(10, lead))
      }
    }
  }

  /// Evidence of the cell with the third most.
  private func shared(_ hypotheses: [Hypothesis]) -> Double {
    let cells = context.cells
    var most = (0.0, 0.0, 0.0)
    for i in 0..<cells {
      var value = 0.0
      for hypothesis in hypotheses { value = max(value, evidence[hypothesis.rawValue * cells + i]) }
      if value > most.0 {
        most = (value, most.0, most.1)
      } else if value > most.1 {
        most = (most.0, value, most.1)
      } else if value > most.2 {
        most.2 = value
      }
    }
    return most.2
  }

  private mutating func decide(verdicts: inout [Verdict]) {
    let cells = context.cells
    let rate = context.cell.capacity / 3_600
    // A short is in one cell. What also the third of its siblings shows is the model or a board.
    let common = (leak: shared([.fastLeak, .slowLeak]), change: shared([.change]))
    for i in 0..<cells {
      let change = evidence[Hypothesis.change.rawValue * cells + i] - common.change
      let fast = evidence[Hypothesis.fastLeak.rawValue * cells + i]
      let slow = evidence[Hypothesis.slowLeak.rawValue * cells + i]
      let leak = max(fast, slow) - common.leak
      guard max(leak, change) > limits.evidence else { continue }
      let kind = fast > slow ? Hypothesis.fastLeak.rawValue : Hypothesis.slowLeak.rawValue
      let lead = leads[kind * cells + i]
      if leak > limits.evidence, lead > limits.margin {
        let amperes = bank.value(kind, i, .leak)
        let deviation = bank.deviation(kind, i, .leak)
        guard amperes > limits.leakRate * rate, amperes > limits.significance * deviation else {
          continue
        }
        tell(
          .internalShort, i, verdicts: &verdicts,
          evidence: [
            VerdictEvidence("leak current", amperes, "A"),
            VerdictEvidence("standard deviation", deviation, "A"),
            VerdictEvidence("short resistance", place.openVoltage / amperes, "Ω"),
            VerdictEvidence("log-likelihood ratio", leak, ""),
            VerdictEvidence("against a change instead", lead, ""),
          ])
      } else if change > limits.evidence, lead < -limits.margin {
        tellChange(i, sum: change, verdicts: &verdicts)
      }
    }
  }

  /// A cell whose capacity or resistance changed: the one that differs most of its limit is told.
  private mutating func tellChange(_ i: Int, sum: Double, verdicts: inout [Verdict]) {
    let kind = Hypothesis.change.rawValue
    let nominal = context.cell.seriesResistance
    let capacity = bank.value(kind, i, .capacity)
    if capacity > limits.capacity, capacity > 3 * bank.deviation(kind, i, .capacity) {
      tell(
        .capacityOutlier, i, verdicts: &verdicts,
        evidence: [
          VerdictEvidence("capacity missing", capacity / (1 + capacity), ""),
          VerdictEvidence("log-likelihood ratio", sum, ""),
        ])
    }
    let ohms = bank.value(kind, i, .series)
    guard ohms > limits.resistance * nominal, ohms > 3 * bank.deviation(kind, i, .series) else {
      return
    }
    // A joint adds resistance that acts at once; an aged cell polarises slowly as well.
    let relative = bank.value(kind, i, .slow)
    let isAged = relative > 0.4 * ohms / nominal
    tell(
      isAged ? .resistanceOutlier : .looseConnection, i, verdicts: &verdicts,
      evidence: [
        VerdictEvidence("added resistance", ohms * 1_000, "mΩ"),
        VerdictEvidence("added slow polarisation", relative, ""),
        VerdictEvidence("log-likelihood ratio", sum, ""),
      ])
  }

  private mutating func tell(
    _ fault: FaultClass, _ cell: Int, verdicts: inout [Verdict], evidence: [VerdictEvidence]
  ) {
    guard told.insert("\(fault.rawValue) \(cell)").inserted else { return }
    verdicts.append(Verdict(fault, at: .cell(cell + 1), time: lastTime, evidence: evidence))
  }
}
