// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The table of finding kinds.

import BatteryDomain

/// The table of finding kinds.
public enum FindingRules {
  /// All rules, cells first.
  public static let all: [FindingRule] = [
    cellDeparture, cellRise, cellOffset, cellResistance, cellCapacity, cellNoise, cellLost,
    cellMissing,
    cellStuck, packStuck, overvoltage, undervoltage, moduleDrift, packSpread, hotTemperature,
    temperatureRate, temperatureSpread, probeHot, probeMissing, probeLost, probeStuck,
    insulationFall, alarmHistory, telemetryGaps,
  ]

  private static let tolerance =
    "10 mV is the most a cell-voltage channel may err (GB/T 38661-2020, cell voltage accuracy), "
    + "so 20 mV is what two healthy cells can differ by reading alone"

  static let cellDeparture = FindingRule(
    kind: "cell_voltage_departure", metric: "fall against the cell's own baseline", unit: "V",
    controlNode: .separator,
    steps: [
      .init(
        .watch, from: 0.010,
        action: "Look again after the next full charge; compare with the cell's balancing time."),
      .init(
        .act, from: 0.020,
        action:
          "Take the pack into the workshop within days: let it rest 24 h at high charge, log the "
          + "cell every hour, compare with its neighbours, and replace the module if the fall "
          + "goes on. Until then avoid fast charging and parking at high charge."),
    ], weight: 1,
    reason: "\(tolerance); a change of that size of one cell alone is no reading error. Half of "
      + "it is worth a second look.")

  static let cellRise = FindingRule(
    kind: "cell_voltage_rise", metric: "rise against the cell's own baseline", unit: "V",
    controlNode: .cellInconsistency,
    steps: [
      .init(
        .note, from: 0.010, action: "Nothing now; the next review compares again."),
      .init(
        .watch, from: 0.020,
        action: "Check whether the cell was balanced or its sense wire was worked on."),
    ], weight: 0.5,
    reason: "\(tolerance); a rise is charge not taken out by balancing or a changed contact, not "
      + "self-discharge.")

  static let cellOffset = FindingRule(
    kind: "cell_static_offset", metric: "standing offset against the module", unit: "V",
    controlNode: .cellInconsistency,
    steps: [
      .init(.note, from: 0.010, action: "Nothing now; the next review compares again."),
      .init(
        .watch, from: 0.020,
        action:
          "Balance the pack fully and compare again: an offset that returns is a capacity or "
          + "reading difference, one that grows is a fault."),
    ], weight: 1, reason: "\(tolerance).")

  static let cellResistance = FindingRule(
    kind: "cell_resistance", metric: "resistance above the module, as a share of it", unit: "",
    controlNode: .interfaceStability,
    steps: [
      .init(.note, from: 0.3, action: "Nothing now; the next review compares again."),
      .init(
        .watch, from: 0.5,
        action: "Check the busbar torque and contact of the cell at the next service."),
      .init(
        .act, from: 1.5,
        action:
          "Limit current and inspect the cell's welds, busbar and sense wire: a poor joint heats "
          + "with the square of current."),
    ], weight: 0.9,
    reason:
      "A doubled resistance is the usual end of life (USABC manual, 1996); the cell at the end of "
      + "a module is often read with the busbar to the next one, which adds tenths, so only half "
      + "as much again is watched and more than double is a joint.")

  static let cellCapacity = FindingRule(
    kind: "cell_capacity", metric: "capacity below the module, as a share of it", unit: "",
    controlNode: .electrodeIntegrity,
    steps: [
      .init(
        .note, from: 0.05, action: "Nothing now; expect this cell to limit the range."),
      .init(
        .watch, from: 0.10,
        action: "Confirm with a full discharge at low current; the cell limits the pack."),
    ], weight: 0.7,
    reason: "Cells of one pack are graded within about 2 %; 5 % is beyond uneven ageing, 10 % "
      + "halves the way to the usual end of life at 80 %.")

  static let cellNoise = FindingRule(
    kind: "cell_unsteady_reading", metric: "scatter under load over that of the module", unit: "",
    controlNode: .sensing,
    steps: [
      .init(
        .watch, from: 3,
        action: "Check the sense wire and the joint of the cell: a loose contact reads so.")
    ], weight: 0.6,
    reason: "Siblings see the same load; three times their scatter at more than 5 mV is outside "
      + "their range.")

  static let cellLost = FindingRule(
    kind: "cell_reading_lost", metric: "share of rows without a usable voltage", unit: "",
    controlNode: .sensing,
    steps: [
      .init(
        .watch, from: 0.2,
        action: "Check the sense wire: this cell is not supervised while its reading is lost.")
    ], weight: 0.8,
    reason: "A cell without a reading has no protection against over- or undervoltage.")

  static let cellMissing = FindingRule(
    kind: "cell_channel_missing", metric: "share of channels that never gave a value", unit: "",
    controlNode: .sensing,
    steps: [
      .init(.note, from: 0.001, action: "Check once whether these cells exist."),
      .init(
        .watch, from: 0.2,
        action: "Check the cell-voltage measurement: these cells are not supervised, and what is "
          + "said of this pack rests on the others."),
    ], weight: 0.8,
    reason: "A few channels that never gave a value are often not connected; of a fifth of the "
      + "pack that can no longer be assumed.")

  static let cellStuck = FindingRule(
    kind: "cell_reading_stuck", metric: "movement over that of the other cells", unit: "",
    controlNode: .sensing,
    steps: [
      .init(
        .watch, from: 0,
        action: "Replace or restart the measuring circuit: this cell is not supervised.")
    ], weight: 0.8,
    reason: "A reading that keeps within 2 mV while the pack moves by more than 50 mV is frozen.")

  static let packStuck = FindingRule(
    kind: "pack_readings_stuck", metric: "movement of the pack voltage per cell", unit: "V",
    controlNode: .sensing,
    steps: [
      .init(
        .watch, from: StillRun.movement,
        action: "Restart or replace the cell-voltage measurement: no cell is supervised while "
          + "its readings stand still.")
    ], weight: 0.8,
    reason: "Cell readings that all keep within 2 mV while the pack voltage moves by more than "
      + "50 mV a cell are frozen.")

  static let overvoltage = FindingRule(
    kind: "cell_overvoltage", metric: "highest cell voltage", unit: "V",
    controlNode: .plating,
    steps: [
      .init(
        .act, from: 4.35,
        action: "Stop charging at once and check the charger's limit and the cell's reading."),
      .init(.stop, from: 4.6, action: "Take the battery out of use; do not charge it again."),
    ], weight: 1,
    reason: "4.2 to 4.3 V ends the charge of NCM and NCA cells, 3.65 V of LFP; overcharge tests "
      + "reach self-heating well above it (Ren et al., 2017, doi:10.1016/j.jpowsour.2017.08.035).")

  static let undervoltage = FindingRule(
    kind: "cell_undervoltage", metric: "cell voltage below 2.0 V in a pack above 2.8 V",
    unit: "V", controlNode: .separator,
    steps: [
      .init(
        .act, from: 0,
        action:
          "Do not recharge before the cell is examined: copper dissolves below about 1.5 V and "
          + "can short it when charged.")
    ], weight: 1,
    reason: "2.5 V (NCM) and 2.0 V (LFP) end discharge; copper dissolution on overdischarge: Guo "
      + "et al. (2016), doi:10.1038/srep30248.")

  static let moduleDrift = FindingRule(
    kind: "module_drift", metric: "movement of a module against the pack", unit: "V",
    controlNode: .cellInconsistency,
    steps: [
      .init(.note, from: 0.010, action: "Nothing now; the next review compares again."),
      .init(
        .watch, from: 0.020,
        action: "Balance the pack fully; check the module's cooling and its balancing circuit."),
    ], weight: 0.6, reason: "\(tolerance).")

  static let packSpread = FindingRule(
    kind: "pack_spread", metric: "spread of cell voltages at low current", unit: "V",
    controlNode: .cellInconsistency,
    steps: [
      .init(.note, from: 0.050, action: "Nothing now; the next review compares again."),
      .init(
        .watch, from: 0.100,
        action: "Balance the pack; the lowest cell limits the range, the highest the charge."),
    ], weight: 0.5,
    reason: "At the usual 10 mV per percent of charge of NCM cells, 100 mV is a tenth of the "
      + "capacity that cannot be used; spread alone does not tell which cell is at fault.")

  static let hotTemperature = FindingRule(
    kind: "temperature_high", metric: "highest sustained temperature", unit: "K",
    controlNode: .hotSpot,
    steps: [
      .init(
        .watch, from: 328.15,
        action: "Reduce power and check the cooling circuit at the next service."),
      .init(
        .act, from: 338.15, action: "Stop fast charging and high load; inspect cooling now."),
      .init(
        .stop, from: 353.15,
        action: "Leave the vehicle, keep clear, and have the battery cooled and watched."),
    ], weight: 1,
    reason: "55 to 60 °C ends the window of discharge of common cells; near 80 °C the interphase "
      + "on the anode decomposes and heats the cell (Feng et al., 2018, "
      + "doi:10.1016/j.ensm.2017.05.013).")

  static let temperatureRate = FindingRule(
    kind: "temperature_rise", metric: "fastest sustained rise", unit: "K/s",
    controlNode: .hotSpot,
    steps: [
      .init(.watch, from: 1.0 / 12, action: "Check the cooling and the load at that time."),
      .init(
        .act, from: 0.2, action: "Stop charging or driving and inspect the module around it."),
      .init(.stop, from: 1, action: "Leave the vehicle, keep clear and call the fire service."),
    ], weight: 1,
    reason: "1 K/s is the sign of runaway in GB 38031-2020; 5 K/min is above what 3C charging "
      + "warms a cell by.")

  static let temperatureSpread = FindingRule(
    kind: "temperature_spread", metric: "usual spread between probes", unit: "K",
    controlNode: .thermalCoupling,
    steps: [
      .init(.note, from: 6, action: "Nothing now; the next review compares again."),
      .init(
        .watch, from: 10,
        action: "Check flow and contact of the cooling plate at the warm or cold end."),
    ], weight: 0.6,
    reason: "5 K across a pack is the usual design goal (Pesaran, 2002, "
      + "doi:10.1016/S0378-7753(02)00200-8); probes resolve 1 K.")

  static let probeHot = FindingRule(
    kind: "probe_hot", metric: "probe above the others", unit: "K",
    controlNode: .hotSpot,
    steps: [
      .init(
        .watch, from: 6,
        action: "Look for a poor joint or a cell with losses beside the probe."),
      .init(
        .act, from: 15, action: "Inspect the place of the probe before the next fast charge."),
    ], weight: 0.9,
    reason: "5 K across a pack is the usual design goal, so one probe 6 K above the median is out "
      + "of it; 15 K means a heat source of its own.")

  static let probeMissing = FindingRule(
    kind: "probe_missing", metric: "share of probes that never gave a value", unit: "",
    controlNode: .sensing,
    steps: [
      .init(.note, from: 0.001, action: "Check once whether these probes are fitted at all.")
    ], weight: 0.2, reason: "Channels that never gave a value are often not fitted.")

  static let probeLost = FindingRule(
    kind: "probe_lost", metric: "share of probes that were lost", unit: "",
    controlNode: .sensing,
    steps: [
      .init(
        .watch, from: 0.001,
        action: "Repair the probe or its wire: its part of the pack is not supervised.")
    ], weight: 0.4,
    reason: "A probe that fell silent was fitted and leaves a blind spot.")

  static let probeStuck = FindingRule(
    kind: "probe_stuck", metric: "probe that keeps one reading", unit: "",
    controlNode: .sensing,
    steps: [
      .init(
        .watch, from: 0,
        action: "Replace the probe: its part of the pack is not supervised.")
    ], weight: 0.4,
    reason: "A probe that keeps within half a kelvin while the median probe moves by 5 K is "
      + "frozen.")

  /// Share of the usual insulation reading below which a fall counts.
  static let insulationShare = 0.5

  static let insulationFall = FindingRule(
    kind: "insulation_fall", metric: "fall of the reading as a share of the usual one", unit: "",
    controlNode: .faultIsolation,
    steps: [
      .init(
        .watch, from: 0.5,
        action: "Measure the insulation of the pack and the harness with a calibrated meter.")
    ], weight: 0.5,
    reason: "Vendors scale the signal differently, so only its fall is judged and no fall alone "
      + "carries more than a look; the legal limit is 100 Ω/V (GB 18384-2020, UN R100).")

  static let alarmHistory = FindingRule(
    kind: "alarm_history", metric: "highest alarm level of the vehicle itself", unit: "",
    controlNode: .faultIsolation,
    steps: [
      .init(.note, from: 1, action: "Read the vehicle's fault memory at the next service."),
      .init(.watch, from: 2, action: "Read the vehicle's fault memory within weeks."),
      .init(
        .stop, from: 4, action: "Thermal event reported: keep clear and call the fire service."),
    ], weight: 0.3,
    reason: "Levels of GB/T 32960.3: the vehicle reacted by itself to 1 to 3, which do not name "
      + "a cell; 4 is a thermal event (edition 2025).")

  static let telemetryGaps = FindingRule(
    kind: "telemetry_quality", metric: "share of samples that cannot be used", unit: "",
    controlNode: .sensing,
    steps: [
      .init(.note, from: 0.001, action: "Nothing now."),
      .init(
        .watch, from: 0.2, action: "Check the gateway: findings rest on what it delivers."),
    ], weight: 0.2,
    reason: "A fifth of missing samples blinds the comparison of cells.")
}
