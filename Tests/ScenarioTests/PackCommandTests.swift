// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tests of `anodyne pack` as a person sees it: outputs, exit codes, bad input.

import Foundation
import TestSupport
import Testing

@Suite("anodyne pack")
struct PackCommandTests {
  private static let bare = """
    name: three bare cells
    cell: ncm-25ah
    series: 3
    arrangement: {gap_mm: 0}
    trigger: {type: nail, cell: 1}
    duration_s: 600
    study: {runs: 2, vary: {filling: [air, aerogel], arrangement.gap_mm: [0, 4]}}

    """

  private func write(_ text: String, in folder: URL) throws -> String {
    let file = folder.appending(path: "pack.yaml")
    try Data(text.utf8).write(to: file)
    return file.path
  }

  @Test("run gives rows, events, a page and JSON that agree")
  func run() throws {
    try Program.withTemporaryFolder { folder in
      let file = try write(Self.bare, in: folder)
      let table = folder.appending(path: "run.csv")
      let page = folder.appending(path: "run.html")
      let outcome = try Program.run([
        "pack", "run", file, "--output", table.path, "--report", page.path, "--json", "-",
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let document = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      #expect(document["outcome"] as? String == "whole pack")
      #expect(document["cells_in_runaway"] as? [Int] == [1, 2, 3])
      let rows = try String(contentsOf: table, encoding: .utf8).split(separator: "\n")
      #expect(
        rows[0].hasPrefix(
          "time_s,hottest_K,voltage_V,current_A,heat_W,gas_mol,gas_outside_mol,housing_Pa,"
            + "cells_in_runaway,cell_1_K"))
      #expect(rows.count > 50)
      let events = try String(
        contentsOf: folder.appending(path: "run-events.csv"), encoding: .utf8)
      #expect(events.split(separator: "\n").filter { $0.contains(",runaway,") }.count == 3)
      #expect(try String(contentsOf: page, encoding: .utf8).contains("The pack over time"))
    }
  }

  @Test("study and graph name what stops the chain")
  func studyAndGraph() throws {
    try Program.withTemporaryFolder { folder in
      let file = try write(Self.bare, in: folder)
      let study = try Program.run(["pack", "study", file, "--json", "-"])
      #expect(study.status == 0, "\(study.errors)")
      let document = try #require(
        try JSONSerialization.jsonObject(with: Data(study.output.utf8)) as? [String: Any])
      #expect((document["variants"] as? [Any])?.count == 4)
      let page = folder.appending(path: "graph.html")
      let graph = try Program.run(["pack", "graph", file, "--report", page.path])
      #expect(graph.status == 0)
      #expect(graph.output.contains("cell 1 ignites 2 after"))
      // What it names it has built in and run.
      #expect(graph.output.contains("one cell is lost instead of 3"), "\(graph.output)")
      #expect(try String(contentsOf: page, encoding: .utf8).contains("<svg role=\"img\""))
    }
  }

  @Test("all faults of a file are told at once with file, line and key; exit code 65")
  func faults() throws {
    try Program.withTemporaryFolder { folder in
      let file = try write(
        "cell: nmc\nseries: 2\nsoc: 7\ncooling: {emisivity: 1}\n", in: folder)
      let outcome = try Program.run(["pack", "run", file])
      #expect(outcome.status == 65)
      let lines = outcome.errors.split(separator: "\n").map(String.init)
      #expect(lines.count == 3, "\(lines)")
      #expect(lines[0].contains("\(file):1: cell: there is no cell 'nmc'"))
      #expect(lines[1].contains(":3: soc: 7 is outside"))
      #expect(
        lines[2].contains(":4: cooling.emisivity: is not a known key; did you mean emissivity?"))
      let layout = try write(
        """
        cell: lco-18650
        arrangement: {type: positions, positions_mm: [[0, 0], [5, 0], [900, 0]]}
        connections:
          weld_mohm: -1
        wiring: {series: [1, 2]}

        """, in: folder)
      let told = try Program.run(["pack", "run", layout]).errors
      #expect(told.contains(":2: arrangement.positions_mm: cells 1 and 2 overlap"), "\(told)")
      #expect(told.contains(":2: arrangement.positions_mm: disconnected"))
      #expect(told.contains(":4: connections.weld_mohm: -1 is outside"))
      #expect(told.contains(":5: wiring: disconnected: cell 3 is in no branch"))
      #expect(try Program.run(["pack", "run", file + "x"]).status == 66)
      #expect(try Program.run(["pack", "run", file, "--set", "soc"]).status == 64)
      let good = try write(Self.bare, in: folder)
      #expect(
        try Program.run(["pack", "run", good, "--output", "/nowhere/run.csv"]).status == 73)
    }
  }
}
