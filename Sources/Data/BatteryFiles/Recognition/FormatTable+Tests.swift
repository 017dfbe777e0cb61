// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cell tests: published data sets and general tables.

import BatteryDomain

extension FormatTable {
  /// Published data sets with a layout of their own, then cycler exports, then general tables.
  static let tests: [FormatDefinition] = [
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
      notes: ["time restarts in every record; a continued time without the pauses is added"])
  ]
}
