// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Burning gas: its heat, its bounds, its balance; where a heater sits.

import Foundation
import PackModels
import RunawayModels
import StructuredInput
import Testing

@Suite struct FlameTests {
  private func pack(_ text: String) throws -> PackDescription {
    let document = try InputDocument(text, file: "pack.yaml")
    let pack = PackDescription(reading: document.root)
    try document.finish()
    return try #require(pack)
  }

  private let row = """
    cell: ncm-18650
    series: 3
    arrangement: {type: square, columns: 3, gap_mm: 6}
    connections: {busbar_w_per_k: 0}
    trigger: {type: nail, cell: 2}
    duration_s: 300

    """

  @Test func `methane and hydrogen burn with the heat of the textbook`() {
    // Lower heating values, 50.0 and 120 MJ/kg.
    let methane = GasSpecies.methane
    let hydrogen = GasSpecies.hydrogen
    #expect(abs(methane.heatOfCombustion / methane.molarMass / 50.0e6 - 1) < 0.01)
    #expect(abs(hydrogen.heatOfCombustion / hydrogen.molarMass / 120e6 - 1) < 0.01)
    #expect(GasSpecies.carbonDioxide.heatOfCombustion == 0)
  }

  @Test func `flames warm the neighbours, within what burns, and the balance closes`() throws {
    var dark = PackSimulation(try pack(row))
    let without = dark.run()
    var lit = PackSimulation(try pack(row + "flames: {}\n"))
    let with = lit.run()
    #expect(without.energy.flames == 0 && without.energy.burnt == 0)
    #expect(with.peaks[0] > without.peaks[0] + 5, "\(with.peaks) \(without.peaks)")
    #expect(abs(with.peaks[0] - with.peaks[2]) < 1e-6)
    #expect(with.energy.flames > 300 && with.energy.flames <= 0.35 * with.energy.burnt)
    #expect(with.energy.imbalance < 1e-9)
    // A cell of 2.2 Ah vents less than 130 kJ of fuel; published fires of such cells give 40 to 120 kJ.
    let each = with.energy.burnt / Double(with.sequence.count)
    #expect(each > 3e4 && each < 1.3e5, "\(each)")
  }

  @Test func `a weak flame is bounded by what burns`() throws {
    let text = row + "flames: {received_share: 0.001}\n"
    var simulation = PackSimulation(try pack(text))
    let result = simulation.run()
    #expect(result.energy.flames > 0)
    #expect(abs(result.energy.flames - 0.001 * result.energy.burnt) < 1e-6 * result.energy.burnt)
  }

  @Test func `nothing burns in a housing, and a file that asks for both is refused`() throws {
    let faults = #expect(throws: InputFaults.self) {
      _ = try self.pack(self.row + "flames: {}\nhousing: {volume_l: 50}\n")
    }
    #expect(faults?.description.contains("flames: nothing burns inside a housing") == true)
  }

  @Test
  func `a heater on insulated faces lets its neighbours follow later than one on a bare face`()
    throws
  {
    func second(_ place: String) throws -> Double {
      var simulation = PackSimulation(
        try pack(
          """
          cell: ncm-25ah
          series: 3
          arrangement: {gap_mm: 0}
          trigger: {type: heater, cell: 2, power_w: 300\(place)}
          duration_s: 3000
          """))
      let result = simulation.run()
      #expect(result.energy.imbalance < 1e-9)
      #expect(result.sequence.first?.cell == 1)
      return try #require(result.timeToSecondCell)
    }
    let bare = try second("")
    let insulated = try second(", place: faces, insulation_m2k_per_w: 0.01")
    #expect(insulated > 1.5 * bare, "\(bare) s, \(insulated) s")
    print("second cell: face \(bare) s, insulated faces \(insulated) s")
  }

  @Test func `keys of a heater belong to a heater`() throws {
    let faults = #expect(throws: InputFaults.self) {
      _ = try self.pack(
        """
        cell: ncm-25ah
        series: 2
        trigger: {type: nail, cell: 1, place: faces}
        """)
    }
    let text = faults?.description ?? ""
    #expect(text.contains("pack.yaml:3: trigger.place: belongs to a heater"), "\(text)")
  }
}
