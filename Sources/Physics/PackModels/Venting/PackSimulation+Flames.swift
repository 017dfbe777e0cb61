// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Heat that burning gas gives to the cells beside it.

import Foundation
import Quantities
import RunawayModels

extension PackSimulation {
  /// Heat of burning all that a cell can vent, in joules: gas and volatile solvent.
  static func fuel(of cell: PackCell) -> Double {
    let solvent = GasSpecies.solvent
    return cell.gas.heatOfCombustion * cell.capacity
      + cell.casing.solventMass / solvent.molarMass * solvent.heatOfCombustion
  }

  /// Lets what has been vented burn over a step and warm the neighbours.
  ///
  /// - Parameter step: In seconds.
  /// - Complexity: O(burning cells · neighbours · nodes of a cell).
  mutating func burnGas(_ step: Double) {
    guard let flames = pack.flames, gasPath == nil, step > 0 else { return }
    let whole = Self.fuel(of: pack.cell)
    let per = heat.nodesPerCell
    let t = heat.network.temperature
    for cell in 0..<cellCount where ventedAt[cell] < .infinity && runawayAt[cell] < .infinity {
      let out = progress(cell) * whole
      fuelLeft[cell] += out - fuelOut[cell]
      fuelOut[cell] = out
      guard fuelLeft[cell] > 1e-6 * whole else { continue }
      let burnt = fuelLeft[cell] * -expm1(-step / flames.burningTime)
      fuelLeft[cell] -= burnt
      ledger.burnt += burnt
      // What surfaces in the flame would take, before the flame is asked how much it has.
      var wanted = 0.0
      for neighbour in adjacency[cell] {
        for node in heat.nodes(ofCell: neighbour) {
          wanted += flameFlow(flames, node, t[node], step)
        }
      }
      guard wanted > 0 else { continue }
      let part = min(1, flames.receivedShare * burnt / (wanted * step))
      for neighbour in adjacency[cell] {
        for node in neighbour * per..<(neighbour + 1) * per {
          heat.network.source[node] += part * flameFlow(flames, node, t[node], step)
        }
      }
      ledger.flames += part * wanted * step
    }
  }

  /// Heat flow from a flame into the open surface of a node, in watts.
  private func flameFlow(
    _ flames: Flames, _ node: Int, _ temperature: Double, _ step: Double
  ) -> Double {
    let difference = flames.temperature - temperature
    guard difference > 0 else { return 0 }
    let (hot, cold) = (flames.temperature, temperature)
    let radiated =
      pack.cooling.emissivity * PhysicalConstants.stefanBoltzmann * (hot * hot + cold * cold)
      * (hot + cold)
    let side = heat.openSide[node] * min(1, flames.depth / heat.height)
    let flow = (heat.openTop[node] + side) * (flames.convection + radiated) * difference
    // No node becomes hotter than the flame within a step.
    return min(flow, heat.network.capacity[node] * difference / step)
  }
}
