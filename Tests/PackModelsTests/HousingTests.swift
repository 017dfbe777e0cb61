// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Gas in the housing of a pack: pressure, flow, heat on its way, and triggers by current.

import Foundation
import PackModels
import Quantities
import StructuredInput
import Testing

@Suite struct HousingTests {
  private func pack(_ text: String) throws -> PackDescription {
    let document = try InputDocument(text, file: "pack.yaml")
    let pack = PackDescription(reading: document.root)
    try document.finish()
    return try #require(pack)
  }

  private func housed(_ housing: String, series: Int = 6) throws -> PackDescription {
    try pack(
      """
      cell: ncm-25ah
      series: \(series)
      arrangement: {gap_mm: 4}
      barrier: {material: aerogel, thickness_mm: 4}
      trigger: {type: nail, cell: 1, start_s: 5}
      connections: {busbar_w_per_k: 0}
      venting: {jet_share: 0}
      housing: {\(housing)}
      duration_s: 400
      interval_s: 1
      """)
  }

  @Test func `gas of one cell bursts the panel and leaves through the vent`() throws {
    var simulation = PackSimulation(try housed("volume_l: 20, burst_kpa: 10, vent_cm2: 10"))
    let result = simulation.run()
    #expect(result.events.contains { $0.kind == .burst })
    #expect(!result.events.contains { $0.kind == .torn })
    #expect(result.peakPressure > 1e4 && result.peakPressure < 3e4)
    let last = try #require(result.rows.last)
    // Most of the gas is outside, none is lost: what stays fills the housing at most.
    #expect(last.gasOutside > 0.7 * last.gas && last.gasOutside < last.gas)
    #expect(last.gas - last.gasOutside < 1.013e5 * 0.02 / (8.314 * 290))
    #expect(result.energy.imbalance < 1e-9, "\(result.energy)")
    // The pressure falls back once the vent is open.
    #expect(abs(last.pressure) < 2_000)
  }

  @Test func `a small vent lets the housing tear, a large one does not`() throws {
    var small = PackSimulation(
      try housed("volume_l: 10, burst_kpa: 10, vent_cm2: 0.05, tear_kpa: 60"))
    #expect(small.run().events.contains { $0.kind == .torn })
    var large = PackSimulation(
      try housed("volume_l: 10, burst_kpa: 10, vent_cm2: 20, tear_kpa: 60"))
    #expect(!large.run().events.contains { $0.kind == .torn })
  }

  @Test func `compartments on the way to the vent get hot, those behind stay cooler`() throws {
    let text = "volume_l: 30, compartments: 3, vent_compartment: 3, opening_cm2: 20, burst_kpa: 5"
    var description = try housed(text)
    description.trigger.cell = 2
    var simulation = PackSimulation(description)
    let result = simulation.run()
    let hottest = (0..<3).map { k in
      result.rows.map { $0.gasTemperatures[k] }.max() ?? 0
    }
    // Cell 3 stands in the middle third: its gas flows on to the last, not back to the first.
    #expect(hottest[1] > 500 && hottest[2] > hottest[0] + 50, "\(hottest)")
    // Cells on the way are warmer than their mirror images.
    #expect(result.peaks[5] > result.peaks[0] + 1, "\(result.peaks)")
    #expect(result.energy.imbalance < 1e-9)
  }

  @Test func `a closed warm housing follows the law of gases`() throws {
    var description = try housed("volume_l: 20, burst_kpa: 1000, breather_mm2: 0, tear_kpa: 2000")
    description.trigger.kind = .oven
    description.trigger.ovenTemperature = 323.15
    description.trigger.start = 0
    description.duration = 12 * 3_600
    description.interval = 600
    var simulation = PackSimulation(description)
    let last = try #require(simulation.run().rows.last)
    let expected = 101_325 * (last.gasTemperatures[0] / 298.15 - 1)
    #expect(last.gasTemperatures[0] > 320)
    #expect(abs(last.pressure - expected) < 1e-6 * 101_325)
  }

  @Test func `a housing that would tear before its vent opens is a fault`() {
    let error = #expect(throws: InputFaults.self) {
      let document = try InputDocument(
        "cell: ncm-25ah\nhousing:\n  volume_l: -2\n  burst_kpa: 50\n  tear_kpa: 20\n",
        file: "p.yaml")
      _ = PackDescription(reading: document.root)
      try document.finish()
    }
    let text = error?.description ?? ""
    #expect(text.contains("p.yaml:3: housing.volume_l") && text.contains("p.yaml:5: housing.tear"))
  }

  @Test func `a charger that does not stop drives the cells into runaway`() throws {
    let text = """
      cell: ncm-25ah
      series: 2
      trigger: {type: overcharge, current_a: 50}
      duration_s: 7200
      """
    var simulation = PackSimulation(try pack(text))
    let result = simulation.run()
    let first = try #require(result.sequence.first)
    // From full at 2C: lithium plates above 105 %, electrolyte decomposes above 120 %.
    #expect(first.time > 240 && first.time < 3_600, "\(first)")
    #expect(simulation.state(ofCell: 0).stateOfCharge < 1.45)
    #expect(result.energy.imbalance < 1e-9)
    var protected = PackSimulation(
      try pack(text + "\ncontactors: {open_at_celsius: 45, delay_s: 1}"))
    #expect(protected.run().outcome == .noRunaway)
  }

  @Test func `a load that does not stop reverses cells without a fire`() throws {
    var simulation = PackSimulation(
      try pack(
        """
        cell: ncm-25ah
        series: 3
        soc: 0.2
        trigger: {type: overdischarge, current_a: 25, longest_s: 1500}
        duration_s: 3000
        """))
    let result = simulation.run()
    #expect(result.outcome == .noRunaway)
    #expect(result.rows.contains { $0.voltage < -3 })
    #expect(simulation.state(ofCell: 1).stateOfCharge < -0.1)
    #expect(result.events.contains { $0.kind == .empty })
    #expect(result.energy.imbalance < 1e-9)
  }

  @Test func `loss of coolant warms a loaded pack`() throws {
    let text = """
      cell: ncm-25ah
      series: 4
      load: {current_a: 60}
      cooling: {plate_w_per_m2k: 400}
      duration_s: 1200
      """
    var cooled = PackSimulation(try pack(text + "\ntrigger: {type: none}"))
    var failed = PackSimulation(try pack(text + "\ntrigger: {type: coolant-loss, start_s: 100}"))
    let a = cooled.run()
    let b = failed.run()
    #expect(b.events.contains { $0.kind == .coolantFailed && abs($0.time - 100) < 1e-6 })
    #expect((b.peaks.max() ?? 0) > (a.peaks.max() ?? 0) + 3)
  }
}
