// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Vehicle telemetry tables: per-cell voltages and probe temperatures.

import BatteryDomain
import Quantities

extension FormatTable {
  /// Seconds that China Standard Time is ahead of UTC; GB/T 32960.3-2016 time stamps are in it.
  private static let chinaStandardTime = 8 * PhysicalConstants.secondsPerHour

  /// Tables of the kind that Nie et al. (2025), doi:10.1016/j.energy.2024.135754, published.
  static let vehicles: [FormatDefinition] = [
    .init(
      name: "vehicle-telemetry", title: "vehicle telemetry with cell voltages", kind: .vehicle,
      requires: [["tboxtime", "time", "timestamp", "datatime"], ["v #"]],
      currents: .dischargePositive, timeReference: .unixEpoch,
      wallClockOffset: chinaStandardTime,
      columns: [
        .init(["tboxtime", "time", "timestamp", "datatime"], .time, "date"),
        .init(["bmschargestatus", "chargestatus", "charge status"], .chargeState),
        .init(["vehspeed", "speed"], .vehicleSpeed, "km/h"),
        .init(["bmsbatteryvoltage", "packvoltage", "totalvoltage"], .packVoltage, "V"),
        .init(["bmscellvoltagemax"], .cellVoltageMaximum, "V"),
        .init(["bmscellvoltagemin"], .cellVoltageMinimum, "V"),
        .init(["bmscellvoltagem"], .cellVoltageMean, "V"),
        .init(["bmsbatterycurrent", "packcurrent", "totalcurrent"], .current, "A"),
        .init(["vehbmspacksoc", "soc"], .stateOfCharge, "%"),
        .init(["bmsprobetempmax"], .probeTemperatureMaximum, "degC"),
        .init(["bmsprobetempmin"], .probeTemperatureMinimum, "degC"),
        // Raw GB/T 32960 bytes: degrees Celsius plus 40.
        .init(["bmsprobetempm"], .probeTemperatureMean, "degC", rawOffset: -40),
        .init(["t #"], .probeTemperature, "degC", rawOffset: -40),
        .init(["bmswarninginformation"], .alarmLevel),
        .init(["vehodo", "odometer", "mileage"], .odometer, "km"),
        .init(["insulationresistance"], .insulationResistance, "kohm"),
        .init(["v #"], .cellVoltage, "V"),
      ],
      source: "Nie et al. (2025), Energy 323, 135754; GB/T 32960.3-2016",
      notes: [
        "times are read as China Standard Time (UTC+8), the clock of GB/T 32960",
        "probe temperatures are raw bytes with an offset of 40; 255 means invalid",
      ])
  ]
}
