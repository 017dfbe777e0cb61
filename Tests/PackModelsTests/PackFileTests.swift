// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Packs, studies and graphs from files: what is read, and what is refused.

import Foundation
import PackModels
import StructuredInput
import Testing

@Suite struct PackFileTests {
  private func read(_ text: String) throws -> PackDescription? {
    let document = try InputDocument(text, file: "pack.yaml")
    let pack = PackDescription(reading: document.root)
    try document.finish()
    return pack
  }

  private func faults(_ text: String) -> String {
    do {
      _ = try read(text)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func `a small file is enough`() throws {
    let pack = try #require(try read("cell: ncm-25ah\nseries: 4\n"))
    #expect(pack.cellCount == 4 && pack.trigger.cell == 2)
    #expect(pack.arrangement.neighbours.count == 3)
    #expect(pack.wiring == .groupsInSeries(series: 4, parallel: 1))
  }

  @Test(arguments: [
    ("cell: ncm-25\nseries: 2", "pack.yaml:1: cell: there is no cell 'ncm-25'"),
    ("cell: ncm-25ah\nseries: 2\ngap: 3", "pack.yaml:3: gap: is not a known key"),
    (
      "cell: ncm-25ah\nseries: 2\nconnections: {weld_mohm: -1}",
      "connections.weld_mohm: -1 is outside 0.0"
    ),
    (
      "cell: lco-18650\narrangement: {type: positions, positions_mm: [[0, 0], [5, 0]]}\nseries: 2",
      "cells 1 and 2 overlap"
    ),
    (
      "cell: lco-18650\narrangement: {type: positions, positions_mm: [[0, 0], [500, 0]]}\n"
        + "series: 2", "disconnected: no heat path joins cell 2"
    ),
    ("cell: ncm-25ah\nseries: 3\nwiring: {series: [1, 2]}", "disconnected: cell 3 is in no branch"),
    ("cell: ncm-25ah\nseries: 2\nwiring: {series: [1, 2, 2]}", "cell 2 is wired more than once"),
    ("series: 2", "cell: is missing"),
    ("cell: ncm-25ah\narrangement: {type: hexagonal}", "does not fit the shape"),
    (
      "cell: ncm-25ah\nseries: 2\narrangement: {gap_mm: 1}\n"
        + "barrier: {material: aerogel, thickness_mm: 2}", "thicker than the gap"
    ),
    ("cell: ncm-25ah\nseries: 2\ntrigger: {type: fire}", "'fire' is not known"),
  ])
  func `faults name the file, the line and the key`(text: String, expected: String) {
    let found = faults(text)
    #expect(found.contains(expected), "\(found)")
  }

  @Test func `round cells need no arrangement`() throws {
    #expect(try #require(try read("cell: ncm-18650\nseries: 3\n")).cellCount == 3)
  }

  @Test func `all faults are told in one go`() {
    let found = faults(
      "cell: nmc\nseries: 2\nsoc: 2\nfuse: {rated_a: 0}\ncooling: {emissivity: 3}\n")
    #expect(found.split(separator: "\n").count == 5, "\(found)")
  }

  @Test func `a layout that cannot be built hides no other fault`() {
    let found = faults(
      """
      cell: lco-18650
      arrangement:
        type: positions
        positions_mm: [[0, 0], [5, 0], [900, 0]]
      connections:
        weld_mohm: -1
      wiring: {series: [1, 2]}
      soc: 3
      housing: {volume_l: 0}
      measures: {per_kilo: 3}
      """)
    for expected in [
      "pack.yaml:4: arrangement.positions_mm: cells 1 and 2 overlap", "disconnected: no heat path",
      "pack.yaml:6: connections.weld_mohm: -1", "disconnected: cell 3 is in no branch",
      "pack.yaml:8: soc: 3", "housing.volume_l", "measures.per_kilo: is not a known key",
    ] { #expect(found.contains(expected), "\(expected) not in:\n\(found)") }
    #expect(found.split(separator: "\n").count == 7, "\(found)")
    // Nothing is blamed for the missing chemistry but the chemistry.
    let missing = faults("series: 2\narrangement: {type: hexagonal}\nsoc: -1\n")
    #expect(missing.split(separator: "\n").count == 2, "\(missing)")
  }

  @Test func `a study tries every combination with the same cells`() async throws {
    let study = try PackStudy(
      """
      cell: ncm-25ah
      series: 3
      arrangement: {gap_mm: 0}
      trigger: {type: heater, cell: 1, power_w: 800}
      spread: {heat_percent: 5, contact_percent: 20}
      duration_s: 900
      study:
        runs: 3
        vary:
          soc: [1, 0.3]
          cooling.plate_w_per_m2k: [0, 100]
      """, file: "study.yaml")
    #expect(study.variants.count == 4)
    #expect(study.variants[3].label == "soc 0.3, cooling.plate_w_per_m2k 100")
    let first = await study.run()
    let second = await study.run()
    #expect(first.map(\.runs) == second.map(\.runs))
    #expect(first[0].propagation.value > first[2].propagation.value)
    #expect(first.allSatisfy { $0.runs.count == 3 && $0.runs.allSatisfy { $0.imbalance < 1e-9 } })
  }

  @Test func `a varied value out of range is a fault of the study`() {
    let text = "cell: ncm-25ah\nseries: 2\nstudy: {runs: 2, vary: {soc: [1, 7]}}"
    let error = #expect(throws: InputFaults.self) { try PackStudy(text, file: "s.yaml") }
    #expect(
      error?.description.contains("s.yaml with soc=7") == true, "\(String(describing: error))")
  }

  @Test func `proportions have Wilson's interval`() {
    let ten = Proportion(0, of: 10)
    #expect(ten.value == 0 && abs(ten.interval.upperBound - 0.2775) < 1e-3)
    #expect(Proportion(10, of: 10).interval.upperBound == 1)
  }

  @Test func `the front keeps what nothing beats`() {
    #expect(ParetoFront.indices([[1, 5], [2, 2], [3, 3], [5, 1], [2, 2]]) == [0, 1, 3, 4])
  }

  @Test func `the graph of a bare stack joins neighbours and names what stops it`() throws {
    var pack = try #require(try read("cell: ncm-25ah\nseries: 4\narrangement: {gap_mm: 0}"))
    pack.venting.jetShare = 0
    pack.connections.busbarConductance = 0
    pack.duration = 1_200
    let graph = PropagationGraph(pack)
    #expect(graph.edges.allSatisfy { abs($0.source - $0.target) == 1 && $0.delay > 1 })
    #expect(graph.edges.count == 6)
    #expect(graph.reach == [4, 4, 4, 4])
    // Without contact nothing spreads; the measure named is a real one, and was run.
    #expect(graph.measures.first { $0.path == .surface }?.stops == true)
    let stop = try #require(graph.cheapestStop)
    #expect(stop.paths == [.surface] && stop.words.contains("aerogel"))
    #expect(stop.cellsBefore == 4 && stop.cellsAfter == 1 && stop.mass > 0)
    #expect(graph.remedies.dropLast().allSatisfy { !$0.stops && $0.cost <= stop.cost })
    var again = stop.pack
    again.trigger.cell = graph.worstCell
    var simulation = PackSimulation(again)
    #expect(simulation.run().sequence.count == 1)
    #expect(graph.dot().contains("c1 -> c2"))
    let json = try #require(try JSONSerialization.jsonObject(with: graph.json()) as? [String: Any])
    #expect((json["ignitions"] as? [Any])?.count == 6)
    #expect((json["chains"] as? [Any])?.count == 2)
  }
}
