// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Ways of heat through the shells of cells: what lies between the electrodes and the casing.

import Quantities

/// Thermal resistance between the electrodes of a cell and its casing, in m²K/W.
///
/// In rigid casings the electrodes only touch the wall. Between separator and can of an 18650,
/// 670 ± 275 W/(m²K) was measured (Gaitonde, Nimmagadda & Marconnet 2017,
/// doi:10.1016/j.jpowsour.2017.01.019): 0.0015 m²K/W. During thermal runaway of a battery in a hard shell
/// it was found near 0.0207 m²K/W (Chen et al. 2020, Energy Proceedings 11, ICAE 2020): what is
/// left of the electrodes no longer touches the wall. A pouch is pressed to its electrodes and
/// has none here.
public struct ShellContact: Hashable, Sendable {
  /// Of a cell that has not run away.
  public var sound: Double
  /// Of a cell that has.
  public var burnt: Double

  /// Creates resistances, in m²K/W.
  public init(sound: Double, burnt: Double) {
    self.sound = sound
    self.burnt = burnt
  }

  /// A pouch.
  public static let pouch = ShellContact(sound: 0, burnt: 0)
  /// A rigid flat can.
  public static let prismatic = ShellContact(sound: 1 / 670, burnt: 0.0207)
  /// A round can: the wound electrodes swell against it, so the measured contact is kept; assumed.
  public static let round = ShellContact(sound: 1 / 670, burnt: 1 / 670)
}

/// A way of heat out of a cell through its shell, to a neighbour, a layer, gas or the surroundings.
///
/// Per area it is a resistance in series (cells up to their shells, and the shells) with conduction
/// and radiation in parallel. To stay a sum of a linear and a fourth-power law, both are
/// scaled by the same factor, exact for pure conduction and at one temperature for radiation: 400 K
/// while the cells are sound, 700 K when one has burnt.
struct ShellPath {
  /// The cell, and the one at the other end.
  let first: Int
  let second: Int?
  /// In m².
  let area: Double
  /// Resistance in series besides shells, in m²K/W.
  let inner: Double
  /// Conductance between or outside the shells, in W/(m²K).
  let across: Double
  /// Effective emissivity between or outside the shells.
  let exchange: Double
  /// Factor of shell resistances.
  let factor: Double
  /// ``across`` after a layer has melted.
  var liquidAcross = 0.0
  // Places in the network.
  var link: Int?
  var radiation: Int?
  var melting: Int?
  var boundary: (index: Int, sink: ThermalNetwork.Sink)?

  init(
    first: Int, second: Int?, area: Double, inner: Double, across: Double, exchange: Double,
    factor: Double
  ) {
    self.first = first
    self.second = second
    self.area = area
    self.inner = inner
    self.across = across
    self.exchange = exchange
    self.factor = factor
  }

  /// Conductance in W/K and radiation factor in m².
  ///
  /// - Parameters:
  ///   - shells: Resistance of the shells on the way, in m²K/W.
  ///   - isBurnt: Whether one of its cells has burnt.
  /// - Returns: Both, for the network.
  func value(shells: Double, isBurnt: Bool) -> (conductance: Double, radiation: Double) {
    let t = isBurnt ? 700.0 : 400.0
    let radiated = 4 * PhysicalConstants.stefanBoltzmann * exchange * t * t * t
    let scale = area / (1 + (inner + shells) * (across + radiated))
    return (across * scale, exchange * scale)
  }

  /// Conductance through a molten layer, in W/K.
  func liquid(shells: Double) -> Double {
    area * liquidAcross / (1 + (inner + shells) * liquidAcross)
  }
}

extension PackHeat {
  /// Resistance of the shells on a way now, in m²K/W.
  func shells(of path: ShellPath) -> Double {
    path.factor * (shellResistance[path.first] + (path.second.map { shellResistance[$0] } ?? 0))
  }

  /// A cell has burnt: what is left of its electrodes no longer touches the shell.
  ///
  /// - Complexity: O(ways of the cell).
  mutating func burn(_ cell: Int) {
    guard !hasBurnt[cell] else { return }
    hasBurnt[cell] = true
    shellResistance[cell] = burntResistance
    for index in pathsOfCell[cell] {
      let path = shellPaths[index]
      let shell = shells(of: path)
      let value = path.value(shells: shell, isBurnt: true)
      if let link = path.link { network.setLink(link, conductance: value.conductance) }
      if let radiation = path.radiation {
        network.setRadiation(radiation, factor: value.radiation)
      }
      if let melting = path.melting {
        network.setMelting(
          melting, solid: value.conductance, liquid: path.liquid(shells: shell))
      }
      if let boundary = path.boundary {
        network.setBoundary(
          boundary.index, of: boundary.sink, conductance: value.conductance,
          radiation: path.radiation == nil ? value.radiation : 0)
      }
    }
  }
}
