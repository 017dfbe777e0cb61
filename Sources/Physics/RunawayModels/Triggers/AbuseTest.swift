// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The abuse tests and what each of them does to a cell.

import Quantities

/// An abuse test with its numbers, in coherent SI.
public enum AbuseTest: Hashable, Sendable {
  /// Put into a hot oven.
  case oven(temperature: Double)
  /// Heat, wait and seek in an adiabatic calorimeter.
  case calorimeter(CalorimeterProgram)
  /// A nail: a hard internal short within a tenth of a second that heats a hot zone.
  case nail(resistance: Double)
  /// Pressing an indenter until the separator gives way: contact through a hole that grows over
  /// seconds and widens where the separator melts.
  case indentation(resistance: Double, growth: Double)
  /// A heater patch on a part of the cell, switched off at a temperature of the cell.
  case heater(power: Double, patchShare: Double, limit: Double)
  /// Charging on past full at a rate in 1/h, up to the voltage the charger can give.
  case overcharge(rate: Double, voltageLimit: Double)
  /// Discharging on past empty at a rate in 1/h.
  case overdischarge(rate: Double)
  /// A resistance across the terminals.
  case externalShort(resistance: Double)
  /// A dendrite or particle inside, growing from its first touch.
  case internalShort(contact: ShortContact, firstResistance: Double, growth: Double)
  /// Cycling under load at a rate in 1/h when the coolant fails.
  case coolantFailure(rate: Double, failure: Double, cooled: Double)
  /// Steady heat in a small inner part that a surface sensor hardly sees.
  case hotSpot(power: Double, share: Double)

  /// The name on the command line.
  public var name: String {
    switch self {
    case .oven: "oven"
    case .calorimeter: "arc"
    case .nail: "nail"
    case .indentation: "indentation"
    case .heater: "heater"
    case .overcharge: "overcharge"
    case .overdischarge: "overdischarge"
    case .externalShort: "external-short"
    case .internalShort: "internal-short"
    case .coolantFailure: "coolant-failure"
    case .hotSpot: "hot-spot"
    }
  }

  /// Duration when none is asked for, in seconds.
  public var defaultDuration: Double {
    switch self {
    case .oven: 6 * 3_600
    case .calorimeter: 10 * 86_400
    case .nail, .indentation, .externalShort: 3_600
    case .heater, .overcharge, .hotSpot, .coolantFailure: 3 * 3_600
    case .overdischarge: 6 * 3_600
    case .internalShort(_, _, let growth): max(3_600, 2 * growth)
    }
  }

  /// Part of the cell's mass in the hot zone; 0 where one zone is enough.
  var hotShare: Double {
    switch self {
    case .nail, .indentation: 0.05
    case .internalShort: 0.02
    case .heater(_, let share, _), .hotSpot(_, let share): share < 1 ? share : 0
    default: 0
    }
  }

  /// Whether lithium can be plated during it.
  var plates: Bool {
    switch self {
    case .overcharge(let rate, _): rate > 0
    default: false
    }
  }
}

/// Heat–wait–seek of an accelerating-rate calorimeter.
public struct CalorimeterProgram: Hashable, Sendable {
  /// First temperature, in kelvin.
  public var start = PhysicalConstants.celsiusZero + 50
  /// Step of temperature, in kelvin.
  public var step = 5.0
  /// Time to heat by one step, in seconds.
  public var heating = 150.0
  /// Wait after a step, in seconds.
  public var wait = 1_200.0
  /// Self-heating that counts as an exotherm, in K/s.
  public var threshold = 0.02 / 60
  /// Temperature at which the search is given up, in kelvin.
  public var ceiling = PhysicalConstants.celsiusZero + 350

  /// The usual program: 50 °C, 5 K steps, 20 min, 0.02 K/min, up to 350 °C.
  public init() {}
}

/// A part of a test during which the same things act.
struct AbuseSegment {
  var conditions: AbuseConditions
  var duration: Double
  var endsAtRunaway = false
  var endTemperature: Double?
  var voltageLimit: Double?
}

extension AbuseTest {
  /// The parts of the test; a calorimeter decides its own as it goes.
  func segments(cell: AbuseCell, base: AbuseConditions, duration: Double) -> [AbuseSegment] {
    var acting = base
    let unitCurrent = cell.capacity / 3_600
    switch self {
    case .oven(let temperature):
      acting.ambient = temperature
      return [AbuseSegment(conditions: acting, duration: duration)]
    case .calorimeter:
      return []
    case .nail(let resistance):
      acting.short = ShortCircuit(
        start: 0.1, firstResistance: 100 * resistance, grownResistance: resistance, growth: 0.1,
        meltedResistance: resistance)
      return [AbuseSegment(conditions: acting, duration: duration)]
    case .indentation(let resistance, let growth):
      acting.short = ShortCircuit(
        start: 1, firstResistance: max(10, 10 * resistance), grownResistance: resistance,
        growth: growth, meltedResistance: resistance)
      return [AbuseSegment(conditions: acting, duration: duration)]
    case .heater(let power, _, let limit):
      acting.heaterPower = power
      var heating = AbuseSegment(conditions: acting, duration: duration)
      heating.endTemperature = limit
      return [heating, AbuseSegment(conditions: base, duration: duration)]
    case .overcharge(let rate, let limit):
      acting.current = -rate * unitCurrent
      var charging = AbuseSegment(conditions: acting, duration: duration)
      charging.voltageLimit = limit
      charging.endsAtRunaway = true
      return [charging, AbuseSegment(conditions: base, duration: duration)]
    case .overdischarge(let rate):
      acting.current = rate * unitCurrent
      // To 20 % below empty: all the copper problems are made by then.
      return [
        AbuseSegment(conditions: acting, duration: min(duration, 1.2 * 3_600 / rate)),
        AbuseSegment(conditions: base, duration: duration),
      ]
    case .externalShort(let resistance):
      acting.externalResistance = resistance
      return [AbuseSegment(conditions: acting, duration: duration)]
    case .internalShort(let contact, let first, let growth):
      acting.short = ShortCircuit(
        firstResistance: first, grownResistance: contact.grownResistance, growth: growth,
        meltedResistance: 2 * contact.grownResistance, localHeatShare: contact.localHeatShare)
      return [AbuseSegment(conditions: acting, duration: duration)]
    case .coolantFailure(let rate, let failure, let cooled):
      acting.loadCurrent = rate * unitCurrent
      var before = acting
      before.convection = cooled
      return [
        AbuseSegment(conditions: before, duration: failure),
        AbuseSegment(conditions: acting, duration: duration),
      ]
    case .hotSpot(let power, _):
      acting.heaterPower = power
      return [AbuseSegment(conditions: acting, duration: duration)]
    }
  }
}
