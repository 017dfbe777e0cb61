// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The fields of the sensing configuration with key, unit, range and meaning.

extension SensingConfiguration {
  /// Shows every field.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitCalibration(&visitor)
    visitor.part(&cellVoltage, "cell_voltage", "cell voltages")
    visitor.part(&probeTemperature, "probe_temperature", "temperature probes")
    visitor.part(&current, "current", "pack current, both sensors")
    visitor.part(&packVoltage, "pack_voltage", "pack and link voltage")
    visitor.part(&insulation, "insulation", "insulation resistance")
    visitor.part(&surroundings, "surroundings", "coolant and ambient temperature")
    visitor.part(&pressure, "pressure", "pressure in the housing")
    visitor.part(&gas, "gas", "gas in the housing, ppm")
    visitor.part(&acoustic, "acoustic", "acoustic emission, counts a second")
    visitAgreement(&visitor)
    visitReconstruction(&visitor)
  }

  private mutating func visitCalibration<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.numbers(
      &cellGain, "cell_gain", unit: "1", in: 0.5...2, "gain of each cell voltage channel")
    visitor.numbers(
      &cellOffset, "cell_offset", unit: "V", in: -1...1, "offset of each cell voltage channel")
    visitor.numbers(&probeGain, "probe_gain", unit: "1", in: 0.5...2, "gain of each probe")
    visitor.numbers(&probeOffset, "probe_offset", unit: "K", in: -50...50, "offset of each probe")
    visitor.numbers(
      &busGain, "bus_gain", unit: "1", in: -2...2,
      "gains of current, redundant current, pack voltage, link voltage")
    visitor.numbers(
      &busOffset, "bus_offset", unit: "A, A, V, V", in: -100...100, "offsets of the same channels")
  }

  private mutating func visitAgreement<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.number(
      &cellDisagreement, "cell_disagreement", unit: "V", in: 0.0001...1,
      "greatest difference between the two paths of one cell voltage")
    visitor.number(
      &currentDisagreement, "current_disagreement", unit: "A", in: 0.001...1000,
      "greatest difference between the two current sensors")
    visitor.number(
      &currentDisagreementShare, "current_disagreement_share", unit: "1", in: 0...1,
      "the same as a share of the current; the two add up")
    visitor.number(
      &sumDisagreement, "sum_disagreement", unit: "V", in: 0.01...100,
      "greatest difference between the sum of the cells and the pack voltage")
    visitor.number(
      &wirePatternShare, "wire_pattern_share", unit: "1", in: 0.001...0.3,
      "share of the median cell voltage within which an open or swapped wire's pattern matches")
    visitor.number(
      &polarityStep, "polarity_step", unit: "A", in: 0.01...10_000,
      "step of the current from which its sign is checked against the cells' answer")
    visitor.number(
      &zeroLimit, "zero_limit", unit: "A", in: 0...100,
      "largest offset the zero calibration of the current may correct")
    visitor.number(
      &zeroSettleSeconds, "zero_settle_seconds", unit: "s", in: 0...3600,
      "how long the contactors are open before the zero calibration averages")
    visitor.number(
      &zeroAverageSeconds, "zero_average_seconds", unit: "s", in: 0.01...3600,
      "how long the zero calibration averages")
    visitor.integer(
      &longestIntervalMilliseconds, "longest_interval_milliseconds", in: 1...3_600_000,
      "longest interval between samples; a longer one is a jump of the clock")
  }

  private mutating func visitReconstruction<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.matrix(
      &temperatureGain, "temperature_gain", unit: "1", in: -2...2,
      "weight of each probe in each cell's temperature, one list of probes a cell")
    visitor.numbers(
      &temperatureFromCoolant, "temperature_from_coolant", unit: "1", in: -2...2,
      "weight of the coolant inlet in each cell's temperature")
    visitor.numbers(
      &temperatureFromHeat, "temperature_from_heat", unit: "K/A2", in: -100...100,
      "warming of each cell beyond what its probes show, a square ampere")
    visitor.number(
      &heatSeconds, "heat_seconds", unit: "s", in: 0...100_000, "time constant of that heat")
  }

  /// The channel classes are consistent, and the weights of each cell sum to one.
  public func inconsistency() -> ConfigurationRule? {
    let rule =
      cellVoltage.inconsistency() ?? probeTemperature.inconsistency() ?? current.inconsistency()
      ?? packVoltage.inconsistency() ?? insulation.inconsistency() ?? surroundings.inconsistency()
      ?? pressure.inconsistency() ?? gas.inconsistency() ?? acoustic.inconsistency()
    if let rule { return rule }
    guard probes > 0 else { return nil }
    for cell in temperatureGain.indices {
      var sum = temperatureFromCoolant[cell]
      for probe in temperatureGain[cell].indices { sum += temperatureGain[cell][probe] }
      // Single precision and a matrix printed with three digits leave this much.
      if (sum - 1).magnitude > 0.02 { return .weightsDoNotSum }
    }
    return nil
  }
}
