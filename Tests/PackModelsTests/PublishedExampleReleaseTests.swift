// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A published propagation example, against an independent finite-volume solution of it.

import BatteryDomain
import Foundation
import PackModels
import Quantities
import RunawayModels
import Testing

private let isEnabled = ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] != nil

/// The propagation example of LIM1TR (Sandia National Laboratories, SAND2021-12281): pouches of 7 mm, one
/// reaction, contacts of 0.004 m²K/W.
///
/// `Scripts/reference-propagation.py` solves the same equations by finite volumes of 0.1 mm with
/// SciPy's BDF: half of the second cell has reacted at 22.34 s, half of the third, the last, at
/// 37.57 s.
@Suite(.enabled(if: isEnabled)) struct PublishedExampleReleaseTests {
  private func stack(nodes: Int) throws -> PackDescription {
    let network = ReactionNetwork(
      name: "one step", source: "LIM1TR, Examples/Propagation", basis: .cell,
      contents: [NetworkContent("reactant", .electrolyte, 1)],
      reactions: [
        Reaction(
          name: "decomposition", frequency: 1e9, activationEnergy: 1.1e5, heat: 1.44e6,
          loading: 0.35 * 1_800 * 0.12 * 0.04 * 0.007,
          factors: [.power(content: "reactant", order: 1)],
          changes: [ContentChange("reactant", -1)])
      ])
    var cell = try #require(PackCell.named("ncm-25ah"))
    cell.geometry = .pouch(
      width: Length(0.12), thickness: Length(0.007), height: Length(0.04))
    cell.shell = .pouch
    cell.mass = 1_800 * 0.12 * 0.04 * 0.007
    cell.specificHeat = 800
    cell.conductivity = 0.5
    cell.kinetics = network.kernel(amount: 1)
    cell.platingKinetics = nil
    // No separator and so no short: the example has none.
    cell.capacity = 3_600
    var pack = PackDescription(
      cell: cell, wiring: .groupsInSeries(series: 3, parallel: 1),
      arrangement: PackArrangement(
        geometry: cell.geometry, kind: .stack, count: 3, columns: 3, gap: 0, rowGap: 0))
    pack.contactResistance = 4e-3
    pack.connections.busbarConductance = 0
    pack.cooling.convection = 10
    pack.cooling.emissivity = 0
    pack.venting.ejectedMass = 0
    pack.venting.jetShare = 0
    pack.temperature = 294.15
    pack.nodesPerCell = nodes
    // The first cell is heated from inside, by its own 1 Ah, until it burns.
    pack.trigger.kind = .internalShort
    pack.trigger.cell = 0
    pack.trigger.resistance = 0.01
    pack.trigger.finalResistance = 0.01
    pack.trigger.fall = 0
    pack.duration = 120
    return pack
  }

  /// Time from half of one inner cell to half of the next.
  private func crossing(nodes: Int) throws -> Double {
    var simulation = PackSimulation(try stack(nodes: nodes))
    simulation.stepping = .precise
    var half = [Double](repeating: .nan, count: 3)
    while simulation.elapsed < 120, !(half[2] > 0) {
      simulation.advance(by: 0.05)
      for cell in 0..<3 where !(half[cell] > 0) && simulation.state(ofCell: cell).consumed > 0.5 {
        half[cell] = simulation.elapsed
      }
    }
    return half[2] - half[1]
  }

  @Test func `a front crosses a cell in the time of the independent solution`() throws {
    let times = try [5, 10, 20].map { try crossing(nodes: $0) }
    print("crossing with 5, 10, 20 nodes: \(times) s, reference 15.23 s")
    // End faces lose heat to the air here, and the first cell is lit from inside instead of by a block.
    #expect(abs(times[2] / 15.23 - 1) < 0.2, "\(times)")
    #expect(abs(times[1] / times[2] - 1) < 0.05, "\(times)")
    // The usual five nodes are too few for a front of reactions without a short.
    #expect(times[0] > times[2] && times[0] < 2 * times[2], "\(times)")
  }
}
