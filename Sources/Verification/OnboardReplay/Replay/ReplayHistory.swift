// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The rows around decisions, and decisions that repeat.

import BMSCore
import OnboardConfiguration

/// Where a fault is.
struct ReplayPlace: Sendable {
  enum Kind { case cell, probe, current, pack }
  var kind: Kind
  var index: Int

  /// Reads the index of a row: rows of temperatures count probes, rows of channels count cells, then
  /// probes, then the current, then the string; all others count cells.
  init(_ fault: FaultClass, index: Int, cells: Int, probes: Int) {
    self.index = index
    switch fault {
    case _ where index < 0: kind = .pack
    case .chargeOverTemperature, .dischargeOverTemperature, .chargeUnderTemperature,
      .dischargeUnderTemperature, .temperatureRise, .temperatureSpread:
      kind = .probe
    case .openWire, .sensorOutOfRange, .sensorFrozen, .redundantDisagreement, .channelSwapped:
      if index < cells {
        kind = .cell
      } else if index < cells + probes {
        kind = .probe
        self.index = index - cells
      } else {
        kind = index == cells + probes ? .current : .pack
      }
    case .stuckActuator, .thermalEvent, .coolingFailure, .estimatorDead: kind = .pack
    default: kind = .cell
    }
  }

  var words: String {
    switch kind {
    case .cell: "cell \(index + 1)"
    case .probe: "probe \(index + 1)"
    case .current: "current sensor"
    case .pack: "pack"
    }
  }

  var number: Int? { kind == .cell || kind == .probe ? index + 1 : nil }
}

/// The last rows as the core judged them, and decisions that still wait for the rows after them.
struct ReplayHistory {
  private struct Row {
    var time: Double
    var current: Double?
    var voltages: [Float]
    var temperatures: [Float]
    var stateOfCharge: Double
  }
  private var rows: [Row] = []
  private var waiting: [(decision: Int, place: ReplayPlace?)] = []
  private var open: [String: Int] = [:]
  /// Rows kept before and after a decision.
  var depth = 15

  /// Takes the judged sample of a row.
  mutating func add<let cells: Int, let probes: Int>(
    _ core: PackController<cells, probes, Double>, at time: Double, row: Int
  ) {
    let sample = core.sample
    rows.append(
      Row(
        time: time, current: sample.current.isUsable ? sample.current.value : nil,
        voltages: sample.cellVoltage.indices.map {
          let reading = sample.cellVoltage[$0]
          return reading.isUsable ? Float(reading.value) : .nan
        },
        temperatures: sample.probeTemperature.indices.map {
          let reading = sample.probeTemperature[$0]
          return reading.isUsable ? Float(reading.value) : .nan
        }, stateOfCharge: core.estimate.stateOfCharge))
    if rows.count > depth + 1 { rows.removeFirst() }
  }

  private func evidence(_ row: Row, _ place: ReplayPlace?, at time: Double) -> ReplayEvidence {
    let known = row.voltages.filter(\.isFinite)
    let hot = row.temperatures.filter(\.isFinite).max()
    var value: Float?
    switch place?.kind {
    case .cell:
      value = place.flatMap {
        row.voltages.indices.contains($0.index) ? row.voltages[$0.index] : nil
      }
    case .probe:
      value = place.flatMap {
        row.temperatures.indices.contains($0.index) ? row.temperatures[$0.index] : nil
      }
    default: break
    }
    // Four digits are what the sensors have.
    func rounded(_ value: Float?) -> Double? {
      guard let value, value.isFinite else { return nil }
      return (Double(value) * 1e4).rounded() / 1e4
    }
    return ReplayEvidence(
      seconds: ((row.time - time) * 1e3).rounded() / 1e3, current: row.current,
      value: rounded(value),
      mean: known.isEmpty ? nil : rounded(known.reduce(0, +) / Float(known.count)),
      lowest: rounded(known.min()), highest: rounded(known.max()), temperature: rounded(hot),
      stateOfCharge: (row.stateOfCharge * 1e4).rounded() / 1e4)
  }

  /// Adds the newest row to the decisions that wait for it.
  mutating func follow(_ result: inout ReplayResult) {
    guard let row = rows.last else { return }
    var left: [(decision: Int, place: ReplayPlace?)] = []
    for entry in waiting {
      let time = result.decisions[entry.decision].time
      if row.time > time {
        result.decisions[entry.decision].after.append(evidence(row, entry.place, at: time))
      }
      if result.decisions[entry.decision].after.count < depth { left.append(entry) }
    }
    waiting = left
  }

  /// Notes a decision, or counts it with an earlier one of the same cause, level and subject.
  mutating func note(
    _ decision: ReplayDecision, cell place: ReplayPlace?, into result: inout ReplayResult
  ) {
    let key = "\(decision.kind) \(decision.cause) \(decision.level) \(decision.subject)"
    if let index = open[key], decision.time - result.decisions[index].last < 3_600 {
      result.decisions[index].repeats += 1
      result.decisions[index].last = decision.time
      return
    }
    guard result.decisions.count < 10_000 else {
      result.dropped += 1
      return
    }
    var entry = decision
    entry.before = rows.map { evidence($0, place, at: decision.time) }
    open[key] = result.decisions.count
    if decision.kind != .correction { waiting.append((result.decisions.count, place)) }
    result.decisions.append(entry)
  }

  /// Ends: nothing waits any more.
  mutating func finish(into result: inout ReplayResult) { waiting = [] }
}

/// How the cells stand from day to day.
struct ReplayStandings {
  private var sums: [Double]
  private var lowest: [Int]
  private var count = 0
  private var total = 0
  private var day = -Double.infinity
  private var dayStart = 0.0
  private var days: [ReplayDay] = []

  init(cells: Int) {
    sums = Array(repeating: 0, count: cells)
    lowest = Array(repeating: 0, count: cells)
  }

  mutating func add<let cells: Int>(_ estimate: PackEstimate<cells, Double>, at time: Double) {
    guard estimate.isConverged else { return }
    let date = (time / 86_400).rounded(.down)
    if date != day {
      close()
      day = date
      dayStart = time
    }
    var charges: [Double] = []
    charges.reserveCapacity(sums.count)
    for cell in 0..<cells { charges.append(estimate.cellStateOfCharge[cell]) }
    let middle = charges.sorted()[charges.count / 2]
    var least = 0
    for cell in charges.indices {
      sums[cell] += charges[cell] - middle
      if charges[cell] < charges[least] { least = cell }
    }
    lowest[least] += 1
    count += 1
    total += 1
  }

  private mutating func close() {
    guard count > 0 else { return }
    days.append(ReplayDay(time: dayStart, charges: sums.map { $0 / Double(count) }))
    sums = Array(repeating: 0, count: sums.count)
    count = 0
  }

  mutating func finish<let cells: Int>(
    _ estimate: PackEstimate<cells, Double>, into result: inout ReplayResult
  ) {
    close()
    result.days = days
    guard let first = days.first, let last = days.last else { return }
    result.cells = (0..<cells).map { cell in
      let short = estimate.internalShortResistance[cell]
      return ReplayCell(
        number: cell + 1, firstCharge: first.charges[cell], lastCharge: last.charges[cell],
        deviation: estimate.cellStateOfChargeDeviation[cell],
        capacity: estimate.cellCapacity[cell], resistanceRatio: estimate.cellResistanceRatio[cell],
        leak: estimate.leakCurrent[cell], shortResistance: short.isFinite ? short : nil,
        lowestShare: Double(lowest[cell]) / Double(max(total, 1)))
    }
  }
}
