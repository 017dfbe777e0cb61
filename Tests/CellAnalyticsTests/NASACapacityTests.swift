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
    "B0025 (.mat) reproduces its own capacities within 0.5 % on every cycle",
    .enabled(
      if: isEnabled && Datasets.has("nasa_pcoe/mat/B0025.mat"),
      Comment(rawValue: Datasets.skipMessage)))
  func b0025() throws {
    let assessment = try analyse("nasa_pcoe/mat/B0025.mat")
    #expect(assessment.cycles.count == 28)
    #expect(assessment.cutOff?.source == .reproducesFile)
    #expect(abs((assessment.cycles.first?.capacity ?? 0) / 3600 - 1.847) < 0.0005)
    for cycle in assessment.cycles {
      let stated = try #require(cycle.statedCapacity)
      #expect(abs((cycle.capacity ?? 0) / stated - 1) < 0.005)
    }
    #expect(!assessment.findings.contains { $0.kind == "cell_stated_capacity_disagrees" })
    // The file's own estimates of the electrolyte resistance lie between 46.7 and 50.6 mΩ.
    let ohmic = assessment.impedance.compactMap(\.ohmicResistance)
    #expect(ohmic.count == 21)
    #expect(ohmic.allSatisfy { (0.043...0.054).contains($0) })
  }

  @Test(
    "B0038 agrees between CSV and .mat",
    .enabled(
      if: isEnabled && Datasets.has("nasa_pcoe/mat/B0038.mat"),
      Comment(rawValue: Datasets.skipMessage)))
  func b0038() throws {
    let text = try analyse("nasa_pcoe/discharge_csv/B0038.csv").cycles
    let matlab = try analyse("nasa_pcoe/mat/B0038.mat").cycles
    #expect(text.count == 47 && matlab.count == 47)
    for (a, b) in zip(text, matlab) {
      #expect(abs((a.capacity ?? 0) / (b.capacity ?? 1) - 1) < 1e-4)
      #expect(abs((b.capacity ?? 0) / (b.statedCapacity ?? 1) - 1) < 0.005)
    }
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
