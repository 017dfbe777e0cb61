// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The reported bugs built in, as small pieces that tests run beside the core.

import BMSCore

/// Each type has one bug that users of an open system reported.
enum Naive {
  /// foxBMS 2 #91: the difference in per cent is taken for a fraction when the charge to bleed is planned.
  struct PercentBalancing {
    /// Charge still to bleed from each cell, in ampere-hours.
    private(set) var open: [Double]

    init(percent: [Double], capacityAmpereHours: Double) {
      let lowest = percent.min() ?? 0
      open = percent.map { ($0 - lowest) * capacityAmpereHours }
    }

    /// Currents for a time in hours, in amperes.
    mutating func step(hours: Double, current: Double) -> [Double] {
      open.indices.map { cell in
        guard open[cell] > 0 else { return 0 }
        open[cell] -= current * hours
        return current
      }
    }
  }

  /// foxBMS 2 #91: volts passed where the threshold is in millivolts.
  struct VoltBalancing {
    var thresholdMillivolts = 5.0
    func isBled(_ voltages: [Double]) -> [Bool] {
      let lowest = voltages.min() ?? 0
      return voltages.map { $0 - lowest > thresholdMillivolts }
    }
  }

  /// foxBMS 2 #9: the bits of the balancing register are inverted on their way to the switches.
  static func invertedDriver(_ currents: [Double], bleed: Double) -> [Double] {
    currents.map { $0 > 0 ? 0 : bleed }
  }

  /// Libre Solar #40: health of an estimator judged by its number alone.
  struct RangeMonitor {
    func isAlarmed(_ stateOfCharge: Double) -> Bool { !(0...1).contains(stateOfCharge) }
  }

  /// Libre Solar #19: a latched under-voltage forbids everything until the voltage is back.
  struct LatchedUnderVoltage {
    private(set) var isLatched = false
    mutating func step(_ voltage: Double) -> (charge: Bool, discharge: Bool) {
      if voltage < 2.7 { isLatched = true }
      if voltage > 3 { isLatched = false }
      return (!isLatched, !isLatched)
    }
  }

  /// Libre Solar #29: whatever the converter delivers is data.
  static func extremes(_ readings: [Double]) -> (low: Double, high: Double) {
    (readings.min() ?? .nan, readings.max() ?? .nan)
  }

  /// diyBMS ESP32 #282: sixteen rules on one relay, whose state is all that is kept.
  struct RelayOfRules {
    private(set) var isClosed = true
    mutating func step(_ rules: [Bool]) { if rules.contains(true) { isClosed = false } }
    /// What it can tell afterwards: nothing but that it is open.
    var cause: FaultClass? { nil }
  }

  /// diyBMS ESP32 #4: the last values of a module stand for those that no longer come.
  struct HeldValues {
    private(set) var voltages: [Double]
    mutating func receive(_ fresh: [Double]?) { if let fresh { voltages = fresh } }
    var isAlarmed: Bool { voltages.contains { !(2.8...4.2).contains($0) } }
  }

  /// diyBMS v4 #115: balances by voltage without ever letting the readings settle.
  struct RestlessBalancing {
    private(set) var currents: [Double]
    mutating func step(_ readings: [Double], bleed: Double) {
      let lowest = readings.min() ?? 0
      currents = readings.map { $0 - lowest > 0.005 ? bleed : 0 }
    }
  }

  /// Readings of cells that share sense wires of 0.1 Ω with their bleed resistors.
  static func readings(_ cells: [Double], bled currents: [Double]) -> [Double] {
    cells.indices.map { cell in
      let left = cell > 0 ? currents[cell - 1] : 0
      let right = cell + 1 < cells.count ? currents[cell + 1] : 0
      return cells[cell] - 0.1 * (2 * currents[cell] - left - right)
    }
  }

  /// diyBMS ESP32 #99: one limit for ending the charge and for tripping.
  struct OneLimit {
    var limit: Double
    private(set) var isClosed = true
    private(set) var allowsCharge = true
    mutating func step(_ highest: Double) {
      allowsCharge = highest <= limit
      if !allowsCharge { isClosed = false }
    }
  }

  /// diyBMS ESP32 #322: an integrator that knows no setting to stay below.
  struct UnboundedLimit {
    private(set) var limit: Double
    mutating func step(highest: Double) { limit += 0.5 * (4.2 - highest) }
  }

  /// diyBMS ESP32 #197: counted charge over capacity, and nothing else.
  struct PlainCounter {
    private(set) var stateOfCharge: Double
    mutating func add(current: Double, seconds: Double, capacity: Double) {
      stateOfCharge -= current * seconds / capacity
    }
  }

  /// Battery-Emulator #581: on a fault it falls back to its idle state, from which the request, which
  /// still stands, starts a precharge.
  struct Contactors {
    private(set) var isPrecharging = false
    private(set) var isClosed = true
    private(set) var engagedOnFault = false

    mutating func step(isFault: Bool, isAsked: Bool) {
      if isFault && isClosed {
        isClosed = false
      } else if isAsked && !isClosed {
        isPrecharging = true
        if isFault { engagedOnFault = true }
      }
    }
  }

  /// Battery-Emulator #1750, before and after half a fix: opens under load, or waits for a current of
  /// zero for ever.
  struct Opening {
    var waits: Bool
    private(set) var isClosed = true
    /// Current at which the contactors parted, in amperes.
    private(set) var parted: Double?
    mutating func step(isAsked: Bool, current: Double) {
      guard isClosed, isAsked, !waits || current.magnitude < 1 else { return }
      isClosed = false
      parted = current
    }
  }

  /// Battery-Emulator #1047: a link above half the string after opening is a weld.
  static func isWeld(link: Double, string: Double) -> Bool { link > 0.5 * string }
}
