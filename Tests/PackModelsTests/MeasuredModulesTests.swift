// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Propagation against published module tests: the figures of Docs/validation/pack-modules.md.

import Foundation
import PackModels
import StructuredInput
import Testing

/// Publications do not tell all of the contact, the clamping and the kinetics of their cells. Nothing
/// is fitted to them: bounds are what the simulation gives today, and say on which side of the
/// measurement it lies.
@Suite struct MeasuredModulesTests {
  private func run(
    _ name: String, _ overrides: [(path: String, value: String)] = []
  ) throws -> PackResult {
    var simulation = PackSimulation(
      try PackExamples.pack(
        "published/\(name)", [(path: "interval_s", value: "30")] + overrides))
    return simulation.run()
  }

  /// All of 12 prismatic cells of 37 Ah burned within about 43 min, from the heated centre to both ends
  /// (Energies 2019, 12, 3099, doi:10.3390/en12163099).
  @Test func `a heated centre burns to both ends, up to four times too fast`()
    throws
  {
    let bare = try run("prismatic-12")
    let foam = try run(
      "prismatic-12",
      [
        (path: "arrangement.gap_mm", value: "2"), (path: "barrier.material", value: "foam"),
        (path: "barrier.thickness_mm", value: "2"),
      ])
    for result in [bare, foam] {
      #expect(result.outcome == .wholePack)
      let order = result.sequence.map(\.cell)
      // The sixth is heated; the far end, six cells away, is the last.
      #expect(order.first == 5 && Set(order.prefix(3)) == [4, 5, 6] && order.last == 11)
    }
    // Peaks in EV-ARC 850–870 °C (Feng et al. 2014); a nail's or heater's cell loses heat meanwhile.
    let celsius = (bare.peaks + foam.peaks).map { $0 - 273.15 }
    #expect(celsius.allSatisfy { $0 > 780 && $0 < 940 }, "\(celsius)")
    let fast = try #require(bare.timeToWholePack) / 60
    let slow = try #require(foam.timeToWholePack) / 60
    #expect(fast > 10.5 && fast < 13.5, "\(fast)")
    #expect(slow > 27 && slow < 34, "\(slow)")
    let burning = try run("prismatic-12", [(path: "flames.depth_mm", value: "0")])
    #expect(try #require(burning.timeToWholePack) / 60 < 0.75 * fast)
    // Without the resistance of shells, as pouches, it would take 8 min.
    let pouches = try run(
      "prismatic-12",
      [
        (path: "shell.sound_m2k_per_w", value: "0"), (path: "shell.burnt_m2k_per_w", value: "0"),
      ])
    #expect(try #require(pouches.timeToWholePack) / 60 < 0.85 * fast)
  }

  /// The eighth of eight LFP cells followed the first after 59 min, all burned (public UL 9540A unit
  /// report 2410B0143SHA-001, 2024; the size of the cells is not told).
  @Test func `a block of LFP cells burns through, half again slower than measured`() throws {
    let result = try run("lfp-block-8")
    #expect(result.outcome == .wholePack && result.sequence.first?.cell == 5)
    #expect(result.sequence.last?.cell == 0)
    // Measured: 59 min for all, 6 min to the second.
    let minutes = try #require(result.timeToWholePack) / 60
    #expect(minutes > 80 && minutes < 98, "\(minutes)")
    let second = try #require(result.timeToSecondCell) / 60
    #expect(second > 3.5 && second < 5.5, "\(second)")
    let open = try run(
      "lfp-block-8",
      [
        (path: "cooling.air_w_per_m2k", value: "5"), (path: "cooling.emissivity", value: "0.8"),
      ])
    #expect(open.outcome == .stopped && open.sequence.count == 3)
    let face = try run(
      "lfp-block-8", [(path: "trigger.place", value: "face"), (path: "duration_s", value: "2000")])
    #expect(try #require(face.timeToSecondCell) < 15)
    // The peak of one insulated cell, 417–511 °C in the review; nothing was chosen for it.
    let one = try run(
      "lfp-block-8",
      [
        (path: "series", value: "1"), (path: "cooling.air_w_per_m2k", value: "0"),
        (path: "cooling.emissivity", value: "0"), (path: "trigger.type", value: "nail"),
        (path: "trigger.place", value: "null"), (path: "trigger.cell", value: "1"),
        (path: "duration_s", value: "1200"),
      ])
    let peak = try #require(one.peaks.first) - 273.15
    #expect(peak > 417 && peak < 511, "\(peak)")
  }

  /// Aerogel of 3 mm kept 147 Ah ternary cells from igniting the next, 2 to 2.5 mm did not
  /// (voltcoffer.com, p = 11665 and 12779); stacked cells stop below a charge, and
  /// metal plates slow them (Torres-Castro et al. 2020, doi:10.1149/1945-7111/ab84fa).
  @Test func `three millimetres of aerogel stop the module of six, two do not`() throws {
    func aerogel(_ millimetres: Int) throws -> PackResult {
      try run(
        "module-6",
        [
          (path: "arrangement.gap_mm", value: "\(millimetres)"),
          (path: "barrier.material", value: "aerogel"),
          (path: "barrier.thickness_mm", value: "\(millimetres)"),
        ])
    }
    #expect(try aerogel(3).outcome == .contained)
    let thin = try aerogel(2)
    #expect(thin.outcome == .wholePack)
    #expect(try #require(thin.timeToSecondCell) > 500)
  }

  @Test func `a lower charge stops a bare stack and metal plates slow it`() throws {
    func stack(_ overrides: [(path: String, value: String)]) throws -> PackResult {
      try run("module-6", overrides)
    }
    let full = try #require(stack([]).timeToSecondCell)
    let most = try #require(stack([(path: "soc", value: "0.8")]).timeToSecondCell)
    #expect(full > 55 && full < 75 && most > 2 * full, "\(full) \(most)")
    #expect(try stack([(path: "soc", value: "0.7")]).outcome == .contained)
    let plates = try stack([
      (path: "arrangement.gap_mm", value: "3"), (path: "barrier.material", value: "aluminium"),
      (path: "barrier.thickness_mm", value: "3"),
    ])
    #expect(try #require(plates.timeToSecondCell) > 1.8 * full)
  }

  /// 0.35 ± 0.15 cells a minute in a line of 18650 cells 3 mm apart, faster when warmer (Niu et al. 2020,
  /// doi:10.1007/s10694-020-00976-0; charge 30–100 %, 20–70 °C).
  @Test func `flames carry a line of round cells, too fast when warm and not far in the cold`()
    throws
  {
    let cold = try run("line-18650")
    #expect(cold.outcome == .stopped && cold.sequence.count == 3)
    let last = try #require(cold.sequence.last).time - (try #require(cold.sequence.first).time)
    #expect(120 / last > 0.3 && 120 / last < 0.55, "\(120 / last) cells a minute")
    #expect(try run("line-18650", [(path: "soc", value: "0.5")]).sequence.count == 2)
    for (celsius, range) in [("40", 0.5...0.9), ("70", 0.85...1.25)] {
      let warm = try run("line-18650", [(path: "temperature_celsius", value: celsius)])
      let minutes = try #require(warm.timeToWholePack) / 60
      #expect(range.contains(9 / minutes), "\(celsius) °C: \(9 / minutes) cells a minute")
    }
    // Without fire it stops at once, with fire down the sides it does not stop.
    let text = try PackExamples.pack("published/line-18650")
    var dark = text
    dark.flames = nil
    var simulation = PackSimulation(dark)
    #expect(simulation.run().outcome == .contained)
    let deep = try run("line-18650", [(path: "flames.depth_mm", value: "5")])
    let minutes = try #require(deep.timeToWholePack) / 60
    #expect(9 / minutes > 0.7 && 9 / minutes < 1.1, "\(9 / minutes)")
  }

  /// The front of a nail's cell reaches the next while it has taken up 5 to 12 % of the heat that a cell
  /// gives; 12 % were found enough (Feng et al. 2015, doi:10.1016/j.jpowsour.2014.11.017).
  @Test func `a small part of a cell's heat ignites the next, as was measured`() throws {
    var simulation = PackSimulation(try PackExamples.pack("published/module-6"))
    while !simulation.state(ofCell: 1).hasCollapsed, simulation.elapsed < 600 {
      simulation.advance(by: 1)
    }
    let taken = simulation.state(ofCell: 1).temperature - 298.15
    let result = try run("module-6")
    let given = (result.energy.chemical + result.energy.electrical) / 6
    let share = taken * 0.72 * 1_100 / given
    #expect(share > 0.03 && share < 0.12, "\(share)")
  }
}
