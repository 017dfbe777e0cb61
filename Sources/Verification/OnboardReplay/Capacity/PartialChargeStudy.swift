// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Capacity from partial charges of a life test, against the discharges that follow.

import BMSCore
import BatteryDomain
import BatteryFiles

/// One charge of a life test with what the core made of it.
public struct PartialChargePoint: Codable, Sendable, Hashable {
  /// Number of the charge's step in the file.
  public var step: Int
  /// Number of the discharge after it, from 1.
  public var discharge: Int
  /// Charge from the voltage of the window to the end, in ampere-hours; nil where it never opened.
  public var windowCharge: Double?
  /// Estimate in ampere-hours; nil before calibration and where the core set the charge aside.
  public var estimate: Double?
  /// Capacity of the next discharge in ampere-hours; nil where it did not reach its cut-off.
  public var truth: Double?
  /// Voltage of the first reading in the window, in volts.
  public var entry: Double?
  /// Current of the discharge in amperes.
  public var current: Double
  /// Ambient temperature in kelvin; NaN is absent.
  public var ambient: Double?
  /// Hours from the start of the charge to the start of the discharge.
  public var hours: Double
  /// Why the pair does not count; empty where it does.
  public var reason: String
  /// Whether the charge was used to calibrate.
  public var isCalibration: Bool

  /// Estimate over truth minus one; nil where the pair does not count.
  public var error: Double? {
    guard reason.isEmpty, !isCalibration, let estimate, let truth else { return nil }
    return estimate / truth - 1
  }
}

/// Runs `PartialChargeCapacity` of the core over a life test.
///
/// The first cycles calibrate the share that the window has of the capacity; every later charge is an
/// estimate, and the discharge after it at the ambient temperature and current of the calibration is
/// its truth. Discharges that end above the cut-off of the others are no truth.
public struct PartialChargeStudy: Codable, Sendable {
  /// Voltage at which the window opens, in volts.
  public let windowVoltage: Double
  /// Discharges that calibrate.
  public let calibrationCycles: Int
  /// Every charge with a discharge after it.
  public let points: [PartialChargePoint]

  /// Estimates against their truth, as shares, in order.
  public var errors: [Double] { points.compactMap(\.error) }

  /// A quantile of the absolute errors; NaN without any.
  public func quantile(_ share: Double) -> Double {
    let sorted = errors.map(abs).sorted()
    guard let last = sorted.last else { return .nan }
    let place = share * Double(sorted.count - 1)
    let index = Int(place)
    guard index + 1 < sorted.count else { return last }
    return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
  }

  /// One step of the file.
  private struct Step {
    var number = 0
    var start = 0.0
    var times: [Double] = []
    var currents: [Double] = []
    var voltages: [Double] = []
    var capacity = Double.nan
    var ambient = Double.nan

    /// Charge taken out, in coulombs.
    var moved: Double {
      var sum = 0.0
      for row in times.indices.dropFirst() {
        sum += (times[row] - times[row - 1]) * (currents[row] + currents[row - 1]) / 2
      }
      return sum
    }

    /// Mean current while any flows, in amperes.
    var loadCurrent: Double {
      let flowing = currents.filter { abs($0) > 0.05 }
      return flowing.isEmpty ? 0 : flowing.reduce(0, +) / Double(flowing.count)
    }
  }

  /// Reads a life test whose steps are numbered, charges and discharges.
  ///
  /// - Parameters:
  ///   - path: In any format that `anodyne inspect` knows.
  ///   - windowVoltage: In volts.
  ///   - calibrationCycles: Discharges that calibrate.
  ///   - progress: Called with the share read.
  /// - Throws: `FileError` or ``ReplayError/missing(quantity:table:)``.
  public init(
    path: String, windowVoltage: Double = 3.9, calibrationCycles: Int = 20,
    progress: (Double) -> Void = { _ in }
  ) throws {
    self.windowVoltage = windowVoltage
    self.calibrationCycles = calibrationCycles
    points = Self.pair(
      try Self.steps(path, progress), windowVoltage, calibrationCycles)
  }

  private static func steps(_ path: String, _ progress: (Double) -> Void) throws -> [Step] {
    var file = try DataFile.open(path)
    guard
      let table = file.tables.firstIndex(where: {
        $0.schema.column(of: .voltage) != nil && $0.schema.column(of: .current) != nil
          && $0.schema.column(of: .stepIndex) != nil
      })
    else {
      throw ReplayError.missing(quantity: "voltage, current and step number", table: path)
    }
    let schema = file.tables[table].schema
    guard let time = schema.column(of: .time), let voltage = schema.column(of: .voltage),
      let current = schema.column(of: .current), let number = schema.column(of: .stepIndex)
    else { throw ReplayError.missing(quantity: "time", table: path) }
    let capacity = schema.column(of: .capacity)
    let ambient = schema.column(of: .ambientTemperature)
    var steps: [Step] = []
    var step = Step()
    while let batch = try file.tables[table].next() {
      for row in 0..<batch.rowCount {
        let own = Int(batch.columns[number][row].finite(or: -1))
        if own != step.number || step.times.isEmpty {
          if !step.times.isEmpty { steps.append(step) }
          step = Step()
          step.number = own
          step.start = batch.columns[time][row]
          step.ambient = ambient.map { batch.columns[$0][row] } ?? .nan
          step.capacity = capacity.map { batch.columns[$0][row] } ?? .nan
        }
        let values = (
          batch.columns[time][row], batch.columns[current][row], batch.columns[voltage][row]
        )
        guard values.0.isFinite, values.1.isFinite, values.2.isFinite else { continue }
        step.times.append(values.0)
        step.currents.append(values.1)
        step.voltages.append(values.2)
      }
      progress(file.tables[table].progress)
    }
    if !step.times.isEmpty { steps.append(step) }
    return steps
  }

  private static func pair(
    _ steps: [Step], _ windowVoltage: Double, _ calibrationCycles: Int
  ) -> [PartialChargePoint] {
    let discharges = steps.filter { $0.moved > 0 && $0.loadCurrent > 0.1 }
    let reference = discharges.prefix(calibrationCycles)
    let usual = median(reference.map(\.loadCurrent))
    let ambient = median(reference.map(\.ambient).filter(\.isFinite))
    let cutOff = median(reference.compactMap { $0.voltages.min() })
    var core = PartialChargeCapacity<Double>(windowVoltage: windowVoltage)
    var points: [PartialChargePoint] = []
    var pending: (step: Step, estimate: Double?, window: Double?, entry: Double?)?
    var count = 0
    for step in steps where step.times.count > 2 {
      if step.moved < 0 {
        pending = charge(step, into: &core)
        continue
      }
      guard step.moved > 0, step.loadCurrent > 0.1 else { continue }
      count += 1
      guard let before = pending else { continue }
      pending = nil
      let lowest = step.voltages.min() ?? .infinity
      var point = PartialChargePoint(
        step: before.step.number, discharge: count, windowCharge: before.window,
        estimate: before.estimate, truth: nil, entry: before.entry, current: step.loadCurrent,
        ambient: step.ambient.isFinite ? step.ambient : nil,
        hours: (step.start - before.step.start) / 3_600, reason: "",
        isCalibration: count <= calibrationCycles)
      if lowest > cutOff + 0.3 {
        point.reason = "the discharge ended early"
      } else if abs(step.loadCurrent / usual - 1) > 0.05 {
        point.reason = "another current than at calibration"
      } else if ambient.isFinite, abs(step.ambient - ambient) > 3 {
        point.reason = "another temperature than at calibration"
      } else {
        let own = step.capacity
        point.truth = own.isFinite && own > 0 ? own / 3_600 : step.moved / 3_600
      }
      if point.isCalibration {
        if let truth = point.truth { core.calibrate(known: 3_600 * truth) }
      } else if point.estimate == nil, point.reason.isEmpty {
        point.reason =
          before.window == nil ? "the window never opened" : "the core set the charge aside"
      }
      points.append(point)
    }
    return points
  }

  /// Feeds a charge to the core.
  private static func charge(
    _ step: Step, into core: inout PartialChargeCapacity<Double>
  ) -> (step: Step, estimate: Double?, window: Double?, entry: Double?) {
    var entry: Double?
    for row in step.times.indices {
      let interval = row > 0 ? step.times[row] - step.times[row - 1] : 0
      core.add(
        current: step.currents[row], voltage: step.voltages[row], interval: interval,
        threshold: 0.05)
      if entry == nil, step.currents[row] <= -0.05, step.voltages[row] >= windowVoltage(core) {
        entry = step.voltages[row]
      }
    }
    let before = core.windowCharge
    let estimate = core.finish()
    let moved = core.windowCharge
    let opened = entry != nil && (moved != before || estimate != nil)
    return (step, estimate.map { $0 / 3_600 }, opened ? moved / 3_600 : nil, entry)
  }

  private static func windowVoltage(_ core: PartialChargeCapacity<Double>) -> Double {
    core.windowVoltage
  }

  private static func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return .nan }
    return values.sorted()[values.count / 2]
  }
}
