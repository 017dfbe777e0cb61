// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How the voltage settles after a load, and whether it then drifts.

import Foundation
import NumericalMethods

/// How the voltage settled in one rest.
public struct Relaxation: Codable, Hashable, Sendable {
  /// Time of the last sample under load, in seconds.
  public var start: Double
  /// Length in seconds.
  public var duration: Double
  /// Number of the cycle in the source, where it has one.
  public var sourceCycle: Int?
  /// Current before the rest in amperes, discharge positive.
  public var currentBefore: Double
  /// Last voltage under load in volts.
  public var loadedVoltage: Double
  /// First voltage at rest in volts.
  public var firstVoltage: Double
  /// Last voltage at rest in volts.
  public var endVoltage: Double
  /// Voltage the fit settles at, in volts; nil without a fit.
  public var settledVoltage: Double?
  /// Time constant of the slowest exponential in seconds; nil without a fit.
  public var timeConstant: Double?
  /// Slope over the last half of the rest in V/s; nil for rests under an hour.
  public var tailSlope: Double?
  /// Standard error of the slope in V/s.
  public var tailSlopeError: Double?

  /// Change of voltage over the rest in volts, from the first to the last sample at rest.
  public var change: Double { endVoltage - firstVoltage }
}

/// Follows rests after loads in bounded memory.
struct RelaxationTracker: Sendable {
  /// Shortest rest worth a record, in seconds.
  static let shortest = 300.0
  private static let limit = 256
  private var before: CellSample?
  private var lastLoaded: CellSample?
  private var time: [Double] = []
  private var voltage: [Double] = []
  private var lastTime = 0.0
  private var lastVoltage = 0.0
  private var stride = 1
  private var skipped = 0

  /// Adds a sample.
  ///
  /// - Returns: A rest that is complete now.
  mutating func add(_ sample: CellSample, restCurrent: Double) -> Relaxation? {
    defer { before = sample }
    guard !sample.afterBreak else {
      let finished = finish()
      lastLoaded = nil
      return finished
    }
    guard abs(sample.current) <= restCurrent else {
      let finished = finish()
      lastLoaded = sample
      return finished
    }
    guard lastLoaded != nil else { return nil }
    lastTime = sample.time
    lastVoltage = sample.voltage
    skipped += 1
    // The first samples carry the fast part; thinning keeps the first of each group.
    if time.isEmpty || skipped >= stride {
      skipped = 0
      time.append(sample.time)
      voltage.append(sample.voltage)
      if time.count >= Self.limit {
        stride *= 2
        time = Swift.stride(from: 0, to: time.count, by: 2).map { time[$0] }
        voltage = Swift.stride(from: 0, to: voltage.count, by: 2).map { voltage[$0] }
      }
    }
    return nil
  }

  /// Ends the rest under way; nil when there was none or it was short.
  mutating func finish() -> Relaxation? {
    defer {
      time = []
      voltage = []
      stride = 1
      skipped = 0
    }
    guard let load = lastLoaded, let first = voltage.first else { return nil }
    let duration = lastTime - load.time
    guard duration >= Self.shortest else { return nil }
    if lastTime > (time.last ?? 0) {
      time.append(lastTime)
      voltage.append(lastVoltage)
    }
    var rest = Relaxation(
      start: load.time, duration: duration, sourceCycle: load.cycle.isNaN ? nil : Int(load.cycle),
      currentBefore: load.current, loadedVoltage: load.voltage, firstVoltage: first,
      endVoltage: lastVoltage)
    let elapsed = time.map { $0 - load.time }
    if let fit = Self.fit(elapsed, voltage) {
      rest.settledVoltage = fit.settled
      rest.timeConstant = fit.timeConstant
    }
    if duration >= 3600, let tail = Self.tail(elapsed, voltage) {
      rest.tailSlope = tail.slope
      rest.tailSlopeError = tail.error
    }
    return rest
  }

  /// Fits `V = V∞ + A·exp(−t/τ)` to the rest after its first tenth, where one exponential rules.
  private static func fit(
    _ time: [Double], _ voltage: [Double]
  ) -> (settled: Double, timeConstant: Double)? {
    guard let end = time.last else { return nil }
    let late = time.indices.filter { time[$0] >= 0.1 * end }
    guard late.count >= 8, let first = late.first, let last = late.last else { return nil }
    let t = late.map { time[$0] - time[first] }
    let v = late.map { voltage[$0] }
    let span = t[t.count - 1]
    let fit = try? LevenbergMarquardt.fit(
      [voltage[last], voltage[first] - voltage[last], log(span / 3)], count: t.count
    ) { p, r in
      let tau = exp(min(40, p[2]))
      for i in t.indices { r[i] = p[0] + p[1] * exp(-t[i] / tau) - v[i] }
    }
    guard let fit, fit.converged else { return nil }
    let tau = exp(fit.parameters[2])
    // A time constant beyond the rest itself is not in the data.
    guard tau < 2 * span, tau > 0, fit.parameters[0].isFinite else { return nil }
    return (fit.parameters[0], tau)
  }

  /// Slope and its standard error over the last half.
  private static func tail(
    _ time: [Double], _ voltage: [Double]
  ) -> (slope: Double, error: Double)? {
    guard let end = time.last else { return nil }
    let late = time.indices.filter { time[$0] >= 0.5 * end }
    guard late.count >= 8 else { return nil }
    let n = Double(late.count)
    let meanTime = late.reduce(0) { $0 + time[$1] } / n
    let meanVoltage = late.reduce(0) { $0 + voltage[$1] } / n
    var sxx = 0.0
    var sxy = 0.0
    for i in late {
      sxx += (time[i] - meanTime) * (time[i] - meanTime)
      sxy += (time[i] - meanTime) * (voltage[i] - meanVoltage)
    }
    guard sxx > 0 else { return nil }
    let slope = sxy / sxx
    var squares = 0.0
    for i in late {
      let residual = voltage[i] - meanVoltage - slope * (time[i] - meanTime)
      squares += residual * residual
    }
    return (slope, (squares / max(1, n - 2) / sxx).squareRoot())
  }
}
