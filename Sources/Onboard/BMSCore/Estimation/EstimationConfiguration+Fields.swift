// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The fields of the estimation configuration with key, unit, range and meaning.

extension EstimationConfiguration {
  /// Shows every field.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.part(&circuit, "circuit", "equivalent circuit of a new cell")
    visitor.integer(
      &cellsPerCycle, "cells_per_cycle", in: 1...1024, "most cells whose filters run in one cycle")
    visitStart(&visitor)
    visitErrors(&visitor)
    visitCells(&visitor)
    visitLimits(&visitor)
  }

  /// The circuit is valid and bounds are in order.
  public func inconsistency() -> ConfigurationRule? {
    if lowestCharge >= highestCharge || lowestChargeTemperature >= highestChargeTemperature
      || lowestDischargeTemperature >= highestDischargeTemperature
    {
      return .boundsOutOfOrder
    }
    return circuit.isValid ? nil : .pointsOutOfOrder
  }

  private mutating func visitStart<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.number(
      &window, "window_seconds", unit: "s", in: 0.001...60,
      "shortest time over which samples are averaged before the filters run, in seconds")
    visitor.number(
      &startDeviation, "start_deviation", unit: "1", in: 0.0001...1,
      "standard deviation of the state of charge at a start without stored state, 0…1")
    visitor.number(
      &startStateOfCharge, "start_state_of_charge", unit: "1", in: -1...1,
      "state of charge assumed at a start without stored state, 0…1")
  }

  private mutating func visitErrors<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.number(
      &currentOffset, "current_offset_amperes", unit: "A", in: 0.000001...1000,
      "standard deviation of the offset of the current sensor, in amperes")
    visitor.number(
      &currentGain, "current_gain", unit: "1", in: 0...0.2,
      "standard deviation of the gain error of the current sensor, as a share")
    visitor.number(
      &voltageNoise, "voltage_noise_volts", unit: "V", in: 0.00001...0.1,
      "standard deviation of one voltage reading, in volts")
    visitor.number(
      &openCircuitError, "open_circuit_error_volts", unit: "V", in: 0.00001...0.2,
      "standard deviation of the open-circuit curve, in volts")
    visitor.number(
      &chargeError, "charge_error", unit: "1", in: 0...0.2,
      "standard deviation of the curve along the state of charge, 0…1: where the curve is steep it adds slope times this"
    )
    visitor.number(
      &surfaceLag, "surface_lag_seconds", unit: "s", in: 0...10_000,
      "time by which the surface of the particles runs ahead of the mean, unknown to the circuit, in seconds"
    )
    visitor.number(
      &overpotentialError, "overpotential_error", unit: "1", in: 0...1,
      "error of the modelled overpotential that stays for minutes, as a share of it")
    visitor.number(
      &rapidError, "rapid_error", unit: "1", in: 0...1,
      "error of the modelled overpotential that stays for seconds, as a share of it")
    visitor.number(
      &rapidTime, "rapid_time_seconds", unit: "s", in: 0...1000,
      "correlation time of that error, in seconds")
    visitor.number(
      &extrapolationScale, "extrapolation_scale_kelvin", unit: "K", in: 0.1...1000,
      "kelvin beyond the identified temperatures over which the error of the model doubles")
    visitor.number(
      &errorTime, "error_time_seconds", unit: "s", in: 1...100_000,
      "correlation time of the error of the model, in seconds")
    visitor.number(
      &slowGain, "slow_gain", unit: "1", in: 0...1,
      "share of their correction that the slow errors and the ratio of the pairs take, 0…1")
    visitor.number(
      &resistanceSpread, "resistance_spread", unit: "1", in: 0...2,
      "standard deviation of the resistances against those of the circuit, as a share")
  }

  private mutating func visitCells<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.number(
      &resistanceTime, "resistance_time_seconds", unit: "s", in: 1...1e9,
      "time over which the resistances may change by their spread, in seconds")
    visitor.number(
      &cellSpread, "cell_spread", unit: "1", in: 0...1,
      "standard deviation of the states of charge of the cells about their mean")
    visitor.number(
      &capacitySpread, "capacity_spread", unit: "1", in: 0...1,
      "standard deviation of the capacities of the cells, as a share")
    visitor.number(
      &restCurrent, "rest_current_amperes", unit: "A", in: 0...1000,
      "below this current the pack rests, in amperes")
    visitor.number(
      &restTime, "rest_time_seconds", unit: "s", in: 1...1e6,
      "rest before the first correction from the open-circuit voltage, in seconds")
  }

  private mutating func visitLimits<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.number(
      &fullCurrent, "full_current_amperes", unit: "A", in: 0...1000,
      "charge current at the end of a full charge, in amperes, positive")
    visitor.number(
      &greatestDischargeCurrent, "greatest_discharge_current_amperes", unit: "A", in: 0...100_000,
      "greatest discharge current that the cell and its path allow, in amperes, positive")
    visitor.number(
      &greatestChargeCurrent, "greatest_charge_current_amperes", unit: "A", in: 0...100_000,
      "greatest charge current that the cell and its path allow, in amperes, positive")
    visitor.number(
      &lowestChargeTemperature, "lowest_charge_temperature_kelvin", unit: "K", in: 150...500,
      "lowest temperature of charge, in kelvin")
    visitor.number(
      &highestChargeTemperature, "highest_charge_temperature_kelvin", unit: "K", in: 150...500,
      "highest temperature of charge, in kelvin")
    visitor.number(
      &lowestDischargeTemperature, "lowest_discharge_temperature_kelvin", unit: "K", in: 150...500,
      "lowest temperature of discharge, in kelvin")
    visitor.number(
      &highestDischargeTemperature, "highest_discharge_temperature_kelvin", unit: "K",
      in: 150...500,
      "highest temperature of discharge, in kelvin")
    visitor.number(
      &temperatureDerating, "temperature_derating_kelvin", unit: "K", in: 0.1...100,
      "kelvin before a limit of temperature over which power falls to zero")
    visitor.number(
      &lowestCharge, "lowest_charge", unit: "1", in: 0...1,
      "lowest state of charge in use, 0…1")
    visitor.number(
      &highestCharge, "highest_charge", unit: "1", in: 0...1,
      "highest state of charge in use, 0…1")
    visitor.number(
      &requiredPower, "required_power_watts", unit: "W", in: 0...1e8,
      "power the pack has to deliver for ten seconds to fulfil its function, in watts; 0 for none")
    visitor.number(
      &endOfLife, "end_of_life", unit: "1", in: 0.1...1,
      "share of the capacity of the new cell at which its life ends")
    visitor.number(
      &coreHeatCapacity, "core_heat_capacity", unit: "J/K", in: 0.1...1e6,
      "heat capacity of the core of a cell, in joules per kelvin")
    visitor.number(
      &coreResistance, "core_resistance", unit: "K/W", in: 0.0001...1000,
      "thermal resistance from core to surface, in kelvin per watt")
  }
}
