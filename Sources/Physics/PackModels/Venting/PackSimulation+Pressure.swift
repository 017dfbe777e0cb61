// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Pressure in the casing of every cell: current interrupt device, vent.

import Quantities
import RunawayModels

extension PackSimulation {
  /// Part of a cell's reaction heat that is out, 0 to 1.
  func progress(_ cell: Int) -> Double {
    max(0, min(1, releasedHeat[cell] / totalHeat[cell]))
  }

  /// Gas that a cell has made, in mol: every gas comes in step with the heat of reactions.
  func gasMade(_ cell: Int) -> Double { progress(cell) * wholeGas }

  /// Follows the pressure in the casing of a cell.
  ///
  /// Gas of reactions and vapour of solvent share the headspace at the cell's mean temperature. A
  /// current interrupt device opens the cell's circuit; the vent lets all gas out from then on.
  ///
  /// - Parameters:
  ///   - cell: The cell.
  ///   - temperature: Its mean, in kelvin.
  mutating func followPressure(_ cell: Int, temperature: Double) {
    let around = PhysicalConstants.standardAtmosphere
    guard ventedAt[cell] == .infinity else { return }
    let casing = pack.cell.casing
    // Inert gas filled the headspace at the start.
    let filling = around * casing.headspace / (PhysicalConstants.gas * pack.temperature)
    pressure[cell] = casing.pressure(
      amount: filling + gasMade(cell), temperature: temperature,
      vapour: casing.solventMass > 0 ? casing.vapourPressure(temperature) : 0, ambient: around)
    let excess = pressure[cell] - around
    if let limit = casing.interruptPressure, excess > limit, interruptedAt[cell] == .infinity {
      interruptedAt[cell] = time
      isOpen[cell] = true
      note(.interrupted, cell: cell)
    }
    if excess > casing.ventPressure || runawayAt[cell] < .infinity {
      ventedAt[cell] = time
      pressure[cell] = around
      note(.vented, cell: cell)
    }
  }
}
