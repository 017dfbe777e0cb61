// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Capacities of NASA's ageing records, to their documented cut-off voltage.

import BatteryDomain
import BatteryFiles
import CellAnalytics
import Foundation
import TestSupport
import Testing

/// Analyses all cycling tables of a file of the data sets.
func analyse(
  _ path: String, settings: CellTestSettings = .init(), maximumRows: Int = .max
) throws -> CellTestAssessment {
  let file = try DataFile.open(Datasets.file(path).path)
  var analysis = CellTestAnalysis(identity: path, settings: settings)
  for table in file.tables {
    var reader = table
    while let batch = try reader.next() { analysis.ingest(batch) }
  }
  return analysis.assessment()
}

@Suite struct NASACapacityReleaseTests {
  static let isEnabled = ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"
  static let b5 = "nasa_pcoe/discharge_csv/B0005.csv"

  @Test(
    "B0005 (CSV) fades from 1.856 Ah to 1.325 Ah and falls below 1.4 Ah at cycle 125",
    .enabled(if: isEnabled && Datasets.has(b5), Comment(rawValue: Datasets.skipMessage)))
  func b0005() throws {
    let assessment = try analyse(Self.b5)
    let capacities = assessment.cycles.compactMap { $0.capacity.map { $0 / 3600 } }
    #expect(assessment.cycles.count == 168)
    #expect(capacities.count == 168)
    #expect(abs((capacities.first ?? 0) - 1.856) <= 0.005)
    #expect(abs((capacities.last ?? 0) - 1.325) <= 0.005)
    #expect(assessment.firstCycle(below: 1.4 * 3600) == 125)
    #expect(assessment.cutOff?.voltage == 2.7)
  }

  @Test(
    "the end voltage of each cell is inferred without knowing the data set",
    .enabled(if: isEnabled && Datasets.has(b5), Comment(rawValue: Datasets.skipMessage)),
    arguments: [("B0005", 2.7), ("B0006", 2.5), ("B0036", 2.7), ("B0038", 2.2)])
  func inferred(name: String, voltage: Double) throws {
    let file = try DataFile.open(Datasets.file("nasa_pcoe/discharge_csv/\(name).csv").path)
    var analysis = CellTestAnalysis(identity: name)
    for table in file.tables {
      var reader = table
      while var batch = try reader.next() {
        batch.schema.format = "unknown"
        analysis.ingest(batch)
      }
    }
    let assessment = analysis.assessment()
    #expect(assessment.cutOff?.source == .inferred)
    #expect(abs((assessment.cutOff?.voltage ?? 0) - voltage) < 1e-9)
  }
}
