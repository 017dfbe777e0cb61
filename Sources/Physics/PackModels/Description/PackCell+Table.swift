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

  /// A cell of the abuse tests in a pack: the same kinetics, gas, mass and voltage.
  ///
  /// Heat crosses flat cells through their layers, 1.0 W/(m·K), and round ones along the radius,
  /// 3.4 W/(m·K): Drake et al. (2014), doi:10.1016/j.jpowsour.2013.11.107, measured 0.2–1.1 across
  /// layers; the radius value is that of the four-reaction oven tests. Where the kinetics bring no
  /// separator, it fails at the 165 °C at which polypropylene melts.
  ///
  /// A failed cell releases a part of its electrical energy inside, flat cells over 7 s and round ones over
  /// 5 s; 28 to 100 % were published. Of kinetics that were made together with it (Feng et al. 2015,
  /// doi:10.1016/j.apenergy.2015.04.118) it adds to the heat of reactions; 60 % gives the 25 Ah cell the
  /// peak that was measured. Kinetics of whole cells hold the heat of a full one already: there 28 % flow
  /// through the short, and the lithium that it discharges reacts no more, as in the abuse tests.
  public init(_ cell: AbuseCell) {
    let isRound: Bool
    if case .cylindrical = cell.geometry { isRound = true } else { isRound = false }
    let steps = 20
    // The stand-in that holds until runaway belongs to tests of one cell.
    var own = cell
    if own.separator == .heatResistant { own.separator = nil }
    self.init(
      name: cell.name, chemistry: cell.chemistry, geometry: cell.geometry, mass: cell.mass,
      specificHeat: cell.specificHeat, conductivity: isRound ? 3.4 : 1.0,
      kinetics: own.simulatedNetwork(plating: false).kernel(amount: cell.amount),
      gas: cell.gas, casing: cell.casing, capacity: cell.capacity, resistance: cell.resistance,
      openCircuit: (0...steps).map {
        cell.openCircuit.voltage(at: Double($0) / Double(steps), temperature: 298.15)
      }, collapseTemperature: 438.15, shortTime: isRound ? 5 : 7, shortShare: 0.6)
    if !cell.network.contents.contains(where: { $0.role == .separator }) {
      shortShare = 0.28
      shortTakesReactants = true
    }
    switch cell.geometry {
    case .cylindrical: shell = .round
    case .prismatic: shell = .prismatic
    case .pouch: shell = .pouch
    }
    platingKinetics = own.simulatedNetwork(plating: true).kernel(amount: cell.amount)
  }
}
