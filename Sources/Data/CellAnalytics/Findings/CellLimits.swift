// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The limits that findings about a cell test are judged by, with their sources.

/// A class of cells by the voltage to which they are charged.
struct VoltageClass: Sendable {
  let name: String
  /// Highest charged voltages of the class in volts.
  let charged: ClosedRange<Double>
  /// Permitted window in volts.
  let window: ClosedRange<Double>

  /// Classes by charged voltage, with the limits usual in data sheets of the class.
  static let known = [
    VoltageClass(name: "titanate (2.8 V class)", charged: 2.5...3.05, window: 1.4...2.95),
    VoltageClass(name: "iron phosphate (3.65 V class)", charged: 3.4...3.8, window: 2.0...3.75),
    VoltageClass(name: "4.2 V class", charged: 3.9...4.29, window: 2.0...4.25),
    VoltageClass(name: "4.35 V class", charged: 4.29...4.39, window: 2.0...4.4),
    VoltageClass(name: "4.45 V class", charged: 4.39...4.5, window: 2.0...4.5),
  ]
}

/// The limits that findings about a cell test are judged by.
enum CellLimits {
  /// Surface temperature that data sheets of most cells permit at most while discharging, in
  /// kelvin (60 °C).
  static let highestTemperature = 333.15
  /// Onset of interphase decomposition in kelvin (about 80 °C): Jing et al. (2026), section 2.2;
  /// Feng et al. (2018), doi:10.1016/j.ensm.2017.05.013.
  static let decompositionTemperature = 353.15
  /// Below this voltage copper can dissolve, in volts: Guo et al. (2016), doi:10.1038/srep30248,
  /// who see it in cells driven to 0 V and below; 1 V leaves a margin.
  static let copperVoltage = 1.0
  /// Growth of resistance that is watched, and that ends life (doubling: USABC 1996).
  static let resistanceWatch = 1.3
  /// Growth of resistance at which life ends.
  static let resistanceEnd = 2.0
  /// Coulombic efficiency below which charge is being lost: lithium-ion cells return more than
  /// 99 %; Smith et al. (2010), doi:10.1149/1.3268129. One percent is left to the instrument.
  static let coulombicEfficiency = 0.98
  /// Fall of the settled voltage at rest in V/s: 5 mV a day, three times the 5 % a month that
  /// data sheets allow a healthy cell, at about 1 V per full charge. A judgement, not a standard.
  static let restDrift = 0.005 / 86_400
  /// Rest after which a drift is judged, in seconds.
  static let restDuration = 6 * 3600.0
}
