// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Published data sets with a layout of their own.

import BatteryDomain

extension FormatTable {
  /// Published data sets with a layout of their own.
  static let published: [FormatDefinition] = [
    .init(
      name: "nasa-csv", title: "NASA PCoE discharge records",
      requires: [
        ["voltage measured"], ["current measured"], ["time"], ["cycle idx", "cycle index"],
      ],
      currents: .chargePositive,
      columns: [
        .init(["voltage measured"], .voltage, "V"),
        .init(["current measured"], .current, "A"),
        .init(["temperature measured"], .cellTemperature, "degC"),
        .init(["time"], .stepTime, "s"),
        .init(["cycle idx", "cycle index"], .cycleIndex),
      ],
      source: "Saha & Goebel (2007), Battery Data Set, NASA Prognostics Data Repository",
      notes: ["time restarts in every record; a continued time without the pauses is added"]),
    .init(
      name: "digatron-lg", title: "Digatron export of the LG HG2 data set",
      requires: [
        ["timestamp"], ["time"], ["voltage"], ["current"], ["temperature"], ["capacity"],
      ],
      forbids: ["data point", "test time", "cycle index"], currents: .chargePositive,
      columns: [
        .init(["time"], .time, "min"),
        .init(["voltage"], .voltage, "V"),
        .init(["current"], .current, "A"),
        .init(["temperature"], .cellTemperature, "degC"),
        .init(["capacity"], .netCapacity, "Ah", flipped: true),
        .init(["timestamp"], nil, "date"),
      ],
      source: "Kollmeyer et al. (2020), doi:10.17632/cp3473x7xv.3"),
    .init(
      name: "samsung30q", title: "Samsung 30Q pulse tests",
      requires: [["current"], ["voltage"], ["temperature"], ["soc"]],
      forbids: [
        "time", "test time", "timestamp", "date", "tboxtime", "total time", "capacity", "v #",
      ],
      currents: .chargePositive, rowInterval: 1,
      columns: [
        .init(["current"], .current, "A"), .init(["voltage"], .voltage, "V"),
        .init(["temperature"], .cellTemperature, "degC"), .init(["soc"], .stateOfCharge, "%"),
      ],
      source: "ARTS-Lab, University of South Carolina, electrothermal characterisation of "
        + "Samsung 30Q cells",
      notes: [
        "rows are taken as 1 s apart: the state of charge falls by 97.7e-6 per ampere and row, "
          + "which is 1 s at 2.84 Ah"
      ]),
    .init(
      name: "calce-cycles", title: "CALCE cycle table", kind: .cycleTable,
      requires: [["cycle"], ["capacity"], ["soh"], ["resistance"]], currents: .dischargePositive,
      columns: [
        .init(["cycle"], .cycleIndex), .init(["capacity"], .capacity, "Ah"),
        .init(["soh"], .stateOfHealth), .init(["resistance"], .internalResistance, "ohm"),
      ],
      source: "He et al. (2011), doi:10.1016/j.jpowsour.2011.08.040",
      notes: ["SoH is the source's own and not capacity over nominal capacity"]),
    .init(
      name: "impedance-text", title: "impedance spectrum", kind: .impedance,
      requires: [["freq", "frequency"], ["z'", "zreal", "re(z)"], ["z''", "zimag", "im(z)"]],
      currents: .chargePositive,
      columns: [
        .init(["freq", "frequency"], .frequency, "Hz"),
        // The instrument prints ohm·cm² over numbers in ohm.
        .init(["z'", "zreal", "re(z)"], .impedanceReal, "ohm", overrulesHeader: true),
        .init(["z''", "zimag", "im(z)"], .impedanceImaginary, "ohm", overrulesHeader: true),
        .init(["time"], .time, "s"), .init(["bias"], .voltage, "V"),
      ],
      source: "CSStudio export, as in the large-format LFP impedance data set of CccLeo",
      notes: ["the sign of the imaginary part is checked against the printed phase"]),
  ]

  /// Mechanical abuse tests; their titles are plain, so every cycler is asked before them.
  static let abuse: [FormatDefinition] = [
    .init(
      name: "indentation", title: "mechanical abuse test (indentation)",
      requires: [["load", "penetrator force"], ["voltage", "vcell", "cell voltage"]],
      currents: .dischargePositive, columns: indentation,
      source: "ORNL and SNL single-side indentation tests, batteryarchive.org"),
    .init(
      name: "indentation-temperature", title: "temperature of a mechanical abuse test",
      requires: [
        ["reltime", "time"], ["function #", "max", "temperature", "tc#", "tc *"],
      ],
      forbids: ["voltage", "current", "vcell", "capacity", "load"], currents: .dischargePositive,
      columns: indentation,
      source: "ORNL and SNL single-side indentation tests, batteryarchive.org"),
  ]

  private static let indentation: [ColumnRule] = [
    .init(["time", "test time", "reltime"], .time, "s"),
    // The SNL header says mm over numbers in newton.
    .init(["penetrator force"], .force, "N", overrulesHeader: true),
    .init(["load"], .force, "lb"), .init(["displacement"], .displacement, "mm"),
    .init(["voltage", "vcell", "cell voltage"], .voltage, "V"),
    .init(["tambient"], .ambientTemperature, "degC"),
    .init(
      ["function #", "max", "temperature", "tc #", "tc#", "tc*"], .cellTemperature, "degC"),
  ]
}
