// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Time to read a table with full checking, and sums that another reader must agree with.

import BatteryDomain
import BatteryFiles
import Foundation

/// Reads a file and prints one JSON object: the seconds of each run and, per column in the
/// source's own numbers, the count of missing values and the sum of the others.
///
/// Unit of work: one whole file from open to the last batch, with range, sentinel, order,
/// repetition and syntax checks. Baseline: `pandas.read_csv` on the same file, one core, in
/// `Scripts/bench-reading.py`.
@main
enum ReadingBenchmarks {
  static func main() throws {
    guard CommandLine.arguments.count >= 2 else {
      FileHandle.standardError.write(Data("usage: ReadingBenchmarks FILE [RUNS]\n".utf8))
      exit(64)
    }
    let path = CommandLine.arguments[1]
    let runs = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 5 : 5
    var seconds: [Double] = []
    for _ in 0..<max(1, runs) {
      let start = ContinuousClock.now
      let rows = try readOnce(path)
      let time = ContinuousClock.now - start
      precondition(rows > 0, "nothing was read")
      seconds.append(Double(time.components.attoseconds) * 1e-18 + Double(time.components.seconds))
    }
    let report = Report(seconds: seconds, columns: try sums(of: path))
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    FileHandle.standardOutput.write(try encoder.encode(report))
    print()
  }

  private struct Column: Codable {
    var name: String
    var missing: Int
    var sum: Double
    /// Sum of magnitudes, for the tolerance of the comparison.
    var magnitude: Double
  }

  private struct Report: Codable {
    var seconds: [Double]
    var columns: [Column]
  }

  private static func readOnce(_ path: String) throws -> Int {
    var rows = 0
    let file = try DataFile.open(path)
    for reader in file.tables {
      var reader = reader
      while let batch = try reader.next() { rows += batch.rowCount }
    }
    return rows
  }

  /// Sums in the source's numbers, by undoing the declared mapping.
  private static func sums(of path: String) throws -> [Column] {
    var reader = try DataFile.open(path).tables[0]
    let schema = reader.schema
    var columns = schema.columns.map {
      Column(name: $0.sourceName, missing: 0, sum: 0, magnitude: 0)
    }
    while let batch = try reader.next() {
      for (index, column) in schema.columns.enumerated() {
        for value in batch.columns[index] {
          if value.isNaN {
            columns[index].missing += 1
          } else {
            let raw = (value - column.offset) / column.scale
            columns[index].sum += raw
            columns[index].magnitude += raw.magnitude
          }
        }
      }
    }
    return columns
  }
}
