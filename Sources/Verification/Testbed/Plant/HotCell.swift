// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A cell that is hot or strongly shorted: spot and body, reactions, collapse of the separator.

import NumericalMethods
import Quantities
import RunawayModels

/// A cell whose decomposition is computed: a spot around its short, and its body.
///
/// The plant carries such a cell only while it is warm or strongly shorted; all others cost nothing.
public struct HotCell: Sendable {
  /// Part of the cell in the spot (assumed: some cubic centimetres around a short).
  public static let spotShare = 0.05
  /// Conductance from the spot to the body in W/K (assumed: in-plane conduction of a large roll).
  public static let spotConductance = 1.5

  /// The cell, from 0.
  public let cell: Int
  /// Temperature of the spot in kelvin.
  public internal(set) var spot: Double
  /// Whether the separator of the spot is gone.
  public internal(set) var hasCollapsed = false
  /// Whether the body warmed by 1 K/s or more, which counts as runaway.
  public internal(set) var isRunaway = false
  /// Heat that reactions have released so far, in joules.
  public internal(set) var reacted = 0.0

  var spotExtents: [Double]
  var bodyExtents: [Double]
  let initial: [Double]
  let chargeAtStart: Double
  var chargeAtCollapse = 0.0
  var spotStep = 0.1
  var bodyStep = 0.1
  var gasOut = 0.0
  var lastBody: Double
}

extension PlantPack {
  /// Rate of the body's temperature that counts as runaway, in K/s.
  static let runawayRate = 1.0
  /// Part of the charge that a collapse takes out before its contact burns away (as
  /// `SeparatorDesign/collapseShare`).
  static let collapseShare = 0.28

  /// Advances reactions, spot and body of hot cells, after the step of the circuits.
  mutating func advanceHotCells(duration: Double) {
    for i in 0..<layout.cells
    where !isHot[i] && (temperature[i] > Self.hotFrom || spotPower[i] > Self.spotFrom) {
      isHot[i] = true
      let state = max(0, charge[i])
      hotCells.append(
        HotCell(
          cell: i, spot: temperature[i],
          spotExtents: Array(repeating: 0, count: cell.kernel.reactionCount),
          bodyExtents: Array(repeating: 0, count: cell.kernel.reactionCount),
          initial: cell.kernel.initialContents(CellCondition(stateOfCharge: state)),
          chargeAtStart: state, lastBody: temperature[i]))
    }
    var kinetics = NodeKinetics(cell.kernel)
    var cells = hotCells
    hotCells = []
    for index in cells.indices {
      advance(&cells[index], kinetics: &kinetics, duration: duration)
    }
    hotCells = cells
    for hot in hotCells
    where !hot.hasCollapsed && !hot.isRunaway && hot.spot < Self.hotFrom - 5
      && temperature[hot.cell] < Self.hotFrom - 5 && spotPower[hot.cell] < 0.5 * Self.spotFrom
    {
      isHot[hot.cell] = false
      spotPower[hot.cell] = 0
    }
    hotCells.removeAll { !isHot[$0.cell] }
  }

  private mutating func advance(
    _ hot: inout HotCell, kinetics: inout NodeKinetics, duration: Double
  ) {
    let i = hot.cell
    let spotCapacity = HotCell.spotShare * cell.heatCapacity
    let bodyCapacity = (1 - HotCell.spotShare) * cell.heatCapacity
    var body = temperature[i]
    // What left the whole cell at its first contact with the network is already in `body`.
    let used = (hot.chargeAtStart - max(0, charge[i])) / max(hot.chargeAtStart, 1e-9)
    let exchange = HotCell.spotConductance * (hot.spot - body)
    var local = 1.0
    if hot.hasCollapsed {
      // A collapsed separator shorts the whole cell: its heat is spread.
      local = HotCell.spotShare
    }
    let spotIn = spotPower[i] * local - exchange
    let bodyIn = spotPower[i] * (1 - local) + exchange
    let spotHeat = react(
      &hot.spotExtents, hot.initial, used, hot.spot, spotCapacity, spotIn, duration,
      HotCell.spotShare, &hot.spotStep, &kinetics)
    hot.spot += (spotHeat + spotIn * duration) / spotCapacity
    let bodyHeat = react(
      &hot.bodyExtents, hot.initial, used, body, bodyCapacity, bodyIn, duration,
      1 - HotCell.spotShare, &hot.bodyStep, &kinetics)
    body += (bodyHeat + bodyIn * duration) / bodyCapacity
    hot.reacted += spotHeat + bodyHeat
    temperature[i] = body
    if !hot.hasCollapsed, hot.spot > cell.collapseTemperature {
      hot.hasCollapsed = true
      hot.chargeAtCollapse = charge[i]
      shortConductance[i] += 1 / cell.collapseResistance
    }
    if hot.hasCollapsed, charge[i] < max(0, hot.chargeAtCollapse - Self.collapseShare) {
      shortConductance[i] = 0
    }
    if !hot.isRunaway, (body - hot.lastBody) / duration >= Self.runawayRate {
      hot.isRunaway = true
      firstRunaway = firstRunaway ?? time
    }
    hot.lastBody = body
    vent(&hot)
  }

  private func react(
    _ extents: inout [Double], _ initial: [Double], _ used: Double, _ temperature: Double,
    _ capacity: Double, _ power: Double, _ duration: Double, _ share: Double,
    _ step: inout Double, _ kinetics: inout NodeKinetics
  ) -> Double {
    extents.withUnsafeMutableBufferPointer { extents in
      initial.withUnsafeBufferPointer { initial in
        guard let e = extents.baseAddress, let c = initial.baseAddress else { return 0 }
        return kinetics.advance(
          extents: e, initial: c, charge: used, temperature: temperature, capacity: capacity,
          power: power, duration: duration, share: share, step: &step)
      }
    }
  }

  /// Pressure in the casing; the vent opens once and lets out what is made from then on.
  private mutating func vent(_ hot: inout HotCell) {
    let i = hot.cell
    let made = cell.gas * min(1, max(0, hot.reacted) / max(cell.fullHeat, 1))
    innerGas[i] += made - hot.gasOut
    hot.gasOut = made
    openVent(i, temperature: max(temperature[i], 0.5 * (temperature[i] + hot.spot)))
  }

  /// Opens the vent of a cell where its pressure is too high, and moves free gas to the housing.
  mutating func openVent(_ i: Int, temperature: Double) {
    if !hasVented[i] {
      let air =
        PhysicalConstants.standardAtmosphere * cell.casing.headspace
        / (PhysicalConstants.gas * PhysicalConstants.referenceTemperature)
      let pressure = cell.casing.pressure(
        amount: air + innerGas[i], temperature: temperature,
        vapour: cell.casing.vapourPressure(temperature),
        ambient: PhysicalConstants.standardAtmosphere)
      guard pressure > cell.casing.ventPressure else { return }
      hasVented[i] = true
      firstVenting = firstVenting ?? time
      // Solvent vapour leaves with the first puff: a tenth of the mixture's solvent (assumed).
      innerGas[i] += 0.1 * cell.casing.solventMass / 0.09
    }
    housingGas += innerGas[i]
    housingPressure +=
      innerGas[i] * PhysicalConstants.gas * max(ambient, temperature) / layout.freeVolume
    innerGas[i] = 0
  }

  /// Gas of side reactions, which opens the vent of a cold cell in the end.
  mutating func makeGas(duration: Double) {
    for i in 0..<layout.cells where gassing[i] > 0 {
      innerGas[i] += gassing[i] * duration
      openVent(i, temperature: temperature[i])
    }
  }

  /// Pressure leaves the housing through its breather within 20 s, gas by exchange within an hour
  /// (assumed).
  mutating func ventHousing(duration: Double) {
    guard housingGas > 0 || housingPressure > 0 else { return }
    housingPressure *= max(0, 1 - duration / (20 + duration))
    housingGas *= max(0, 1 - duration / (3_600 + duration))
  }

  /// Gas in the housing above air, in parts per million.
  public var gasPartsPerMillion: Double {
    let air =
      PhysicalConstants.standardAtmosphere * layout.freeVolume
      / (PhysicalConstants.gas * max(ambient, 200))
    return housingGas / air * 1e6
  }
}
