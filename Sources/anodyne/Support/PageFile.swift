// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Writes a report page with the chart library inside it.

import ArgumentParser
import BatteryFiles
import Foundation
import ReportPages

/// Writes a report page with the chart library inside it.
enum PageFile {
  /// Writes a page; without the chart library it is written with its tables, and that is said.
  ///
  /// - Throws: `ExitCode` when the file cannot be written; the reason is told.
  static func write(_ page: ReportPage, to path: String) throws {
    let library = PlotlyLibrary.load()
    if library == nil {
      StandardError.write(
        "anodyne: the chart library is missing, so \(path) has tables only; "
          + PlotlyLibrary.remedy + "\n")
    }
    do {
      try OutputFile.write(Data(try page.html(plotly: library).utf8), to: path)
    } catch let error as FileError {
      StandardError.write("anodyne: \(error.message)\n")
      throw ExitStatus(error).exitCode
    }
  }
}
