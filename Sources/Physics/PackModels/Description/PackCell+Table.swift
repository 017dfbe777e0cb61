// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cells that packs are built of: those of the abuse tests, by name.

import BatteryDomain
import CellModels
import Foundation
public import RunawayModels

extension PackCell {
  /// Names that ``named(_:)`` knows.
  public static let names = AbuseCell.all.map(\.name)

  /// A cell by name, whatever its case; nil where there is none.
  public static func named(_ name: String) -> PackCell? { AbuseCell.named(name).map(PackCell.init) }

  /// A cell of the abuse tests in a pack: the same kinetics, separator, short, gas, mass and voltage.
  ///
  /// Heat crosses flat cells through their layers, 1.0 W/(m·K), and round ones along the radius,
  /// 3.4 W/(m·K): Drake et al. (2014), doi:10.1016/j.jpowsour.2013.11.107, measured 0.2–1.1 across
  /// layers; the radius value is that of the four-reaction oven tests.
  ///
  /// What flows through a cell whose separator is gone, and whether that lithium reacts as well, is
  /// `SeparatorDesign`'s to say, so that a cell releases the same in `anodyne abuse` and in a pack. A
  /// cell without a separator that could fail (a solid electrolyte) shorts by a nail alone, and then
  /// through all of its charge.
  public init(_ cell: AbuseCell) {
    let isRound: Bool
    if case .cylindrical = cell.geometry { isRound = true } else { isRound = false }
    let steps = 20
    let short =
      cell.separator
      ?? SeparatorDesign(
        shutdownTemperature: nil, collapseTemperature: .infinity, collapseShare: 1)
    self.init(
      name: cell.name, chemistry: cell.chemistry, geometry: cell.geometry, mass: cell.mass,
      specificHeat: cell.specificHeat, conductivity: isRound ? 3.4 : 1.0,
      kinetics: cell.simulatedNetwork(plating: false).kernel(amount: cell.amount),
      gas: cell.gas, casing: cell.casing, capacity: cell.capacity, resistance: cell.resistance,
      openCircuit: (0...steps).map {
        cell.openCircuit.voltage(at: Double($0) / Double(steps), temperature: 298.15)
      }, shortResistance: short.collapseResistance * 3_600 / cell.capacity,
      shortShare: short.collapseShare, shortTakesReactants: short.displacesReactions)
    switch cell.geometry {
    case .cylindrical: shell = .round
    case .prismatic: shell = .prismatic
    case .pouch: shell = .pouch
    }
    platingKinetics = cell.simulatedNetwork(plating: true).kernel(amount: cell.amount)
  }
}
