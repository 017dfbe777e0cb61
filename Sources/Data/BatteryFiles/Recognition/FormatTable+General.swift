// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The Battery Data Format, and tables that only name their quantities.

import BatteryDomain

extension FormatTable {
  /// The Battery Data Format and this program's own exports in its style.
  static let batteryDataFormat: [FormatDefinition] = [
    .init(
      name: "bdf-vehicle", title: "vehicle telemetry in the style of the Battery Data Format",
      kind: .vehicle, requires: [["unix time"], ["cell voltage #"]], currents: .chargePositive,
      columns: [
        .init(["unix time"], .time, "s"), .init(["test time"], nil, "s"),
      ] + ExportColumns.readingRules,
      source: "Written by this program"),
    .init(
      name: "bdf-impedance", title: "impedance spectra in Battery Data Format", kind: .impedance,
      requires: [["real impedance"], ["imaginary impedance"]],
      forbids: ["cell voltage #"], currents: .chargePositive,
      columns: ExportColumns.readingRules,
      source: "Battery Data Alliance, Battery Data Format 1.1"),
    .init(
      name: "bdf", title: "Battery Data Format",
      requires: [
        ["test time", "test time second", "unix time", "unix time second"],
        ["voltage", "voltage volt"], ["current", "current ampere"],
      ],
      currents: .chargePositive,
      columns: [
        .init(["test time", "test time second"], .time, "s"),
        .init(["unix time", "unix time second"], .time, "s"),
        .init(["step time", "step time second"], .stepTime, "s"),
        .init(["voltage", "voltage volt"], .voltage, "V"),
        .init(["current", "current ampere"], .current, "A"),
        .init(["power", "power watt"], .power, "W"),
        .init(["cycle count", "cycle", "cycle dimensionless"], .cycleIndex),
        .init(["step count", "step id", "step index"], .stepIndex),
        .init(["charging capacity", "charging capacity ah"], .chargeCapacity, "Ah"),
        .init(["discharging capacity", "discharging capacity ah"], .dischargeCapacity, "Ah"),
        .init(["net capacity", "net capacity ah"], .netCapacity, "Ah", flipped: true),
        .init(["charging energy", "charging energy wh"], .chargeEnergy, "Wh"),
        .init(["discharging energy", "discharging energy wh"], .dischargeEnergy, "Wh"),
        .init(["net energy", "net energy wh"], .netEnergy, "Wh", flipped: true),
        .init(
          ["internal resistance", "internal resistance ohm", "dc internal resistance"],
          .internalResistance, "ohm"),
        .init(
          ["ambient temperature", "ambient temperature celsius"], .ambientTemperature, "degC"),
        .init(
          ["temperature t1", "temperature t1 celsius", "surface temperature t1"],
          .cellTemperature, "degC"),
      ] + ExportColumns.readingRules,
      source: "Battery Data Alliance, Battery Data Format 1.1, "
        + "https://w3id.org/battery-data-alliance/ontology/battery-data-format"),
    .init(
      name: "anodyne-simulation", title: "simulation by this program",
      requires: [["time s"], ["current a"], ["voltage v"], ["temperature k"]],
      currents: .dischargePositive,
      columns: [
        .init(["time s"], .time, "s"), .init(["current a"], .current, "A"),
        .init(["voltage v"], .voltage, "V"), .init(["temperature k"], .cellTemperature, "K"),
        .init(["cycle"], .cycleIndex), .init(["step"], .stepIndex),
      ],
      source: "Written by `anodyne simulate`"),
    .init(
      name: "bdf-cycles", title: "cycle table in the style of the Battery Data Format",
      kind: .cycleTable, requires: [["cycle count"], ["capacity", "discharging capacity"]],
      forbids: ["voltage"], currents: .chargePositive, columns: ExportColumns.readingRules,
      source: "Written by this program"),
  ]

  /// Tables that only name their quantities.
  static let plainTables: [FormatDefinition] = [
    .init(
      name: "delimited", title: "table with named quantities",
      requires: [["voltage", "u", "ecell", "cell voltage", "volts", "potential", "spannung"]],
      currents: .chargePositive, columns: plain,
      source: "names in common use",
      notes: [
        "no known exporter: a positive current is taken as charge; say otherwise with --columns"
      ])
  ]

  private static let plain: [ColumnRule] = [
    .init(
      ["time", "test time", "total time", "t", "elapsed time", "run time", "zeit"], .time, "s"),
    .init(["step time"], .stepTime, "s"),
    .init(["date", "datetime", "date time", "timestamp"], nil, "date"),
    .init(
      ["voltage", "u", "ecell", "cell voltage", "volts", "potential", "spannung"], .voltage, "V"),
    .init(["current", "i", "amps", "strom"], .current, "A"),
    .init(["power"], .power, "W"),
    .init(["cycle", "cycle index", "cycle number", "cycle id"], .cycleIndex),
    .init(["step", "step index", "step number"], .stepIndex),
    .init(["charge capacity"], .chargeCapacity, "Ah"),
    .init(["discharge capacity"], .dischargeCapacity, "Ah"),
    .init(["charge energy"], .chargeEnergy, "Wh"),
    .init(["discharge energy"], .dischargeEnergy, "Wh"),
    .init(
      ["temperature", "cell temperature", "temp", "t1", "surface temperature"], .cellTemperature,
      "degC"),
    .init(["ambient temperature", "chamber temperature"], .ambientTemperature, "degC"),
    .init(["soc", "state of charge"], .stateOfCharge),
    .init(["internal resistance", "resistance"], .internalResistance, "ohm"),
  ]
}
