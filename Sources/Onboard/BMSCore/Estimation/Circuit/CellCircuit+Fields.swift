// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The fields of the circuit with key, unit, range and meaning.

extension CellCircuit {
  /// Shows every field.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.number(
      &capacity, "capacity_coulombs", unit: "C", in: 1...1e8,
      "charge between state of charge 0 and 1")
    visitor.number(
      &coulombicEfficiency, "coulombic_efficiency", unit: "1", in: 0.5...1,
      "share of the charge put in that can be taken out")
    visitor.number(
      &lowerVoltage, "lower_volts", unit: "V", in: 0.1...10, "lower cut-off of a cell")
    visitor.number(
      &upperVoltage, "upper_volts", unit: "V", in: 0.1...10, "upper cut-off of a cell")
    visitor.numbers(
      &openCircuit, "open_circuit_volts", unit: "V", in: 0...10,
      "middle of the loop on 101 even nodes of the state of charge")
    visitor.numbers(
      &entropy, "entropy_volts_per_kelvin", unit: "V/K", in: -0.1...0.1,
      "change of the open-circuit voltage with temperature on the same nodes")
    visitor.numbers(
      &hysteresis, "hysteresis_volts", unit: "V", in: 0...1,
      "half the width of the loop on the same nodes")
    visitor.number(
      &hysteresisRate, "hysteresis_rate", unit: "1", in: 0...10_000,
      "decay of the hysteresis per capacity moved")
    visitor.number(
      &referenceTemperature, "reference_kelvin", unit: "K", in: 150...500,
      "temperature of the open-circuit voltage")
    visitor.integer(&nodeCount, "node_count", in: 1...16, "nodes of the resistances in use")
    visitor.numbers(
      &nodes, "nodes", unit: "1", in: -1...2, "ascending states of charge of the resistances")
    visitor.integer(
      &temperatureCount, "temperature_count", in: 1...6, "temperatures of the resistances in use")
    visitor.numbers(
      &temperatures, "temperatures_kelvin", unit: "K", in: 150...500,
      "ascending temperatures of the resistances")
    visitor.part(&series, "series", "resistance that acts at once")
    visitor.integer(&pairCount, "pair_count", in: 0...3, "pairs in use")
    visitor.parts(&pairs, "pairs", "resistances of the pairs, fastest first")
    visitor.matrix(
      &timeConstants, "time_constants_seconds", unit: "s", in: 0.000001...1e8,
      "time constants of the pairs at each temperature")
    visitor.number(
      &activationEnergy, "activation_energy_joules_per_mole", unit: "J/mol", in: 0...500_000,
      "of all resistances beyond the temperatures")
  }

  /// Counts, nodes and temperatures are in order.
  public func inconsistency() -> ConfigurationRule? { isValid ? nil : .pointsOutOfOrder }
}

extension ResistanceTable {
  /// Shows every field.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.numbers(
      &discharge, "discharge_ohms", unit: "Ω", in: 0...1000,
      "ohms on discharge, 6 temperatures of 16 nodes")
    visitor.numbers(
      &charge, "charge_ohms", unit: "Ω", in: 0...1000, "ohms on charge, 6 temperatures of 16 nodes")
  }
}
