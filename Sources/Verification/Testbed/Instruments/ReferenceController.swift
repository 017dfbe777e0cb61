// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A conventional battery management with fixed limits, the baseline of controllers.

import BatteryDomain

/// A conventional battery management: limits with debounce, taper, passive balancing, pump and heater.
///
/// It closes the loop where no other controller is under test, and is the baseline one has to beat.
public struct ReferenceController: TestbedController {
  let context: DetectorContext
  private var charge = Double.nan
  private var lastTime = Double.nan
  private var lastArrival = 0.0
  private var missed = 0
  private var pumpOn = false
  private var heaterOn = false
  private var over = 0.0
  private var under = 0.0
  private var hot = 0.0
  private var isTripped = false
  private var balances: [Bool]
  private var previous = 0.0

  /// Creates a controller for a pack.
  public init(_ context: DetectorContext) {
    self.context = context
    balances = Array(repeating: false, count: context.cells)
  }

  /// Takes one reading; see ``TestbedController``.
  public mutating func cycle(
    _ reading: PackReading, output: inout ControllerOutput, verdicts: inout [Verdict]
  ) {
    let cell = context.cell
    let interval = lastTime.isNaN ? 0 : max(0, min(6 * 3_600, reading.time - lastTime))
    lastTime = reading.time
    lastArrival = reading.time
    missed = 0
    var highest = -Double.infinity
    var lowest = Double.infinity
    for value in reading.cellVoltage where value > 0.2 {
      highest = max(highest, value)
      lowest = min(lowest, value)
    }
    guard highest.isFinite else { return }
    if charge.isNaN {
      charge = cell.openCircuit.charge(at: reading.packVoltage / Double(context.cells))
    }
    let current = reading.current.isFinite ? reading.current : 0
    charge -= current * interval / cell.capacity
    if reading.mode == .charging, highest > cell.upperVoltage - 0.01,
      current > -0.06 * cell.capacity / 3_600
    {
      charge = 1
    }
    charge = max(0, min(1, charge))
    output.chargeEstimate = charge
    limits(reading, highest: highest, lowest: lowest, output: &output)
    climate(reading, output: &output)
    balance(reading, lowest: lowest, output: &output)
    trip(
      reading, highest: highest, lowest: lowest, interval: interval, output: &output,
      verdicts: &verdicts)
    previous = current
  }

  /// Stops charging and driving after three lost cycles and five seconds.
  public mutating func silent(
    at time: Double, output: inout ControllerOutput, verdicts: inout [Verdict]
  ) {
    missed += 1
    guard missed > 3, time - lastArrival > 5, !lastTime.isNaN else { return }
    output.chargeLimit = 0
    output.dischargeLimit = 0
    output.warns = true
  }

  /// Limits that hold the extreme cells at their voltages: the present current plus what is left.
  private func limits(
    _ reading: PackReading, highest: Double, lowest: Double, output: inout ControllerOutput
  ) {
    let cell = context.cell
    let rate = cell.capacity / 3_600
    let resistance = cell.totalResistance * 1.2
    let now = reading.current.isFinite ? reading.current : 0
    // High currents end early, as the last percent of charge comes within one cycle.
    let margin = 0.003 + 0.05 * min(1, max(0, -now) / (0.8 * rate))
    let up = (cell.upperVoltage - margin - highest) / resistance
    let down = (lowest - cell.lowerVoltage) / resistance
    var coldest = 400.0
    for value in reading.probeTemperature where value > 200 { coldest = min(coldest, value) }
    // Charging in the cold is limited against plating: C/20 at −10 °C to 1.5C from 20 °C.
    let cold = max(0.05, min(1.5, 0.05 + (coldest - 263.15) / 30 * 1.45))
    output.chargeLimit = max(0, min(cold * rate, -now + 0.6 * up))
    output.dischargeLimit = max(0, min(3 * rate, now + 0.6 * down))
  }

  private mutating func climate(_ reading: PackReading, output: inout ControllerOutput) {
    var hottest = 0.0
    var coldest = 400.0
    for value in reading.probeTemperature where value > 200 && value < 450 {
      hottest = max(hottest, value)
      coldest = min(coldest, value)
    }
    guard hottest > 0 else { return }
    let awake = reading.mode != .parked
    if hottest > 306 { pumpOn = true }
    if hottest < 302 || !awake { pumpOn = false }
    if coldest < 278, awake { heaterOn = true }
    if coldest > 283 || !awake { heaterOn = false }
    output.pump = pumpOn
    output.heater = heaterOn
  }

  /// Bleeds cells above the lowest near the end of charging, where voltages tell charges apart.
  private mutating func balance(
    _ reading: PackReading, lowest: Double, output: inout ControllerOutput
  ) {
    let near = context.cell.upperVoltage - (context.cell.chemistry == .lfp ? 0.25 : 0.15)
    let isTime = reading.mode == .charging && lowest > near
    for cell in 0..<context.cells {
      let above = reading.cellVoltage[cell] - lowest
      // Stops at 3 mV, starts at 8 mV; a missing value stops.
      balances[cell] = isTime && (above > 0.008 || balances[cell] && above > 0.003)
      output.bleeds[cell] = balances[cell]
    }
  }

  private mutating func trip(
    _ reading: PackReading, highest: Double, lowest: Double, interval: Double,
    output: inout ControllerOutput, verdicts: inout [Verdict]
  ) {
    let cell = context.cell
    let rate = cell.capacity / 3_600
    over = highest > cell.upperVoltage + 0.05 ? over + interval : 0
    under = lowest < cell.lowerVoltage - 0.3 ? under + interval : 0
    var hottest = 0.0
    for value in reading.probeTemperature where value < 500 { hottest = max(hottest, value) }
    hot = hottest > 333 ? hot + interval : 0
    if over > 1, !isTripped {
      verdicts.append(
        Verdict(
          .overcharge, at: .pack, time: reading.time,
          evidence: [VerdictEvidence("highest cell", highest, "V")]))
      isTripped = true
    }
    if under > 1 || hot > 5 { isTripped = true }
    if abs(reading.current) > 9 * rate {
      isTripped = true
      // Contactors break what the cells give in use, not a short.
      output.firesFuse = true
    }
    if isTripped {
      output.contactorsClosed = false
      output.warns = true
    }
  }
}
