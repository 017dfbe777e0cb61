// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One file from its bytes to the analyses of its subjects.

import BatteryDomain
import BatteryFiles
import CellAnalytics
import FleetAnalytics

/// What became of a file.
enum FileOutcome: Sendable {
  case analysed([AnalysedSubject])
  case failed(ReportDocument.Failure)
  /// A file below a folder that is no table of measurements.
  case skipped(String)
}

/// A vehicle or cell of a file with its assessment.
struct AnalysedSubject: Sendable {
  enum Result: Sendable {
    case vehicle(VehicleAssessment)
    case cellTest(CellTestAssessment)
  }

  var input: ReportDocument.Input
  var result: Result
}

/// Reads one file batch by batch into the analyses of its subjects.
struct FileAnalysis {
  let file: InputPaths.File
  let options: AnalysisRun.Options

  /// Analyses the file.
  ///
  /// - Parameter progress: Called with the share of the file that has been read.
  /// - Returns: The assessments of its subjects, or why there are none.
  func run(progress: (Double) -> Void) -> FileOutcome {
    do {
      return .analysed(try analyse(progress))
    } catch {
      // What lies in a folder by chance is no failure; what the call names is.
      if !file.isNamed, case .unrecognised = error { return .skipped(file.path) }
      return .failed(.init(error, file: file.path))
    }
  }

  private func analyse(_ progress: (Double) -> Void) throws(FileError) -> [AnalysedSubject] {
    var source = try DataFile.open(file.path, options: options.reading)
    var vehicles: [AnalysedSubject] = []
    var cellTables: [(identity: String, tables: [Int])] = []
    let tableCount = max(1, source.tables.count)
    for index in source.tables.indices {
      let schema = source.tables[index].schema
      if source.kind == .vehicle || !schema.columns(of: .cellVoltage).isEmpty {
        vehicles.append(
          try vehicle(&source.tables[index], format: source.format) { share in
            progress((Double(index) + share) / Double(tableCount))
          })
      } else if let known = cellTables.firstIndex(where: { $0.identity == schema.sourceIdentity }) {
        cellTables[known].tables.append(index)
      } else {
        cellTables.append((schema.sourceIdentity, [index]))
      }
    }
    var tests: [AnalysedSubject] = []
    for group in cellTables {
      tests.append(try cellTest(&source, tables: group.tables, identity: group.identity, progress))
    }
    return vehicles + tests
  }

  private func vehicle(
    _ table: inout any RecordReader, format: String, _ progress: (Double) -> Void
  ) throws(FileError) -> AnalysedSubject {
    let schema = table.schema
    var analysis = VehicleAnalysis(identity: schema.sourceIdentity)
    var rows = 0
    while let batch = try table.next() {
      analysis.ingest(batch)
      rows += batch.rowCount
      progress(table.progress)
    }
    guard rows > 0 else { throw .empty(file: file.path) }
    let input = ReportDocument.Input(
      file: file.path, format: format, kind: .vehicle, identity: schema.sourceIdentity,
      rowCount: rows, columns: schema.columns, timeReference: schema.timeReference,
      wallClockOffset: schema.wallClockOffset)
    return AnalysedSubject(
      input: input, result: .vehicle(analysis.assessment()))
  }

  private func cellTest(
    _ source: inout DataFile, tables: [Int], identity: String, _ progress: (Double) -> Void
  ) throws(FileError) -> AnalysedSubject {
    var analysis = CellTestAnalysis(identity: identity, settings: options.cellSettings)
    var rows = 0
    let count = Double(max(1, source.tables.count))
    for index in tables {
      while let batch = try source.tables[index].next() {
        analysis.ingest(batch)
        rows += batch.rowCount
        progress((Double(index) + source.tables[index].progress) / count)
      }
    }
    guard rows > 0 else { throw .empty(file: file.path) }
    let schemas = tables.map { source.tables[$0].schema }
    let input = ReportDocument.Input(
      file: file.path, format: source.format, kind: .cellTest, identity: identity, rowCount: rows,
      columns: schemas.flatMap(\.columns),
      timeReference: schemas.first?.timeReference ?? .testStart,
      wallClockOffset: schemas.first?.wallClockOffset ?? 0)
    return AnalysedSubject(
      input: input, result: .cellTest(analysis.assessment()))
  }
}
