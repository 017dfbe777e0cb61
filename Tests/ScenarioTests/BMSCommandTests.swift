// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// anodyne bms as a person runs it.

import Foundation
import TestSupport
import Testing

@Suite("anodyne bms")
struct BMSCommandTests {
  private func example(_ name: String) -> String {
    Datasets.repositoryRoot.appending(path: "Examples/bms/\(name)").path
  }

  @Test(
    "Every example is free of faults",
    arguments: [
      "car-ncm811-96s.yaml", "storage-lfp-16s.yaml", "telemetry-88s.yaml", "testbed-ncm.yaml",
    ])
  func examples(_ name: String) throws {
    let outcome = try Program.run(["bms", "config", "check", example(name)])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("no faults"))
  }

  @Test("A file becomes an image, the image shows as a file, and a damaged one is refused")
  func image() throws {
    let folder = try TemporaryFolder()
    let first = folder.path("a.bin")
    let second = folder.path("b.bin")
    let shown = folder.path("shown.yaml")
    var outcome = try Program.run(
      ["bms", "config", "image", example("storage-lfp-16s.yaml"), "--output", first])
    #expect(outcome.status == 0, "\(outcome.errors)")
    outcome = try Program.run(["bms", "config", "show", first])
    try Data(outcome.output.utf8).write(to: URL(fileURLWithPath: shown))
    outcome = try Program.run(["bms", "config", "image", shown, "--output", second])
    #expect(outcome.status == 0, "\(outcome.errors)")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: first))
    #expect(try Data(contentsOf: URL(fileURLWithPath: second)) == bytes)
    bytes[200] ^= 1
    try bytes.write(to: URL(fileURLWithPath: first))
    outcome = try Program.run(["bms", "config", "check", first])
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("is damaged"))
  }

  @Test("A wrong file tells all its faults with their lines, and ends with 65")
  func faults() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("bad.yaml")
    try Data(
      "pack: {cells: 4, probes: 1, chemistry: nmc}\nlimits:\n  cell_voltage_uper: [4]\n".utf8
    ).write(to: URL(fileURLWithPath: path))
    let outcome = try Program.run(["bms", "config", "check", path])
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("bad.yaml:1: pack.chemistry"))
    #expect(outcome.errors.contains("did you mean cell_voltage_upper?"))
    #expect(try Program.run(["bms", "config", "check", folder.path("absent")]).status == 66)
  }

  @Test("A replay of a pack whose cell fails names the cell, with its evidence")
  func replay() throws {
    let folder = try TemporaryFolder()
    let config = folder.path("pack.yaml")
    try Data(
      """
      version: 12
      pack: {cells: 6, probes: 1, chemistry: ncm811, capacity_ampere_hours: 50}
      diagnosis: {facts: {cycle_milliseconds: 1000}}
      supervision: {tolerated_milliseconds: 5000}
      """.utf8
    ).write(to: URL(fileURLWithPath: config))
    var rows = "time,current,V_1,V_2,V_3,V_4,V_5,V_6,T_1\n"
    for second in 0..<900 {
      let fallen: Double = second < 600 ? 0 : min(0.6, 0.02 * Double(second - 600))
      let cells = (0..<6).map { (cell: Int) -> String in
        // Readings that never change would be frozen channels.
        let noise: Double = (second + cell) % 2 == 0 ? 0 : 0.001
        let open: Double = 3.7 + 0.001 * Double(cell) + noise
        return String(format: "%.3f", cell == 3 ? open - fallen : open)
      }
      rows += "\(second),0,\(cells.joined(separator: ",")),25\n"
    }
    let data = folder.path("pack.csv")
    try Data(rows.utf8).write(to: URL(fileURLWithPath: data))
    let columns = "time=time[s],current=current[A],cell_voltage=V_*[V],probe_temperature=T_*[degC]"
    let page = folder.path("replay.html")
    let outcome = try Program.run([
      "bms", "replay", data, "--config", config, "--columns", columns, "--report", page, "--json",
      "-",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let decisions = try #require(object["decisions"] as? [[String: Any]])
    let trips = decisions.filter {
      $0["kind"] as? String == "trip" && $0["level"] as? String != "operating"
    }
    let drop = try #require(trips.first { $0["cause"] as? String == "sudden drop" })
    #expect(drop["number"] as? Int == 4)
    #expect(drop["limit_version"] as? Int == 12)
    #expect((drop["time"] as? Double ?? 0) > 600)
    #expect(((drop["before"] as? [[String: Any]])?.count ?? 0) >= 10)
    #expect(((drop["after"] as? [[String: Any]])?.count ?? 0) >= 10)
    #expect(trips.allSatisfy { ($0["time"] as? Double ?? 0) > 600 })
    #expect(try String(contentsOfFile: page, encoding: .utf8).contains("sudden drop"))
  }

  @Test("A recording of another size is refused with both counts")
  func otherSize() throws {
    let folder = try TemporaryFolder()
    let data = folder.path("cell.csv")
    try Data("time,current,V_1,V_2\n0,0,3.7,3.7\n1,0,3.7,3.7\n2,0,3.7,3.7\n".utf8)
      .write(to: URL(fileURLWithPath: data))
    let outcome = try Program.run([
      "bms", "replay", data, "--config", example("storage-lfp-16s.yaml"), "--columns",
      "time=time[s],current=current[A],cell_voltage=V_*[V]",
    ])
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("the recording has 2 cells, the configuration 16"))
  }

  @Test("Probes are placed and the gains written into a configuration that is free of faults")
  func placement() throws {
    let folder = try TemporaryFolder()
    let config = folder.path("module.yaml")
    try Data(
      "pack: {cells: 12, probes: 3, chemistry: ncm523, capacity_ampere_hours: 25}\n".utf8
    ).write(to: URL(fileURLWithPath: config))
    let output = folder.path("gains.yaml")
    let pack = Datasets.repositoryRoot.appending(path: "Examples/packs/module-12.yaml").path
    var outcome = try Program.run([
      "bms", "place-sensors", pack, "--config", config, "--output", output,
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("probe 3 on cell"))
    outcome = try Program.run(["bms", "config", "check", output])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test("The testbed refuses a controller for packs of another size")
  func controller() throws {
    let suite = Datasets.repositoryRoot.appending(path: "Examples/scenarios/healthy.yaml").path
    let outcome = try Program.run([
      "testbed", "run", suite, "--controller", example("storage-lfp-16s.yaml"), "--seeds", "1",
    ])
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("16 cells and 8 probes"))
  }
}

/// A folder that goes with its last user.
private final class TemporaryFolder {
  private let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "anodyne-bms-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }
}
