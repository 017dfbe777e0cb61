// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne simulate --report: the page of a run.

import BatteryFiles
import CellModels
import Foundation
import ReportPages
import SimulationReport

/// The page of a run, written when the run is over.
struct SimulateReport {
  private let path: String
  private let options: [String]
  /// What the run reported so far.
  var record: SimulationRecord

  /// Checks that the page can be written, before the run.
  init(path: String, _ experiment: Experiment, options: [String]) throws {
    self.path = path
    self.options = options
    record = SimulationRecord(experiment)
    do throws(FileError) { try OutputFile.check(path) } catch { throw Self.failure(error) }
  }

  /// Writes the page.
  ///
  /// - Throws: The exit code when it cannot be written.
  func write(quiet: Bool) throws {
    let library = PlotlyLibrary.load()
    if library == nil {
      StandardError.write(
        "anodyne: the chart library is missing, so \(path) has no charts; \(PlotlyLibrary.remedy).\n"
      )
    }
    let html = try SimulationPage(record, options: options).page().html(plotly: library)
    do throws(FileError) {
      try OutputFile.write(Data(html.utf8), to: path)
    } catch { throw Self.failure(error) }
    if !quiet { print("\(path): the page of the run") }
  }

  private static func failure(_ error: FileError) -> any Error {
    StandardError.write("anodyne: \(error.message)\n")
    return ExitStatus(error).exitCode
  }
}
