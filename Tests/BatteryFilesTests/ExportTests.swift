// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of writing: round trips, compression, all or nothing.

import BatteryDomain
import BatteryFiles
import Foundation
import Testing

@Suite("Writing tables")
struct ExportTests {
  private let cell = """
    Test Time / s,Voltage / V,Current / A,Cycle Count / 1,Net Capacity / Ah,Temperature T1 / degC
    0,3.7,1.5,1,0.5,25
    1.5,3.8123456789012345,-1.5,1,0.25,24.330033885570543
    2,,0,2,0.25,26

    """
  private let vehicle =
    "tboxTime,vehSpeed,BMSBatteryCurrent,V_1,V_2,T_1,T_2\n"
    + "2019-04-15 17:42:30,36,44.3,3.967,65.535,65.0,255.0\n"
    + "2019-04-15 17:42:40,36,-44.3,3.967,3.9,65.0,66.0\n"

  private func convert(_ text: String, to name: String, body: (String) throws -> Void) throws {
    let source = Scratch(text)
    let folder = URL(fileURLWithPath: source.path).deletingLastPathComponent()
    let target = folder.appending(path: name).path
    let format = try #require(ExportFormat(path: target))
    let reader = try DataFile.open(source.path).tables[0]
    #expect(try TableWriter.write(reader, to: target, format: format) > 0)
    try body(target)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(left.sorted() == [name, "table.csv"].sorted(), "no temporary file stays")
  }

  @Test(
    "a cell table survives the way out and back",
    arguments: ["out.csv", "out.bdf", "out.csv.gz", "out.csv.zst", "out.bdf.xz"])
  func cellRoundTrip(name: String) throws {
    let original = try WholeTable(text: cell)
    try convert(cell, to: name) { path in
      let copy = try WholeTable(path: path)
      #expect(copy.schema.format == "bdf")
      for quantity in [QuantityKey.time, .voltage, .current, .cycleIndex, .netCapacity] {
        for (a, b) in zip(original.values(quantity), copy.values(quantity)) {
          #expect((a.isNaN && b.isNaN) || a == b, "\(quantity)")
        }
      }
      for (a, b) in zip(original.values(.cellTemperature), copy.values(.cellTemperature)) {
        #expect((a - b).magnitude < 1e-9)
      }
      #expect(copy.marks(.voltage)[2] == .missing)
    }
  }

  @Test("the label and sign of the Battery Data Format")
  func labels() throws {
    try convert("time,voltage,current\n0,3.7,-2\n1,3.6,-2\n", to: "out.csv") { path in
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text == "Test Time / s,Voltage / V,Current / A\n0,3.7,-2\n1,3.6,-2\n")
    }
  }

  @Test("a vehicle table survives, with its epoch, cells, and unusable numbers")
  func vehicleRoundTrip() throws {
    let original = try WholeTable(text: vehicle)
    try convert(vehicle, to: "out.csv") { path in
      let file = try DataFile.open(path)
      #expect(file.kind == .vehicle)
      let copy = try WholeTable(file.tables[0])
      #expect(copy.schema.timeReference == .unixEpoch)
      #expect(copy.values(.time) == original.values(.time))
      #expect(copy.values(.current) == original.values(.current))
      #expect(copy.values(.cellVoltage, element: 1) == [65.535, 3.9])
      #expect(copy.marks(.cellVoltage, element: 1) == [.invalid, []])
      #expect((copy.values(.probeTemperature)[0] - 298.15).magnitude < 1e-9)
      #expect(!copy.marks(.probeTemperature, element: 1)[0].isEmpty)
    }
  }

  @Test("JSON lines carry SI numbers and marks")
  func jsonLines() throws {
    try convert(vehicle, to: "out.jsonl") { path in
      let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 2)
      let object = try JSONSerialization.jsonObject(with: Data(lines[0].utf8))
      let row = try #require(object as? [String: Any])
      #expect(row["cell_voltage_2"] as? Double == 65.535)
      #expect(row["vehicle_speed"] as? Double == 10)
      let flags = try #require(row["flags"] as? [String: [String]])
      #expect(flags == ["cell_voltage_2": ["invalid"], "probe_temperature_2": ["invalid"]])
    }
  }

  @Test("an error of the source leaves no output behind")
  func atomic() throws {
    let source = Scratch("time,voltage\n0,3.7\n1,3.6,9\n")
    let folder = URL(fileURLWithPath: source.path).deletingLastPathComponent()
    let target = folder.appending(path: "out.csv").path
    try "precious".write(toFile: target, atomically: true, encoding: .utf8)
    let reader = try DataFile.open(source.path).tables[0]
    #expect(throws: FileError.self) { try TableWriter.write(reader, to: target, format: .bdf) }
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "precious")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
  }

  @Test("a folder that is not there is told")
  func unwritable() throws {
    let source = Scratch("time,voltage\n0,3.7\n")
    let reader = try DataFile.open(source.path).tables[0]
    let error = #expect(throws: FileError.self) {
      try TableWriter.write(reader, to: "/nonexistent/out.csv", format: .bdf)
    }
    #expect(error?.message.contains("cannot be written") == true)
    #expect(error?.isBadData == false)
  }

  @Test(
    "endings of outputs", arguments: [("a.csv", true), ("a.jsonl.zst", true), ("a.xlsx", false)])
  func endings(name: String, known: Bool) {
    #expect((ExportFormat(path: name) != nil) == known)
  }
}
