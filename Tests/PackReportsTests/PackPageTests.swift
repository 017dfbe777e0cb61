// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Pages of packs: words that fit the run, charts with data, escaped names.

import BatteryDomain
import Foundation
import PackModels
import PackReports
import ReportPages
import StructuredInput
import Testing

@Suite struct PackPageTests {
  private func pack(_ text: String) throws -> PackDescription {
    let document = try InputDocument(text, file: "pack.yaml")
    let pack = PackDescription(reading: document.root)
    try document.finish()
    return try #require(pack)
  }

  @Test func `a pack that burns says so and what to do`() throws {
    let pack = try pack(
      """
      name: "<b>rack</b>"
      cell: ncm-25ah
      series: 3
      arrangement: {gap_mm: 0}
      trigger: {type: heater, cell: 1, power_w: 800}
      duration_s: 900
      room: {volume_m3: 40}
      """)
    var simulation = PackSimulation(pack)
    let result = simulation.run()
    let page = PackPage(pack, result).page
    #expect(page.severity == .stop)
    #expect(page.lead.contains("3 of 3 cells ran away"))
    #expect(page.lead.contains("GB 38031-2020"))
    let html = try page.html(plotly: nil)
    #expect(!html.contains("<b>rack</b>"))
    #expect(html.contains("The pack over time") && html.contains("separator collapse"))
    #expect(html.contains("first danger") && html.contains("HF"))
    let gas = try #require(result.rows.last?.gas)
    // Three cells of 25 Ah at about 2.4 L/Ah.
    #expect(gas > 4 && gas < 12)
    #expect(PackWords.criteria(result).map(\.met) == [false, false, false])
  }

  @Test func `a contained run names the criteria it meets`() throws {
    let pack = try pack(
      """
      cell: ncm-25ah
      series: 3
      arrangement: {gap_mm: 8}
      barrier: {material: aerogel, thickness_mm: 8}
      cooling: {plate_w_per_m2k: 300}
      venting: {jet_share: 0}
      trigger: {type: nail, cell: 2}
      duration_s: 7200
      """)
    var simulation = PackSimulation(pack)
    let result = simulation.run()
    #expect(result.outcome == .contained)
    #expect(PackWords.criteria(result).map(\.met) == [true, true, true])
    let page = PackPage(pack, result).page
    #expect(page.severity == .watch)
    #expect(try page.html(plotly: nil).contains("8 mm of aerogel between the cells"))
  }

  @Test func `the page of a study names the safest variant and its interval`() async throws {
    let study = try PackStudy(
      """
      cell: ncm-25ah
      series: 3
      arrangement: {gap_mm: 6}
      trigger: {type: nail, cell: 2}
      duration_s: 1800
      study:
        runs: 2
        vary:
          filling: [air, aluminium, aerogel]
      """, file: "study.yaml")
    let rows = StudyRow.rows(await study.run())
    let page = StudyPage(name: "study", rows: rows)
    #expect(rows[1].mass > rows[2].mass && rows[0].mass == 0)
    #expect(rows.allSatisfy { $0.warming > 0 })
    // Two runs tell little: the page says so, or that nothing helps.
    #expect(
      page.lead.hasPrefix("Choose filling") || page.lead.hasPrefix("No variant helps")
        || page.lead.hasPrefix("The first variant"))
    #expect(page.lead.contains("95 % interval"))
    #expect(try page.page.html(plotly: nil).contains("What safety costs"))
  }

  @Test func `the graph page draws the cells and names a measure that was run`() throws {
    let pack = try pack(
      """
      name: four in a row
      cell: ncm-25ah
      series: 4
      arrangement: {gap_mm: 0}
      venting: {jet_share: 0}
      duration_s: 1200
      measures: {per_kg: 50, currency: CHF}
      """)
    let graph = PropagationGraph(pack)
    let page = GraphPage(graph).page
    let html = try page.html(plotly: nil)
    // A box for each cell, an arrow for each ignition, the marked node of the chain.
    #expect(html.components(separatedBy: "are lost when it fails first").count == 5)
    #expect(html.components(separatedBy: "</title><path").count == graph.edges.count + 1)
    #expect(html.contains("here: " + ControlNode.thermalCoupling.label))
    #expect(page.lead.contains("of aerogel between the cells") && page.lead.contains("CHF"))
    #expect(page.lead.contains("one cell is lost instead of 4"))
    #expect(html.contains("from the file") && html.contains("assumed"))
    #expect(page.severity == .act)
  }

  @Test func `the advice of a run is a measure that the same run shows to work`() throws {
    let pack = try pack(
      """
      cell: ncm-25ah
      series: 3
      arrangement: {gap_mm: 0}
      venting: {jet_share: 0}
      trigger: {type: nail, cell: 1}
      duration_s: 1800
      housing: {volume_l: 20, burst_kpa: 10}
      """)
    var simulation = PackSimulation(pack)
    let result = simulation.run()
    let remedies = PackRemedy.search(pack, after: result)
    let stop = try #require(remedies.last)
    #expect(stop.stops && remedies.dropLast().allSatisfy { !$0.stops })
    var again = PackSimulation(stop.pack)
    #expect(again.run().sequence.count == 1)
    let page = PackPage(pack, result, remedies: remedies).page
    #expect(page.lead.contains("Add \(stop.words)"), "\(page.lead)")
    let html = try page.html(plotly: nil)
    #expect(html.contains("Gas in the housing") && html.contains("panel of the pack vent bursts"))
  }
}
