// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a pack is used for: drive, charge, storage, grid; and the weather of a season.

import NumericalMethods
import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A kind of use.
public enum DutyKind: String, CaseIterable, Codable, Hashable, Sendable {
  /// Three trips a day, charged at home some evenings.
  case commuter
  /// Driven ten hours a day, fast-charged in between.
  case taxi
  /// Parked for days, driven once.
  case parked
  /// Charged fast each day from low to eighty percent.
  case fastCharge = "fast-charge"
  /// Shifts energy once a day: charged at night, discharged in the evening.
  case storage
  /// Follows the frequency of the grid around half charge, with a daily correction.
  case grid
}

/// A season: weather of a temperate climate.
public enum Season: String, CaseIterable, Codable, Hashable, Sendable {
  /// −8 to 2 °C.
  case winter
  /// 10 to 20 °C.
  case spring
  /// 24 to 38 °C.
  case summer

  /// Mean and half the daily swing of the air, in kelvin.
  var air: (mean: Double, swing: Double) {
    switch self {
    case .winter: (270.15, 5)
    case .spring: (288.15, 5)
    case .summer: (304.15, 7)
    }
  }

  /// Air temperature at a time of a run that starts at midnight, warmest at three.
  public func ambient(at time: Double) -> Double {
    air.mean + air.swing * cos(2 * .pi * (time / 86_400 - 15.0 / 24))
  }
}

/// The user of a pack: asks for currents, minute by minute; the same seed gives the same days.
struct DutyCycle: Sendable {
  let kind: DutyKind
  let step: Double
  let parkedStep: Double
  private(set) var mode = DutyMode.parked
  /// Current asked for at full rate, in parts of the capacity an hour.
  private(set) var wanted = 0.0
  private(set) var target = 1.0
  private var random: Xoshiro256
  private var until = 0.0
  private var surge = 0.0
  private var roads = 0.15
  private var chargeTonight = false

  init(_ kind: DutyKind, step: Double, parkedStep: Double, seed: UInt64) {
    self.kind = kind
    self.step = step
    self.parkedStep = parkedStep
    random = Xoshiro256(seed: seed)
  }

  /// Length of the next step in seconds.
  func interval(at time: Double) -> Double {
    guard mode == .parked else { return step }
    return max(1, min(parkedStep, until - time))
  }

  /// Decides what to do next, given the mean state of charge and whether charging has ended.
  mutating func plan(time: Double, charge: Double, chargeEnded: Bool) {
    switch mode {
    case .parked: if time >= until { leave(time: time, charge: charge) }
    case .active: if time >= until || charge < 0.08 { arrive(time: time, charge: charge) }
    case .charging:
      if chargeEnded || charge >= target || time >= until { park(time: time) }
    }
    if mode == .active { drive() }
    if mode == .parked { wanted = 0 }
  }

  private mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    Double.random(in: range, using: &random)
  }

  private func hour(_ time: Double) -> Double {
    time.truncatingRemainder(dividingBy: 86_400) / 3_600
  }

  private mutating func leave(time: Double, charge: Double) {
    let now = hour(time)
    switch kind {
    case .storage:
      if charge < 0.5 {
        startCharge(time: time, rate: uniform(0.22...0.28), to: 1)
      } else {
        mode = .active
        until = time + 4.5 * 3_600
        roads = 0.22
      }
    case .grid:
      mode = .active
      until = time + uniform(20...23) * 3_600
      roads = 0
    case .taxi, .commuter, .parked, .fastCharge:
      if charge < 0.15 || chargeTonight && (now > 21 || now < 5) {
        chargeTonight = false
        startCharge(
          time: time, rate: kind == .taxi || kind == .fastCharge ? 1.2 : 0.15,
          to: kind == .taxi ? 0.9 : kind == .fastCharge ? 0.8 : 1)
      } else {
        mode = .active
        until = time + (kind == .taxi ? uniform(2...3.5) : uniform(0.4...1.2)) * 3_600
        roads = kind == .taxi ? 0.16 : 0.2
      }
    }
  }

  private mutating func arrive(time: Double, charge: Double) {
    let now = hour(time)
    switch kind {
    case .taxi, .fastCharge:
      if charge < 0.4 {
        startCharge(
          time: time, rate: uniform(0.9...1.3), to: kind == .taxi && now > 20 ? 1 : 0.85)
      } else {
        park(time: time)
      }
    case .grid: startCharge(time: time, rate: 0.25, to: 0.95)
    case .storage, .commuter, .parked:
      chargeTonight = kind != .storage && (charge < 0.45 || uniform(0...1) < 0.3)
      park(time: time)
    }
  }

  private mutating func startCharge(time: Double, rate: Double, to target: Double) {
    mode = .charging
    wanted = -rate
    self.target = target
    until = time + 14 * 3_600
  }

  private mutating func park(time: Double) {
    mode = .parked
    let now = hour(time)
    let hours: Double
    switch kind {
    case .commuter:
      if now < 7 {
        hours = 7.5 - now + uniform(0...0.6)
      } else if now < 12 {
        hours = uniform(3...8)
      } else if now < 19 {
        hours = uniform(1...3)
      } else {
        hours = chargeTonight && now < 22 ? 22 - now : 24 - now + uniform(7...8)
      }
    case .taxi: hours = now > 20 || now < 5 ? uniform(5...7) : uniform(0.3...1)
    case .parked: hours = chargeTonight ? max(1, 22 - now) : uniform(40...120)
    case .fastCharge: hours = uniform(1.5...6)
    case .storage: hours = uniform(4...8)
    case .grid: hours = uniform(0.5...1.5)
    }
    until = time + hours * 3_600
  }

  /// The next current of a trip or of the grid: roads of different speed, accelerations on top.
  private mutating func drive() {
    let memory = exp(-step / (kind == .grid ? 120 : 12))
    surge = surge * memory + (1 - memory * memory).squareRoot() * random.nextNormal()
    switch kind {
    case .storage: wanted = roads + 0.01 * surge
    case .grid: wanted = max(-0.5, min(0.5, 0.01 + 0.2 * surge))
    case .commuter, .taxi, .parked, .fastCharge:
      if uniform(0...1) < step / 240 { roads = uniform(0.05...0.45) }
      wanted = max(-0.9, min(2.2, roads + 0.35 * surge))
    }
  }
}
