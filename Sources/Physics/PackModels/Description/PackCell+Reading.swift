// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The cell of a pack file: by name, or a shipped cell with other numbers.

import RunawayModels
import StructuredInput

extension PackCell {
  /// Reads the cell of a pack file: `cell` names a shipped one, or is a table with the keys of a cell
  /// file of the abuse tests; further keys of the pack replace what only packs know of a cell.
  ///
  /// Faults are noted; nil where there is no such cell.
  init?(readingFrom table: InputTable) {
    let given = table.value("cell")
    let cell: PackCell
    if let given, given.isTable, let keys = given.table() {
      let own = AbuseCell(reading: keys)
      // What cannot be built has been noted by its numbers; the rest is told here.
      for fault in own.faults { given.note(fault) }
      guard own.faults.isEmpty else { return nil }
      cell = PackCell(own)
    } else {
      let name = table.text("cell")
      guard let known = PackCell.named(name) else {
        if !name.isEmpty {
          let near = InputTable.nearest(to: name, among: PackCell.names)
          table.note(
            "there is no cell '\(name)'; " + (near.map { "did you mean \($0)? " } ?? "")
              + "Known: " + PackCell.names.joined(separator: ", "), at: "cell")
        }
        // So that faults of the other keys are told too.
        _ = PackCell(.ncm25Ah).replacing(table)
        return nil
      }
      cell = known
    }
    self = cell.replacing(table)
  }

  /// This cell with the numbers that a pack file gives.
  private func replacing(_ table: InputTable) -> PackCell {
    var cell = self
    cell.resistance =
      table.number(
        "cell_resistance_mohm", in: 1e-3...1e4, default: cell.resistance * 1e3) / 1e3
    cell.conductivity = table.number(
      "cell_conductivity_w_per_mk", in: 0.05...50, default: cell.conductivity)
    if let keys = table.table("shell") {
      cell.shell.sound = keys.number("sound_m2k_per_w", in: 0...1, default: cell.shell.sound)
      cell.shell.burnt = keys.number(
        "burnt_m2k_per_w", in: 0...1, default: max(cell.shell.sound, cell.shell.burnt))
    }
    if let keys = table.table("internal_short") {
      cell.shortShare = keys.number("share", in: 0...1, default: cell.shortShare)
      if keys.has("time_s") {
        // In that time the share flows off at the voltage of half charge.
        cell.shortResistance =
          keys.number("time_s", in: 0.5...600) * cell.voltage(stateOfCharge: 0.5)
          / (max(0.01, cell.shortShare) * cell.capacity)
      }
    }
    return cell
  }
}
