// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Exports of battery cyclers.

import BatteryDomain

extension FormatTable {
  /// Exports of battery cyclers; titles after the sources named in each row.
  static let cyclers: [FormatDefinition] = [
    .init(
      name: "arbin-cycles", title: "Arbin cycle statistics", kind: .cycleTable,
      requires: [["cycle index"], ["vmax on cycle"]], currents: .chargePositive,
      columns: [
        .init(["cycle index"], .cycleIndex), .init(["test time"], .time, "s"),
        .init(["date time"], nil, "date"), .init(["current"], .current, "A"),
        .init(["voltage"], .voltage, "V"),
        .init(["charge capacity"], .chargeCapacity, "Ah"),
        .init(["discharge capacity"], .dischargeCapacity, "Ah"),
        .init(["charge energy"], .chargeEnergy, "Wh"),
        .init(["discharge energy"], .dischargeEnergy, "Wh"),
        .init(["internal resistance"], .internalResistance, "ohm"),
      ],
      source: "Arbin MITS Pro workbook, sheet Statistics"),
    .init(
      name: "arbin", title: "Arbin export",
      requires: [["data point"], ["test time"], ["current"], ["voltage"]],
      currents: .chargePositive, columns: arbin,
      source: "Arbin MITS Pro workbooks and CSV; synonyms of battery-data-format 1.1, ARBIN"),
    .init(
      name: "battery-archive", title: "Battery Archive time series",
      requires: [
        ["test time"], ["cycle index"], ["current"], ["voltage"], ["charge capacity"],
      ],
      currents: .chargePositive, columns: arbin,
      source: "batteryarchive.org time-series export"),
    .init(
      name: "neware", title: "Neware export",
      requires: [
        ["datapoint", "record index", "record id", "record", "data serial number", "数据序号", "记录序号"],
        ["voltage", "电压"], ["current", "cur", "电流"],
      ],
      currents: .chargePositive,
      columns: [
        .init(["total time", "totaltime", "test time", "总时间"], .time, "s", form: .duration),
        .init(
          ["time", "relative time", "step time", "steptime", "state time", "时间"], .stepTime, "s",
          form: .duration),
        .init(["date", "realtime", "real time", "absolute time", "datetime", "绝对时间"], nil, "date"),
        .init(["voltage", "电压"], .voltage, "V"), .init(["current", "cur", "电流"], .current, "A"),
        .init(["cycle index", "cycle id", "cycle", "循环号"], .cycleIndex),
        .init(["step index", "step id", "step", "工步号"], .stepIndex),
        .init(
          [
            "chg. cap.", "chg.capacity", "charge capacity", "capacitance chg", "capacity chg",
            "充电容量",
          ],
          .chargeCapacity, "Ah"),
        .init(
          [
            "dchg. cap.", "dchg.capacity", "discharge capacity", "capacitance dchg",
            "capacity dchg", "放电容量",
          ], .dischargeCapacity, "Ah"),
        .init(
          ["chg. energy", "chg.energy", "charge energy", "engy chg", "充电能量"], .chargeEnergy, "Wh"),
        .init(
          ["dchg. energy", "dchg.energy", "discharge energy", "engy dchg", "放电能量"],
          .dischargeEnergy, "Wh"),
        .init(["temperature", "t1", "温度", "aux.temperature"], .cellTemperature, "degC"),
        .init(["power", "功率"], .power, "W"),
        .init(["contact resistance", "dcir"], .internalResistance, "mohm"),
        .init(["step type", "status", "工步类型"], nil, "", form: .text),
      ],
      source: "Neware BTSDA and BTS CSV exports; synonyms of battery-data-format 1.1, NEWARE, "
        + "and of the beep and cellpy projects"),
    .init(
      name: "maccor", title: "Maccor export",
      requires: [
        ["rec#", "rec", "record"], ["cyc#", "cycle c", "cycle p", "cyc", "cycle"],
        ["amps", "mamps", "current"], ["volts", "voltage"],
      ],
      currents: .state(column: ["state", "md", "mode"], discharge: ["D", "d"]),
      columns: [
        .init(["testtime", "test time", "test"], .time, "s", form: .duration),
        .init(["steptime", "step time"], .stepTime, "s", form: .duration),
        .init(["dpt time", "dpttime"], nil, "date"),
        .init(["volts", "voltage"], .voltage, "V"), .init(["amps", "current"], .current, "A"),
        .init(["mamps"], .current, "mA"),
        .init(["cyc#", "cycle c", "cyc", "cycle", "cycle p"], .cycleIndex),
        .init(["step"], .stepIndex),
        .init(["temp #", "temperature cell", "temperature", "aux#"], .cellTemperature, "degC"),
        .init(["temperature chamber", "ev temp"], .ambientTemperature, "degC"),
        .init(["state", "md", "mode", "es"], nil, "", form: .text),
      ],
      source: "Maccor text exports as in the cellpy and BattDat test data; synonyms of "
        + "battery-data-format 1.1, MACCOR",
      notes: ["current is printed as a magnitude; the column State or MD gives its direction"]),
    .init(
      name: "biologic-impedance", title: "BioLogic impedance spectrum", kind: .impedance,
      requires: [["freq"], ["re(z)"], ["-im(z)", "im(z)"]], currents: .chargePositive,
      columns: [
        .init(["freq"], .frequency, "Hz"), .init(["re(z)"], .impedanceReal, "ohm"),
        .init(["-im(z)"], .impedanceImaginary, "ohm", flipped: true),
        .init(["im(z)"], .impedanceImaginary, "ohm"), .init(["time"], .time, "s"),
        .init(["<ewe>", "ewe", "ecell"], .voltage, "V"), .init(["cycle number"], .cycleIndex),
      ],
      source: "EC-Lab and BT-Lab text exports (.mpt)"),
    .init(
      name: "biologic", title: "BioLogic text export",
      requires: [
        ["time"], ["ewe", "ecell", "<ewe>", "ewe ece"], ["<i>", "i", "current", "dq", "(q qo)"],
      ],
      currents: .chargePositive,
      columns: [
        .init(["time"], .time, "s"), .init(["step time"], .stepTime, "s"),
        .init(["ewe", "ecell", "<ewe>", "ewe ece"], .voltage, "V"),
        .init(["<i>", "i", "current"], .current, "mA"),
        .init(["cycle number", "z cycle"], .cycleIndex), .init(["ns"], .stepIndex),
        .init(["(q qo)"], .netCapacity, "mAh", flipped: true),
        .init(["q charge"], .chargeCapacity, "mAh"),
        .init(["q discharge"], .dischargeCapacity, "mAh"),
        .init(["energy charge"], .chargeEnergy, "Wh"),
        .init(["energy discharge"], .dischargeEnergy, "Wh"),
        .init(["temperature", "temp", "t"], .cellTemperature, "degC"),
        .init(["p"], .power, "W"), .init(["r"], .internalResistance, "ohm"),
      ],
      source: "EC-Lab and BT-Lab text exports (.mpt); synonyms of battery-data-format 1.1, BIOLOGIC"
    ),
    .init(
      name: "digatron", title: "Digatron export",
      requires: [
        ["prog time", "program time", "program duration", "prog. time"], ["voltage"], ["current"],
      ],
      currents: .chargePositive,
      columns: [
        .init(
          ["prog time", "program time", "program duration", "prog. time"], .time, "s",
          form: .duration),
        .init(["step time", "step duration"], .stepTime, "s", form: .duration),
        .init(["time stamp", "timestamp"], nil, "date"), .init(["voltage"], .voltage, "V"),
        .init(["current"], .current, "A"), .init(["cycle"], .cycleIndex),
        .init(["step"], .stepIndex),
        .init(["temperature", "logtemp#", "t1"], .cellTemperature, "degC"),
        .init(["tenv"], .ambientTemperature, "degC"),
        .init(["ahcha"], .chargeCapacity, "Ah"), .init(["ahdch"], .dischargeCapacity, "Ah"),
        .init(["ahaccu", "capacity"], .netCapacity, "Ah", flipped: true),
        .init(["whcha"], .chargeEnergy, "Wh"), .init(["whdch"], .dischargeEnergy, "Wh"),
        .init(["whaccu"], .netEnergy, "Wh", flipped: true), .init(["power", "watt"], .power, "W"),
        .init(["status", "procedure"], nil, "", form: .text),
      ],
      source: "Digatron Battery Manager CSV; synonyms of battery-data-format 1.1, DIGATRON"),
  ]

  private static let arbin: [ColumnRule] = [
    .init(["test time"], .time, "s"), .init(["step time"], .stepTime, "s"),
    .init(["date time", "datetime"], nil, "date"), .init(["voltage"], .voltage, "V"),
    .init(["current"], .current, "A"), .init(["power"], .power, "W"),
    .init(["cycle index"], .cycleIndex), .init(["step index"], .stepIndex),
    .init(["charge capacity"], .chargeCapacity, "Ah"),
    .init(["discharge capacity"], .dischargeCapacity, "Ah"),
    .init(["charge energy"], .chargeEnergy, "Wh"),
    .init(["discharge energy"], .dischargeEnergy, "Wh"),
    .init(["internal resistance"], .internalResistance, "ohm"),
    .init(["aux temperature #", "temperature", "cell temperature"], .cellTemperature, "degC"),
    .init(["environment temperature"], .ambientTemperature, "degC"),
  ]
}
