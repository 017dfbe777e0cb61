// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The page of a simulation: what it says, what it draws, with which model.

import BatteryDomain
import CellModels
import Foundation
import ReportPages
import SimulationReport
import TestSupport
import Testing

@Suite("Page of a simulation")
struct SimulationPageTests {
  static func record(
    _ texts: [String], model: CellModelKind = .dfn, soc: Double = 1,
    change: (inout Experiment) -> Void = { _ in }
  ) throws -> SimulationRecord {
    var experiment = Experiment(
      blocks: try ExperimentBlock.blocks(texts), parameters: .chen2020)
    experiment.model = model
    experiment.initialStateOfCharge = soc
    experiment.recordsProfiles = true
    change(&experiment)
    var record = SimulationRecord(experiment)
    try experiment.run { record.take($0) }
    return record
  }

  @Test("a discharge is told in plain words and shown with profiles over time")
  func discharge() throws {
    let record = try Self.record(["Discharge at 1C until 2.5 V"])
    let page = SimulationPage(record).page()
    #expect(page.title == "Chen2020, DFN: Discharge at 1C until 2.5 V")
    #expect(page.lead.hasPrefix("4.") && page.lead.contains("Ah came out in"))
    #expect(page.lead.contains("no plating") && page.lead.contains("stayed at 25"))
    #expect(page.severity == nil)
    #expect(page.sections.map(\.id) == ["time", "inside", "steps", "set-up"])
    #expect(
      page.sections[0].charts.map(\.name) == [
        "voltage", "current", "temperature", "margin", "salt",
      ])
    let inside = page.sections[1].charts
    #expect(
      inside.map(\.name) == [
        "salt-map", "reaction-map", "salt", "stoichiometry", "electrolyte-potential",
        "solid-potential", "lithium-potential",
      ])
    let slider = try #require(inside.first { $0.name == "stoichiometry" })
    #expect(slider.frames.count == record.sections.count && slider.traces.count == 2)
    #expect(record.sections.count > 20 && record.sections.count <= 81)
    #expect(try !page.html(plotly: nil).isEmpty)
  }

  @Test("plating makes the page watchful; a model without profiles has no inside")
  func plating() throws {
    let record = try Self.record(
      ["Charge at 3C until 4.2 V at 5 °C"], model: .spm, soc: 0.2)
    let page = SimulationPage(record).page()
    #expect(page.severity == .watch && page.lead.contains("plating is possible"))
    #expect(!page.sections.contains { $0.id == "inside" })
  }

  @Test("a run that cannot go on says where and why")
  func stopped() throws {
    let record = try Self.record(["Discharge at 8C until 0.5 V", "Rest for 1 hour"])
    let last = try #require(record.steps.last)
    #expect(record.stepCount == 1 && last.end == .event(.electrolyteDepleted))
    let page = SimulationPage(record).page()
    #expect(page.severity == .act && page.lead.hasPrefix("The run stopped at"))
    #expect(page.lead.contains("Discharge at 8C until 0.5 V\u{201D}: electrolyte depleted"))
  }

  @Test("cycles have their own section with losses, and memory stays bounded")
  func cycles() throws {
    let record = try Self.record(
      ["Repeat 30 times: Discharge at 1C for 10 minutes; Charge at 1C for 10 minutes"],
      model: .spme, soc: 0.6
    ) {
      $0.ageing.interphase = .carbonate
      $0.interval = 60
    }
    let page = SimulationPage(record, options: ["film growth: <x>"]).page()
    let section = try #require(page.sections.first { $0.id == "cycles" })
    #expect(section.charts.map(\.name) == ["capacity", "efficiency", "lost", "losses"])
    #expect(section.folded.first?.table.rows.count == 30)
    #expect(page.lead.contains("Cycle 30 gave"))
    #expect(record.steps.count == 60)
    #expect(try page.html(plotly: nil).contains("film growth: &lt;x&gt;"))
    let efficiency = try #require(section.charts.first { $0.name == "efficiency" })
    guard case .numbers(let values, _)? = efficiency.traces[0].y else {
      Issue.record("no numbers")
      return
    }
    #expect(values.allSatisfy { $0 > 80 && $0 < 100 })
  }

  @Test("a long run keeps both ends of its profiles")
  func longRun() throws {
    let record = try Self.record(["(Discharge at 1C for 5 minutes; Rest for 1 minute) * 8"]) {
      $0.interval = 5
    }
    #expect(record.sections.count <= 81 && record.sections.count > 30)
    #expect(record.sections.first?.time == 0)
    let last = record.sections.last?.time ?? 0
    let end = record.curves.time.last ?? 0
    #expect(last > 0.93 * end)
    #expect(zip(record.sections, record.sections.dropFirst()).allSatisfy { $0.time < $1.time })
  }

  @Test(
    "every chart of the page is drawn in a browser",
    .enabled(
      if: Browser.executable != nil && FileManager.default.fileExists(atPath: Self.library.path),
      "chromium or plotly.min.js absent: run make setup"), arguments: [false, true])
  func drawn(isDark: Bool) throws {
    let record = try Self.record(
      ["Discharge at 1C until 2.5 V", "Charge at C/2 until 4.2 V", "Hold at 4.2 V until C/20"]
    ) { $0.thermal = .lumped }
    let html = try SimulationPage(record).page().html(
      plotly: PlotlyLibrary.load(from: Self.library))
    let wanted = html.components(separatedBy: "class=\"plot pending\"").count - 1
    #expect(wanted == 12)
    try Program.withTemporaryFolder { folder in
      let file = folder.appending(path: "run.html")
      try html.write(to: file, atomically: true, encoding: .utf8)
      let page = try Browser.open(file, isDark: isDark)
      #expect(page.console.isEmpty)
      #expect(page.document.components(separatedBy: "data-drawn=\"yes\"").count - 1 == wanted)
    }
  }

  static let library = Datasets.repositoryRoot.appending(path: ".tools/plotly/plotly.min.js")
}

@Suite("Page of a simulation that leaps over cycles")
struct SimulationLeapPageTests {
  @Test("cycles leapt over count in the charge, and the page says how many were computed")
  func leaps() throws {
    func record(_ jump: CycleJump?) throws -> SimulationRecord {
      try SimulationPageTests.record(
        ["Discharge at 1C until 2.5 V", "Charge at 1C until 4.2 V"], model: .spm
      ) {
        $0.ageing.interphase = .solvent
        $0.cycles = 24
        $0.jump = jump
        $0.recordsProfiles = false
      }
    }
    let leapt = try record(CycleJump(tolerance: 1e-2))
    let every = try record(nil)
    #expect(leapt.leaptCycles > 8 && every.leaptCycles == 0)
    #expect(leapt.cycles.count + leapt.leaptCycles == 24)
    let page = SimulationPage(leapt).page()
    #expect(page.lead.contains("\(leapt.cycles.count) of 24 cycles were computed"))
    #expect(!SimulationPage(every).page().lead.contains("leapt"))
    // The same charge in the lead, to the digits shown.
    func charge(_ record: SimulationRecord) -> String {
      SimulationPage(record).page().lead.components(separatedBy: " came out")[0]
    }
    #expect(charge(leapt) == charge(every))
    // What is lost per cycle does not jump where cycles are missing.
    let section = try #require(SimulationPage(leapt).page().sections.first { $0.id == "cycles" })
    let chart = try #require(section.charts.first { $0.name == "losses" })
    #expect(chart.name == "losses")
  }
}
