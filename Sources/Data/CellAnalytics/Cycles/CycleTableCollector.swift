// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tables with one row per cycle, as some sources publish them.

import BatteryDomain
import Cleaning

/// Collects capacities and resistances from tables with one row per cycle.
struct CycleTableCollector: Sendable {
  struct Row: Sendable {
    var cycle: Int
    var capacity: Double?
    var resistance: Double?
    var health: Double?
  }
  private(set) var rows: [Row] = []

  mutating func add(_ cleaned: CleanedBatch, plan: TablePlan) {
    func value(_ column: Int?, _ row: Int) -> Double? {
      guard let column else { return nil }
      let value = cleaned.values[column][row]
      return value.isNaN ? nil : value
    }
    for row in cleaned.acceptedRows {
      let cycle = value(plan.cycle, row).map { Int($0) } ?? rows.count + 1
      let capacity = value(plan.capacity, row) ?? value(plan.dischargeCounter, row)
      rows.append(
        Row(
          cycle: cycle, capacity: capacity.flatMap { $0 > 0 ? $0 : nil },
          resistance: value(plan.resistance, row).flatMap { $0 > 0 ? $0 : nil },
          health: value(plan.health, row)))
    }
  }
}
