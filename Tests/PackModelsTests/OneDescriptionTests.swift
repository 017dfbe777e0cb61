// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A cell alone and the same cell as a pack of one: the same energy and the same peak.

import Foundation
import PackModels
import RunawayModels
import Testing

@Suite struct OneDescriptionTests {
  /// A pack of one cell that loses nothing but heat, as the lumped cell of the abuse tests.
  private func lonely(_ cell: AbuseCell, oven: Double, charge: Double) -> PackDescription {
    var pack = PackDescription(
      cell: PackCell(cell), wiring: .cell(0),
      arrangement: PackArrangement(
        geometry: cell.geometry, places: [CellPlace(x: 0, y: 0)], reach: 0))
    pack.cell.shell = ShellContact(sound: 0, burnt: 0)
    pack.cooling.convection = 7.17
    pack.cooling.emissivity = cell.emissivity
    pack.venting.ejectedMass = 0
    pack.venting.jetShare = 0
    pack.stateOfCharge = charge
    pack.nodesPerCell = 1
    pack.trigger.kind = .oven
    pack.trigger.ovenTemperature = oven
    pack.duration = 6 * 3_600
    return pack
  }

  @Test(arguments: AbuseCell.all, [1, 0.6])
  func `a cell releases the same alone and in a pack of one`(cell: AbuseCell, charge: Double)
    throws
  {
    // Above the critical temperature of all of them.
    let oven = 493.15
    var alone = AbuseSimulation(cell: cell, test: .oven(temperature: oven))
    alone.condition.stateOfCharge = charge
    let single = alone.run()
    var simulation = PackSimulation(lonely(cell, oven: oven, charge: charge))
    simulation.stepping = .precise
    let pack = simulation.run()
    let place = "\(cell.name) at \(charge)"
    let whole = single.energies.reactions + single.energies.electrical
    let found = pack.energy.chemical + pack.energy.electrical
    #expect(abs(found / whole - 1) < 0.03, "\(place): \(found) J, alone \(whole) J")
    #expect(
      abs(pack.energy.electrical - single.energies.electrical) < 0.05 * whole,
      "\(place): \(pack.energy.electrical) J, alone \(single.energies.electrical) J")
    let rise = single.peakTemperature - oven
    let peak = try #require(pack.peaks.first)
    #expect(
      abs(peak - single.peakTemperature) < 0.04 * rise + 3,
      "\(place): \(peak) K, alone \(single.peakTemperature) K")
  }

  @Test func `a separator of one's own keeps the law of the short that the kinetics came with`() {
    var cell = AbuseCell.ncm25Ah
    cell.fit(.trilayer)
    // Once more, as a cell file with a separator does below an option that names another.
    cell.fit(.ceramicCoated)
    #expect(cell.simulatedNetwork(plating: false).contents.count { $0.role == .separator } == 1)
    #expect(cell.separator?.displacesReactions == false)
    #expect(cell.separator?.collapseShare == SeparatorDesign.largeNCM.collapseShare)
    let late = AbuseSimulation(cell: cell, test: .calorimeter(CalorimeterProgram())).run()
    let early = AbuseSimulation(cell: .ncm25Ah, test: .calorimeter(CalorimeterProgram())).run()
    let temperatures = [late, early].map { $0.event(.runaway)?.temperature ?? 0 }
    #expect(temperatures[0] > temperatures[1] + 20, "\(temperatures)")
    cell.fit(nil)
    let bare = AbuseSimulation(cell: cell, test: .calorimeter(CalorimeterProgram())).run()
    #expect(bare.energies.electrical == 0)
  }
}
