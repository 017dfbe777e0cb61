// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Contact between electrodes and casing, and shorts that burn through a cell from one side.

import Foundation
import PackModels
import RunawayModels
import StructuredInput
import Testing

@Suite struct ShellTests {
  private func pack(_ text: String) throws -> PackDescription {
    let document = try InputDocument(text, file: "pack.yaml")
    let pack = PackDescription(reading: document.root)
    try document.finish()
    return try #require(pack)
  }

  /// Two insulated cells, one warmed by 2 W for long: each takes half, which crosses the
  /// contact between them.
  private func difference(shell: Double) throws -> Double {
    var simulation = PackSimulation(
      try pack(
        """
        cell: ncm-25ah
        series: 2
        arrangement: {gap_mm: 0}
        shell: {sound_m2k_per_w: \(shell)}
        connections: {busbar_w_per_k: 0}
        cooling: {air_w_per_m2k: 0, emissivity: 0}
        trigger: {type: heater, cell: 1, power_w: 2, longest_s: 30000}
        temperature_celsius: 0
        duration_s: 20000
        """))
    simulation.advance(by: 20_000)
    return simulation.state(ofCell: 0).temperature - simulation.state(ofCell: 1).temperature
  }

  @Test func `shells stand in series with the contact between cells`() throws {
    let area = 0.148 * 0.0927
    let more = try difference(shell: 0.01) - difference(shell: 0)
    #expect(abs(more - 1 * 2 * 0.01 / area) < 0.01 * more, "\(more)")
  }

  @Test func `rigid cans have the measured contact, pouches none`() throws {
    let can = try pack("cell: ncm-25ah\nseries: 2").cell
    #expect(can.shell == .prismatic && can.shell.burnt == 0.0207)
    // 670 ± 275 W/(m²K).
    #expect(can.shell.sound > 1 / 945.0 && can.shell.sound < 1 / 395.0)
    #expect(try #require(PackCell.named("lfp-18650")).shell == .round)
    let pouch = try pack(
      "cell: {like: ncm-25ah, shape: pouch, width_mm: 200, thickness_mm: 10, height_mm: 150}\n")
    #expect(pouch.cell.shell == .pouch)
  }

  @Test func `a burnt cell that lost contact to its can ignites the next later`() throws {
    func second(_ shell: String) throws -> Double {
      var simulation = PackSimulation(
        try pack(
          """
          cell: ncm-25ah
          series: 2
          arrangement: {gap_mm: 0}
          shell: {\(shell)}
          trigger: {type: nail, cell: 1}
          duration_s: 900
          """))
      return try #require(simulation.run().timeToSecondCell)
    }
    let kept = try second("sound_m2k_per_w: 0.0015, burnt_m2k_per_w: 0.0015")
    let lost = try second("sound_m2k_per_w: 0.0015, burnt_m2k_per_w: 0.0207")
    #expect(lost > 1.5 * kept, "\(kept) s, \(lost) s")
  }

  /// Up to 792 K between two sides of a cell (Feng et al. 2015, doi:10.1016/j.jpowsour.2014.11.017).
  @Test func `a cell heated from one side burns through from it`() throws {
    var simulation = PackSimulation(
      try pack(
        """
        cell: ncm-25ah
        series: 3
        arrangement: {gap_mm: 0}
        trigger: {type: nail, cell: 1}
        duration_s: 900
        """))
    var most = 0.0
    while simulation.elapsed < 600 {
      simulation.advance(by: 2)
      let state = simulation.state(ofCell: 1)
      most = max(most, state.hottest - state.temperature)
    }
    #expect(simulation.state(ofCell: 1).hasRunAway)
    #expect(most > 300 && most < 900, "\(most)")
  }

  @Test func `lithium that a short discharges reacts no more, of kinetics of whole cells`() throws {
    func heat(_ share: Double) throws -> EnergyLedger {
      var simulation = PackSimulation(
        try pack(
          """
          cell: ncm-18650
          internal_short: {share: \(share), time_s: 1}
          trigger: {type: nail, cell: 1}
          duration_s: 900
          """))
      return simulation.run().energy
    }
    let little = try heat(0.3)
    let much = try heat(0.9)
    #expect(much.electrical > 1.3 * little.electrical)
    #expect(much.chemical < 0.97 * little.chemical)
    #expect(much.imbalance < 1e-9)
    let cell = try #require(PackCell.named("ncm-18650"))
    #expect(cell.shortTakesReactants)
    let large = try #require(PackCell.named("ncm-25ah"))
    #expect(!large.shortTakesReactants)
  }

  @Test func `the cell of a file may be described in place`() throws {
    let pack = try pack(
      """
      cell:
        like: lfp-18650
        capacity_ah: 100
        mass_g: 2000
        width_mm: 160
        thickness_mm: 50
        height_mm: 118
        interrupt_pressure_kpa: 700
      series: 2
      cell_conductivity_w_per_mk: 0.8
      spread: {lithium_loss_percent: 2}
      """)
    #expect(pack.cell.capacity == 360_000 && pack.cell.mass == 2)
    #expect(pack.cell.conductivity == 0.8)
    #expect(abs(pack.cell.resistance - 0.03 * 1.1 / 100) < 1e-9)
    #expect(pack.cell.casing.interruptPressure == 7e5)
    #expect(pack.spread.lithiumLoss == 0.02)
    let faults = #expect(throws: InputFaults.self) {
      _ = try self.pack("cell:\n  like: lfp\n  mass_g: -2\n  widht_mm: 3\nsoc: 2\n")
    }
    let text = faults?.description ?? ""
    for expected in [
      "pack.yaml:2: cell.like: there is no cell 'lfp'", "pack.yaml:3: cell.mass_g: -2",
      "pack.yaml:4: cell.widht_mm: is not a known key", "pack.yaml:5: soc: 2",
    ] { #expect(text.contains(expected), "\(expected) not in:\n\(text)") }
  }
}
