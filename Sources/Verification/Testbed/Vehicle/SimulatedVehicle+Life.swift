// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The life of a simulated vehicle: parking, trips, charging, faults.

import CellModels
import Foundation
import NumericalMethods
import Quantities

extension SimulatedVehicle {
  /// Lowest cell voltage that the vehicle drives with, in volts.
  static let driveVoltage = 2.8

  /// Length of the next interval in seconds; asking twice gives the same answer.
  mutating func nextInterval() -> Double {
    plan()
    guard mode == .parked else { return Double(sampling.active) }
    let next = min(agenda.first?.lowerBound ?? plannedUntil, plannedUntil)
    // Rows have whole seconds; a step never has zero length.
    return max(1, min(Double(sampling.parked), (next - time).rounded()))
  }

  /// Advances by one interval; the caller takes the row afterwards.
  mutating func advance(by duration: Double) {
    let ambient = usage.ambient(at: time)
    switch mode {
    case .parked:
      current = 0
      speed = 0
    case .driving:
      drive(duration: duration, ambient: ambient)
    case .charging(let limit, _):
      current = -min(limit, pack.chargeLimit(voltage: usage.chargeVoltage))
      speed = 0
    }
    applyFaults()
    updateCooling()
    let coolant = isCooling ? min(298.15, max(288.15, ambient)) : nil
    pack.advance(
      current: current, duration: duration,
      surroundings: PackSurroundings(ambient: ambient, coolant: coolant))
    time += duration
    applyFaults()
    changeMode()
  }

  /// Plans the next day when the planned time has run out.
  private mutating func plan() {
    while time >= plannedUntil {
      let trips = usage.trips(ofDay: plannedUntil, using: &random)
      agenda += trips.filter { $0.lowerBound > time }
      plannedUntil += PhysicalConstants.secondsPerDay
    }
  }

  /// The coolant flows from 32 °C on and stops below 28 °C, only while the vehicle is awake.
  private mutating func updateCooling() {
    guard mode != .parked else {
      isCooling = false
      return
    }
    let hottest = pack.temperature.max() ?? 0
    if hottest > 305.15 { isCooling = true }
    if hottest < 301.15 { isCooling = false }
  }

  /// One interval of a trip: a speed target of a random road, limited acceleration, hills.
  private mutating func drive(duration: Double, ambient: Double) {
    if Double.random(in: 0..<1, using: &random) < 1 - exp(-duration / 60) {
      let roads = [0.0, 8, 8, 14, 14, 14, 18, 22, 22, 30]
      targetSpeed = roads[Int.random(in: 0..<roads.count, using: &random)]
    }
    let memory = exp(-duration / 120)
    slope = slope * memory + 0.012 * (1 - memory * memory).squareRoot() * random.nextNormal()
    let old = speed
    speed += max(-1.2 * duration, min(0.9 * duration, targetSpeed - speed))
    let mean = (old + speed) / 2
    let power = usage.power(
      speed: mean, acceleration: (speed - old) / duration, slope: slope, ambient: ambient)
    let wanted = pack.current(forPower: power)
    current = max(
      -pack.chargeLimit(voltage: usage.chargeVoltage + 0.03),
      min(wanted, pack.dischargeLimit(voltage: Self.driveVoltage)))
    odometer += mean * duration
  }

  private mutating func changeMode() {
    let state = pack.meanStateOfCharge
    switch mode {
    case .parked:
      if let trip = agenda.first, time >= trip.lowerBound {
        agenda.removeFirst()
        isComplete = false
        mode = .driving(until: trip.upperBound)
      }
    case .driving(let end):
      guard time >= end || state < 0.12 || (pack.voltage.min() ?? 0) <= Self.driveVoltage else {
        return
      }
      speed = 0
      let isEvening = agenda.first.map { $0.lowerBound - time > 6 * 3_600 } ?? true
      let wish = Double.random(in: 0..<1, using: &random)
      if state < 0.2 {
        mode = .charging(current: usage.fastCurrent, target: 0.85)
      } else if state < usage.chargeBelow
        || (isEvening && wish < usage.eveningChargeProbability && state < 0.9)
      {
        mode = .charging(current: usage.homeCurrent, target: isEvening ? 1 : 0.9)
      } else {
        mode = .parked
      }
    case .charging(_, let target):
      // The taper ends at a twentieth of the capacity per hour.
      let cutOff = pack.design.nominalCapacity / PhysicalConstants.secondsPerHour / 20
      let isFull = state >= target || -current < cutOff
      if isFull || (agenda.first.map { time >= $0.lowerBound } ?? false) {
        isComplete = isFull
        mode = .parked
        agenda.removeAll { $0.upperBound <= time }
      }
    }
  }

  /// Sets what the faults do to the pack and the insulation at the present time.
  private mutating func applyFaults() {
    for (index, fault) in faults.enumerated() where time >= fault.onset {
      let elapsed = time - fault.onset
      switch fault.kind {
      case .internalShort(let cell, let resistance, let halvingDays):
        pack.shortConductance[cell - 1] = InjectedFault.shortConductance(
          resistance: resistance, halvingDays: halvingDays, elapsed: elapsed)
      case .looseConnection(let cell, let resistance, let days):
        pack.connectionResistance[cell - 1] =
          resistance * InjectedFault.ramp(days, since: elapsed)
      case .weakCell(let cell, let loss, let days):
        pack.loseCapacity(
          cell: cell - 1, fraction: loss * InjectedFault.ramp(days, since: elapsed))
      case .drainedCell(let cell, let depth):
        if drainedFaults.insert(index).inserted { pack.drain(cell: cell - 1, fraction: depth) }
      case .hotModule(let module, let power): pack.moduleHeat[module - 1] = power
      case .coolingFailure(let module): pack.isCooled[module - 1] = false
      case .insulationLoss(let resistance, let days):
        // The conductance of the fault grows evenly; it lies parallel to the sound insulation.
        let share = InjectedFault.ramp(days, since: elapsed)
        insulationResistance =
          1 / (1 / healthyInsulation + share * (1 / resistance - 1 / healthyInsulation))
      case .stuckVoltage, .stuckTemperature: break
      }
    }
  }
}
