// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of `anodyne abuse` as a person sees it: outputs, triggers, exit codes, bad input.

import Foundation
import TestSupport
import Testing

@Suite("anodyne abuse")
struct AbuseCommandTests {
  private func document(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("an oven run gives rows, events, a page and JSON that agree")
  func oven() throws {
    try Program.withTemporaryFolder { folder in
      let table = folder.appending(path: "oven.csv")
      let page = folder.appending(path: "oven.html")
      let outcome = try Program.run([
        "abuse", "oven", "--cell", "lco-18650", "--oven-celsius", "155", "--room-volume", "1",
        "--output",
        table.path, "--report", page.path, "--json", "-",
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let found = try document(outcome.output)
      #expect(found["outcome"] as? String == "thermal_runaway")
      let rows = try String(contentsOf: table, encoding: .utf8).split(separator: "\n")
      #expect(
        rows[0].hasPrefix("time_s,temperature_K,voltage_V,pressure_Pa,gas_mol,heat_W,"))
      let columns = rows[0].split(separator: ",").count
      #expect(rows.count > 100)
      #expect(rows.allSatisfy { $0.split(separator: ",").count == columns })
      let times = rows.dropFirst().compactMap { Double($0.split(separator: ",")[0]) }
      #expect(times == times.sorted())
      let peak = rows.dropFirst().compactMap { Double($0.split(separator: ",")[1]) }.max()
      let told = try #require(found["peak_temperature_kelvin"] as? Double)
      #expect(abs(try #require(peak) - told) < 1e-9)
      let events = try String(
        contentsOf: folder.appending(path: "oven-events.csv"), encoding: .utf8
      ).split(separator: "\n")
      #expect(events[0] == "time_s,event,temperature_K,voltage_V,pressure_Pa,control_node")
      #expect(events.dropFirst().count == (found["events"] as? [Any])?.count)
      for kind in ["vent", "runaway", "voltage_lost", "peak"] {
        #expect(events.contains { $0.contains(",\(kind),") }, "\(kind)")
      }
      let html = try String(contentsOf: page, encoding: .utf8)
      #expect(html.contains("data-severity=\"stop\""))
      #expect(html.contains("Leave the room"))
      for part in ["What was tested", "The moment of thermal runaway", "What sensors would see"] {
        #expect(html.contains(part), "\(part)")
      }
      // Gas in the room peaks where the summary says, sensors read at every state.
      let room = try String(contentsOf: folder.appending(path: "oven-room.csv"), encoding: .utf8)
        .split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
      #expect(room[0].first == "time_s")
      for gas in ["HF", "CO", "H2S", "SO2", "HCN"] {
        let column = try #require(room[0].firstIndex(of: "\(gas)_ppm"))
        let highest = room.dropFirst().compactMap { Double($0[column]) }.max()
        let toxic = try #require(found["toxic"] as? [[String: Any]])
        let told = toxic.first { $0["gas"] as? String == gas }?["peak_ppm"] as? Double
        #expect(abs(try #require(highest) - (try #require(told))) < 1e-9, "\(gas)")
      }
      let sensors = try String(
        contentsOf: folder.appending(path: "oven-sensors.csv"), encoding: .utf8
      ).split(separator: "\n")
      #expect(sensors.count == rows.count)
      let warnings = try #require(found["first_warnings_seconds"] as? [String: Double])
      for sensor in [
        "surface temperature", "infrared camera", "fibre grating", "hydrogen", "carbon dioxide",
        "enclosure pressure", "acoustic emission", "voltage",
      ] {
        #expect(warnings[sensor] != nil, "\(sensor)")
      }
    }
  }

  @Test(
    "every trigger runs with its options and ends with a named outcome",
    arguments: [
      ["oven", "--oven-celsius", "120"], ["arc"], ["nail", "--resistance", "0.02"],
      ["indentation", "--resistance", "0.1", "--growth", "2"],
      ["indentation", "--resistance", "0.1", "--growth", "2", "--neck", "0.05"],
      ["heater", "--power", "60", "--heater-celsius", "250"],
      ["overcharge", "--rate", "1", "--charger-voltage", "12"], ["overdischarge", "--rate", "1"],
      ["external-short", "--resistance", "0.01"],
      ["internal-short", "--contact", "aluminium-anode", "--first-resistance", "500"],
      ["internal-short", "--contact", "aluminium-copper"],
      ["internal-short", "--contact", "cathode-copper"],
      ["internal-short", "--contact", "cathode-anode"],
      ["coolant-failure", "--rate", "3", "--failure", "300", "--cooled", "50"],
      ["hot-spot", "--power", "5", "--share", "0.05"],
    ])
  func triggers(arguments: [String]) throws {
    let outcome = try Program.run(["abuse"] + arguments + ["--json", "-"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try document(outcome.output)
    let names = ["no_reaction", "self_heating", "vented", "thermal_runaway", "rupture"]
    #expect(names.contains(found["outcome"] as? String ?? ""))
    #expect(try #require(found["energy_residual"] as? Double) < 1e-6)
  }

  @Test("charge and ageing change the heat: less charge less, plated lithium more")
  func condition() throws {
    func heat(_ arguments: String...) throws -> Double {
      let outcome = try Program.run(
        ["abuse", "oven", "--oven-celsius", "200", "--separator", "none", "--json", "-"]
          + arguments)
      return try #require(try document(outcome.output)["heat_of_reactions_joules"] as? Double)
    }
    let fresh = try heat()
    #expect(try heat("--soc", "0.3") < 0.7 * fresh)
    #expect(try heat("--lithium-loss", "0.2") < 0.95 * fresh)
    #expect(try heat("--plated", "0.05") > 1.01 * fresh)
    #expect(try heat("--film", "5") != fresh)
    // An empty cell is not at zero volts.
    try Program.withTemporaryFolder { folder in
      let table = folder.appending(path: "empty.csv")
      _ = try Program.run([
        "abuse", "oven", "--oven-celsius", "60", "--soc", "0", "--output", table.path,
      ])
      let row = try String(contentsOf: table, encoding: .utf8).split(separator: "\n")[1]
      #expect(try #require(Double(row.split(separator: ",")[2])) > 2)
    }
  }

  @Test("a hot spot that the rest of the cell hides is told with its own temperature")
  func hotSpot() throws {
    let outcome = try Program.run([
      "abuse", "hot-spot", "--cell", "ncm-25ah", "--power", "40", "--share", "0.02", "--json", "-",
    ])
    let sentence = try #require(try document(outcome.output)["sentence"] as? String)
    #expect(sentence.contains("in its hot zone"), "\(sentence)")
  }

  @Test("all faults of a cell file are told at once with file, line and key; exit code 65")
  func faults() throws {
    try Program.withTemporaryFolder { folder in
      let file = folder.appending(path: "cell.yaml").path
      try Data("like: nothing\nmass_g: -3\ncapacty_ah: 4\nseparator: paper\n".utf8)
        .write(to: URL(filePath: file))
      let outcome = try Program.run(["abuse", "oven", "--cell", file])
      #expect(outcome.status == 65)
      let lines = outcome.errors.split(separator: "\n").map(String.init)
      #expect(lines.count == 4, "\(lines)")
      for (line, key) in zip(1..., ["like", "mass_g", "capacty_ah", "separator"]) {
        #expect(lines.contains { $0.contains("\(file):\(line): \(key): ") }, "\(lines)")
      }
      #expect(try Program.run(["abuse", "oven", "--cell", file + "x"]).status == 66)
      #expect(try Program.run(["abuse", "oven", "--soc", "1.4"]).status == 64)
      #expect(try Program.run(["abuse", "oven", "--separator", "paper"]).status == 64)
      #expect(try Program.run(["abuse", "nail", "--find-critical"]).status == 64)
      #expect(try Program.run(["abuse", "oven", "--neck", "0.1"]).status == 64)
      let foreign = try Program.run(["abuse", "oven", "--rate", "3"])
      #expect(foreign.status == 64)
      #expect(foreign.errors.contains("--rate belongs to overcharge"), "\(foreign.errors)")
      for (words, told) in [
        (["arc", "--convection", "50"], "--convection belongs to oven"),
        (["oven", "--find-critical", "--quiet"], "--quiet has no meaning with --find-critical"),
        (["oven", "--find-critical", "--room-volume", "3"], "--room-volume has no meaning"),
        (["oven", "--find-critical", "--measure", "3"], "--measure has no meaning"),
        (
          ["oven", "--measure", "3", "--output", "x.csv"], "--output has no meaning with --measure"
        ),
        (["oven", "--measure", "3", "--air-changes", "2"], "--air-changes has no meaning"),
      ] {
        let refused = try Program.run(["abuse"] + words)
        #expect(
          refused.status == 64 && refused.errors.contains(told), "\(words): \(refused.errors)")
      }
      let negative = try Program.run(["abuse", "heater", "--power", "-5"])
      #expect(negative.errors.contains("--power -5.0 is not from"), "\(negative.errors)")
      let same = folder.appending(path: "same.csv").path
      #expect(
        try Program.run(["abuse", "oven", "--output", same, "--report", same]).status == 64)
      #expect(try Program.run(["abuse", "furnace"]).status == 64)
      #expect(
        try Program.run(["abuse", "oven", "--output", "/nowhere/run.csv"]).status == 73)
    }
  }

  @Test("a measurement tells time, steps and error on one line")
  func measure() throws {
    let outcome = try Program.run(["abuse", "oven", "--oven-celsius", "120", "--measure", "2"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try document(outcome.output)
    #expect(try #require(found["steps"] as? Int) > 10)
    #expect(abs(try #require(found["peak_error_kelvin"] as? Double)) < 1)
  }
}
