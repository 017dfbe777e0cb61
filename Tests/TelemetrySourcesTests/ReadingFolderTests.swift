// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tables that grow on disk: durable rows, crashes, changed columns, names.

import BatteryDomain
import Foundation
import TelemetrySources
import TestSupport
import Testing

@Suite("Readings on disk")
struct ReadingFolderTests {
  private func reading(_ asset: String, _ time: Double, _ volts: Double) -> SourceReading {
    SourceReading(asset: asset, time: time, values: [.packVoltage: [volts], .current: [2]])
  }

  private func lines(_ file: URL) throws -> [String] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  @Test("a table goes on after a restart, and a row cut short by a crash harms no other")
  func restart() throws {
    try Program.withTemporaryFolder { folder in
      do {
        var first = try ReadingFolder(folder, format: "mqtt")
        try first.write(reading("a/b", 1_000, 700))
        try first.write(reading("a/b", 1_001, 701))
      }
      let file = folder.appending(path: "a_b.csv")
      #expect(try lines(file).count == 3)
      let handle = try FileHandle(forWritingTo: file)
      try handle.seekToEnd()
      try handle.write(contentsOf: Data("2,10".utf8))
      try handle.close()
      var second = try ReadingFolder(folder, format: "mqtt")
      try second.write(reading("a/b", 1_003, 703))
      let rows = try lines(file)
      try #require(rows.count == 5)
      #expect(rows[3] == "2,10")
      #expect(rows[4].contains("703"))
      #expect(second.rowCount == 1 && second.fileCount == 1)
    }
  }

  @Test("other columns get a file of their own; nothing is overwritten")
  func columns() throws {
    try Program.withTemporaryFolder { folder in
      var first = try ReadingFolder(folder, format: "mqtt")
      try first.write(reading("x", 1, 700))
      var second = try ReadingFolder(folder, format: "mqtt")
      try second.write(SourceReading(asset: "x", time: 2, values: [.cellVoltage: [3.1, 3.2]]))
      #expect(try lines(folder.appending(path: "x.csv")).count == 2)
      let rows = try lines(folder.appending(path: "x-2.csv"))
      #expect(rows.count == 2)
      #expect(rows[1].contains("3.1") && rows[1].contains("3.2"))
      // A value that has no column is counted, and the row is written without it.
      try first.write(
        SourceReading(asset: "x", time: 3, values: [.packVoltage: [701], .power: [5]]))
      #expect(first.surplus == 1)
    }
  }

  @Test("assets whose names make the same file, and two listeners, never share one")
  func shared() throws {
    try Program.withTemporaryFolder { folder in
      var first = try ReadingFolder(folder, format: "mqtt")
      var second = try ReadingFolder(folder, format: "mqtt")
      for time in 0..<50 {
        try first.write(reading("rack 1", Double(time), 1))
        try first.write(reading("rack_1", Double(time), 2))
        try first.write(reading("RACK 1", Double(time), 3))
        try second.write(reading("rack 1", Double(time), 4))
      }
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(files.count == 4)
      for file in files { #expect(try lines(folder.appending(path: file)).count == 51) }
    }
  }

  @Test("names of assets cannot leave the folder")
  func names() throws {
    try Program.withTemporaryFolder { folder in
      var table = try ReadingFolder(folder.appending(path: "in"), format: "mqtt")
      for asset in ["../../etc/passwd", "..", "", "a\u{0}b", String(repeating: "n", count: 500)] {
        try table.write(reading(asset, 1, 1))
      }
      let inside = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "in").path)
      #expect(inside.count == 5)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["in"])
    }
  }
}
