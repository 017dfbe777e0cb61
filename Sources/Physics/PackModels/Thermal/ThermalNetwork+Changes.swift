// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Conductances that change during a run.

import Quantities

extension ThermalNetwork {
  /// Replaces the conductance of a link, in W/K.
  ///
  /// - Parameters:
  ///   - index: What ``connect(_:_:conductance:)`` gave.
  ///   - conductance: At least 0.
  public mutating func setLink(_ index: Int, conductance: Double) {
    let link = links[index]
    links[index].conductance = conductance
    change(link.first, link.second, by: conductance - link.conductance)
  }

  /// Replaces the factor of two nodes that radiate at each other, in m².
  ///
  /// - Parameters:
  ///   - index: What ``radiate(_:_:factor:)`` gave.
  ///   - factor: Area times effective emissivity; at least 0.
  public mutating func setRadiation(_ index: Int, factor: Double) {
    let link = radiating[index]
    let coefficient = factor * PhysicalConstants.stefanBoltzmann
    radiating[index].conductance = coefficient
    radiativeTotal[Int(link.first)] += coefficient - link.conductance
    radiativeTotal[Int(link.second)] += coefficient - link.conductance
    if coefficient > link.conductance { radiusAge = 0 }
  }

  /// Replaces the conductances of a link to a node that melts, in W/K.
  ///
  /// - Parameters:
  ///   - index: What ``connectMelting(_:_:solid:liquid:)`` gave.
  ///   - solid: Before melting.
  ///   - liquid: After melting.
  public mutating func setMelting(_ index: Int, solid: Double, liquid: Double) {
    let link = meltingLinks[index]
    meltingLinks[index].solid = solid
    meltingLinks[index].liquid = liquid
    change(link.first, link.second, by: max(solid, liquid) - max(link.solid, link.liquid))
  }

  /// Replaces what a node loses to a sink.
  ///
  /// - Parameters:
  ///   - index: What ``expose(_:to:conductance:radiation:)`` gave.
  ///   - sink: The sink that was named there.
  ///   - conductance: In W/K.
  ///   - radiation: Area times emissivity, in m².
  public mutating func setBoundary(
    _ index: Int, of sink: Sink, conductance: Double, radiation: Double
  ) {
    let coefficient = radiation * PhysicalConstants.stefanBoltzmann
    let old = sink.rawValue < 2 ? boundaries[index] : gasBoundaries[index]
    var new = old
    new.conductance = conductance
    new.radiation = coefficient
    if sink.rawValue < 2 { boundaries[index] = new } else { gasBoundaries[index] = new }
    total[Int(old.node)] += conductance - old.conductance
    radiativeTotal[Int(old.node)] += coefficient - old.radiation
    if conductance > old.conductance || coefficient > old.radiation { radiusAge = 0 }
  }

  private mutating func change(_ a: Int32, _ b: Int32, by difference: Double) {
    total[Int(a)] += difference
    total[Int(b)] += difference
    if difference > 0 { radiusAge = 0 }
  }
}
