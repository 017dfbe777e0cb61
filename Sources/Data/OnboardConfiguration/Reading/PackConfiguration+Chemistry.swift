// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The defaults of a pack: limits from the tables of its chemistry, sizes from its capacity.

import BMSCore
import BatteryDomain

extension LevelLimits where Real == Double {
  /// The three levels of a limit of the domain, read at one temperature.
  init?(_ limit: ThreeLevelLimit) {
    guard let operating = limit.operating.value(at: nil),
      let recommended = limit.recommended.value(at: nil), let safety = limit.safety.value(at: nil)
    else { return nil }
    self.init(operating: operating, recommended: recommended, safety: safety)
  }

  /// A current in three levels with the distances of the domain.
  init(current: Double) {
    self.init(
      operating: current, recommended: current * LimitSpacing.currentToRecommended,
      safety: current * LimitSpacing.currentToSafety)
  }
}

extension SafetyLimits where Real == Double {
  /// The limits of a chemistry, and the keys of those that its sources do not state.
  ///
  /// Voltage and temperature come from `LimitSet.defaults(for:)`, currents from the data sheet with
  /// the same distances; spreads, warming and insulation keep the defaults of the core.
  static func of(
    _ chemistry: Chemistry?, charge: Double, discharge: Double
  ) -> (limits: SafetyLimits, missing: [String]) {
    let table = chemistry.map(LimitSet.defaults(for:)) ?? LimitSet([])
    var limits = SafetyLimits()
    var missing: [String] = []
    func find(
      _ quantity: LimitedQuantity, _ side: ThreeLevelLimit.Side, _ activity: BatteryActivity,
      _ key: String, _ place: WritableKeyPath<SafetyLimits, LevelLimits<Double>>
    ) {
      let found = table.limits(of: quantity).first {
        $0.side == side && $0.activities.contains(activity)
      }
      if let levels = found.flatMap(LevelLimits.init) {
        limits[keyPath: place] = levels
      } else {
        missing.append(key)
      }
    }
    find(.cellVoltage, .upper, .charge, "cell_voltage_upper", \.cellVoltageUpper)
    find(.cellVoltage, .lower, .discharge, "cell_voltage_lower", \.cellVoltageLower)
    find(.cellTemperature, .upper, .charge, "charge_temperature_upper", \.chargeTemperatureUpper)
    find(.cellTemperature, .lower, .charge, "charge_temperature_lower", \.chargeTemperatureLower)
    find(
      .cellTemperature, .upper, .discharge, "discharge_temperature_upper",
      \.dischargeTemperatureUpper)
    find(
      .cellTemperature, .lower, .discharge, "discharge_temperature_lower",
      \.dischargeTemperatureLower)
    limits.chargeCurrent = LevelLimits(current: charge)
    limits.dischargeCurrent = LevelLimits(current: discharge)
    return (limits, missing)
  }
}

extension PackConfiguration where Real == Double {
  /// Sets what follows from the limits and the capacity, before the file's own words.
  ///
  /// The defaults of the core suit 96 cells of 50 A·h; here each goes with the quantity it belongs
  /// to: currents with the capacity, temperatures with the limits, heat with the energy.
  mutating func adapt(to header: PackHeader, circuit: CellCircuit<Double>?) {
    let hour = header.capacity
    let nominal = hour / 50
    sensing.polarityStep *= nominal
    sensing.zeroLimit *= nominal
    sensing.currentDisagreement = max(0.02, sensing.currentDisagreement * nominal)
    sensing.sumDisagreement = max(0.3, 0.03 * Double(cells))
    let widest = max(limits.dischargeCurrent.safety, limits.chargeCurrent.safety)
    sensing.current.high = max(20, 12 * widest)
    sensing.current.low = -sensing.current.high
    sensing.current.noise = max(0.02, sensing.current.noise * nominal)
    sensing.packVoltage.high = max(60, 15 * Double(cells))
    if let circuit { estimation = EstimationConfiguration(circuit: circuit) }
    estimation.greatestDischargeCurrent = limits.dischargeCurrent.operating
    estimation.greatestChargeCurrent = limits.chargeCurrent.operating
    estimation.lowestChargeTemperature = limits.chargeTemperatureLower.safety
    estimation.highestChargeTemperature = limits.chargeTemperatureUpper.safety
    estimation.lowestDischargeTemperature = limits.dischargeTemperatureLower.safety
    estimation.highestDischargeTemperature = limits.dischargeTemperatureUpper.safety
    adaptControl(capacity: hour)
  }

  private mutating func adaptControl(capacity hour: Double) {
    control.contactors.zeroCurrent = max(0.02, 0.04 * hour)
    control.contactors.breakingCurrent = max(
      control.contactors.breakingCurrent, 1.5 * limits.dischargeCurrent.safety)
    control.limits.chargeVoltage = limits.cellVoltageUpper.operating
    let cold = limits.chargeTemperatureLower.safety
    let hot = limits.chargeTemperatureUpper.safety
    control.limits.chargeCold.place = [cold, cold + 5, cold + 10, cold + 15, cold + 25, cold + 57]
    control.limits.chargeHot.place = [hot - 45, hot - 15, hot - 10, hot - 5, hot, hot + 12]
    let low = limits.dischargeTemperatureLower.safety
    let high = limits.dischargeTemperatureUpper.safety
    control.limits.dischargeCold.place = [low - 10, low, low + 10, low + 20, low + 30, low + 77]
    control.limits.dischargeHot.place = [high - 60, high - 15, high - 10, high - 5, high, high + 7]
    control.thermal.preheatCharge = cold + 15
    control.balancing.current *= hour / 50
  }

  /// Facts of a pack of this size, before the file's own words.
  static func facts(
    _ header: PackHeader, circuit: CellCircuit<Double>?, limits: SafetyLimits<Double>
  ) -> PackFacts<Double> {
    var facts = PackFacts<Double>()
    facts.capacityAmpereHours = header.capacity
    if let circuit {
      facts.cellResistance =
        circuit.point(0.5, temperature: 298.15, discharging: true).series
    } else {
      facts.cellResistance *= 50 / header.capacity
    }
    facts.shortCurrent = 2.5 * limits.dischargeCurrent.safety
    facts.heatCapacity = max(1, facts.heatCapacity * header.capacity * Double(cells) / 4_800)
    return facts
  }
}
