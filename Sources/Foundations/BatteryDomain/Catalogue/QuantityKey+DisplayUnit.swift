// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The display unit of each catalogued quantity.

import Quantities

extension QuantityKey {
  private static let celsius = DisplayUnit(
    "°C", offset: -PhysicalConstants.celsiusZero, fractionDigits: 1)
  private static let volts = DisplayUnit("V", fractionDigits: 3)
  private static let millivolts = DisplayUnit("mV", perUnit: 1e3, fractionDigits: 1)
  private static let ampereHours = DisplayUnit(
    "Ah", perUnit: 1 / PhysicalConstants.secondsPerHour, fractionDigits: 3)
  private static let wattHours = DisplayUnit(
    "Wh", perUnit: 1 / PhysicalConstants.secondsPerHour, fractionDigits: 2)
  private static let percent = DisplayUnit("%", perUnit: 100, fractionDigits: 1)
  private static let milliohms = DisplayUnit("mΩ", perUnit: 1e3, fractionDigits: 2)
  private static let count = DisplayUnit("", fractionDigits: 0)

  /// The unit a person reads the quantity in.
  public var displayUnit: DisplayUnit {
    switch self {
    case .time, .stepTime: DisplayUnit("s", fractionDigits: 1)
    case .cycleIndex, .stepIndex, .alarmLevel, .alarmFlags, .chargeState: Self.count
    case .voltage, .cellVoltage, .cellVoltageMaximum, .cellVoltageMinimum, .cellVoltageMean:
      Self.volts
    case .packVoltage: DisplayUnit("V", fractionDigits: 1)
    case .current: DisplayUnit("A", fractionDigits: 2)
    case .power: DisplayUnit("W", fractionDigits: 1)
    case .chargeCapacity, .dischargeCapacity, .netCapacity, .capacity: Self.ampereHours
    case .chargeEnergy, .dischargeEnergy, .netEnergy: Self.wattHours
    case .internalResistance, .impedanceReal, .impedanceImaginary: Self.milliohms
    case .cellTemperature, .ambientTemperature, .probeTemperature, .probeTemperatureMaximum,
      .probeTemperatureMinimum, .probeTemperatureMean:
      Self.celsius
    case .stateOfCharge, .stateOfHealth: Self.percent
    case .vehicleSpeed: DisplayUnit("km/h", perUnit: 3.6, fractionDigits: 1)
    case .odometer: DisplayUnit("km", perUnit: 1e-3, fractionDigits: 1)
    case .insulationResistance: DisplayUnit("kΩ", perUnit: 1e-3, fractionDigits: 0)
    case .frequency: DisplayUnit("Hz", fractionDigits: 3)
    case .force: DisplayUnit("N", fractionDigits: 1)
    case .displacement: DisplayUnit("mm", perUnit: 1e3, fractionDigits: 3)
    case .pressure: DisplayUnit("bar", perUnit: 1e-5, fractionDigits: 3)
    }
  }

  /// The unit a person reads a difference or deviation of the quantity in.
  ///
  /// Deviations of cell voltages are read in millivolts and those of temperatures in kelvin; all
  /// other differences are read in ``displayUnit``.
  public var deviationDisplayUnit: DisplayUnit {
    switch self {
    case .voltage, .cellVoltage, .cellVoltageMaximum, .cellVoltageMinimum, .cellVoltageMean:
      Self.millivolts
    case .cellTemperature, .ambientTemperature, .probeTemperature, .probeTemperatureMaximum,
      .probeTemperatureMinimum, .probeTemperatureMean:
      DisplayUnit("K", fractionDigits: 1)
    default: displayUnit
    }
  }
}
