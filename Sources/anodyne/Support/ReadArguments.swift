// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The options of every command that reads files.

import ArgumentParser
import BatteryFiles

/// The options of every command that reads files.
struct ReadArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Name the columns of a table that is not recognised.",
      discussion: """
        quantity=[-]column[unit],… for example \
        'time=t[min],voltage=Ucell[mV],current=-I[A]'. A minus flips the sign: write it before a \
        current that counts charge as positive. A column is a title, a position (#3), or \
        a pattern with the number of the cell (cell_voltage=V_*[mV]).
        """,
      valueName: "mapping"))
  var columns: String?

  @Option(help: ArgumentHelp("Read only this sheet of a workbook.", valueName: "name"))
  var sheet: String?

  @Option(
    help: ArgumentHelp("Seconds between rows where a table has no time.", valueName: "seconds"))
  var interval: Double?

  @Option(
    help: ArgumentHelp(
      "Hours that the clock of the file is ahead of UTC.", valueName: "hours"))
  var utcOffset: Double?

  func validate() throws {
    if let interval, !(interval > 0 && interval.isFinite) {
      throw ValidationError("--interval must be a positive number of seconds.")
    }
    if let utcOffset, !(utcOffset >= -14 && utcOffset <= 14) {
      throw ValidationError("--utc-offset must be between -14 and 14 hours.")
    }
    _ = try parsedColumns()
  }

  private func parsedColumns() throws -> [ColumnMapping] {
    guard let columns else { return [] }
    do {
      return try ColumnMapping.parse(columns)
    } catch {
      throw ValidationError("--columns: \(error.message).")
    }
  }

  /// The options for ``DataFile/open(_:options:)``; call after validation.
  ///
  /// - Throws: `ValidationError` when the mapping cannot be parsed.
  func options() throws -> ReadOptions {
    ReadOptions(
      columns: try parsedColumns(), sheet: sheet, rowInterval: interval,
      wallClockOffset: utcOffset.map { $0 * 3600 })
  }
}
