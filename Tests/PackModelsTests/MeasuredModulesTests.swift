// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Propagation against published module tests: the figures of Docs/validation/pack-propagation.md.

import Foundation
import PackModels
import StructuredInput
import Testing

/// Published modules do not tell the contact, the clamping or the kinetics of their cells. What can
/// be asked is on which side the simulation lies, and whether trends agree.
@Suite struct MeasuredModulesTests {
  private func run(_ text: String) throws -> PackResult {
    let document = try InputDocument(text, file: "module.yaml")
    let pack = PackDescription(reading: document.root)
    try document.finish()
    var simulation = PackSimulation(try #require(pack))
    return simulation.run()
  }

  private func twelve(_ between: String) throws -> PackResult {
    try run(
      """
      cell: ncm-25ah
      series: 12
      arrangement: {type: stack, \(between)
      trigger: {type: heater, cell: 6, power_w: 500}
      duration_s: 1100
      """)
  }

  /// 12S1P of prismatic 37 Ah cells, the centre heated: all burn from the centre to both ends in about
  /// 43 min (Energies 2019, 12, 3099, doi:10.3390/en12163099).
  @Test func `a heated centre burns to both ends, faster than in the published module`() throws {
    let bare = try twelve("gap_mm: 0}")
    let foam = try twelve("gap_mm: 2}\nbarrier: {material: foam, thickness_mm: 2}")
    for result in [bare, foam] {
      #expect(result.outcome == .wholePack)
      let order = result.sequence.map(\.cell)
      // The sixth is heated; the far end, six cells away, is the last.
      #expect(order.first == 5 && Set(order.prefix(3)) == [4, 5, 6] && order.last == 11)
    }
    let fast = try #require(bare.timeToWholePack)
    let slow = try #require(foam.timeToWholePack)
    #expect(fast > 140 && fast < 200, "\(fast)")
    #expect(slow > 780 && slow < 1_050, "\(slow)")
    #expect(slow < 43 * 60)
  }

  /// 18650 cells in a line 3 mm apart: 0.35 ± 0.15 cells a minute, faster when warmer (Niu et al. 2020,
  /// doi:10.1007/s10694-020-00976-0; charge 30–100 %, 20–70 °C).
  @Test func `a line of round cells lies on both sides of the published speed`() throws {
    func line(jet: Double, celsius: Double = 25) throws -> PackResult {
      try run(
        """
        cell: ncm-18650
        series: 10
        arrangement: {type: square, columns: 10, gap_mm: 3}
        connections: {busbar_w_per_k: 0}
        trigger: {type: heater, cell: 1, power_w: 50, longest_s: 3600}
        venting: {jet_share: \(jet)}
        temperature_celsius: \(celsius)
        duration_s: 1200
        """)
    }
    let still = try line(jet: 0.1)
    #expect(still.outcome == .contained)
    let strong = try line(jet: 0.4)
    let warm = try line(jet: 0.4, celsius: 70)
    let perMinute = 9 / (try #require(strong.timeToWholePack)) * 60
    #expect(perMinute > 0.9 && perMinute < 1.3, "\(perMinute)")
    #expect(try #require(warm.timeToWholePack) < 0.5 * (try #require(strong.timeToWholePack)))
  }

  /// Stacked pouch cells stop below a state of charge and behind metal plates slow down (Lamb et al. 2015,
  /// Torres-Castro et al. 2020: trends of the reviews).
  @Test func `a lower charge stops a bare stack and metal plates slow it`() throws {
    func stack(_ charge: Double, _ more: String = "arrangement: {gap_mm: 0}") throws -> PackResult {
      try run(
        """
        cell: ncm-25ah
        series: 5
        soc: \(charge)
        trigger: {type: nail, cell: 1}
        duration_s: 3600
        \(more)
        """)
    }
    let full = try #require(stack(1).timeToSecondCell)
    let most = try #require(stack(0.8).timeToSecondCell)
    #expect(full < 40 && most > 4 * full)
    #expect(try stack(0.6).outcome == .contained)
    let plates = "arrangement: {gap_mm: 3}\nbarrier: {material: aluminium, thickness_mm: 3}"
    #expect(try #require(stack(1, plates).timeToSecondCell) > 1.5 * full)
  }
}
