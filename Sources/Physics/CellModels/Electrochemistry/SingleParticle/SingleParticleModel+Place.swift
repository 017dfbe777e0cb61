// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The single-particle model: where in the cell an event happens.

extension SingleParticleModel {
  /// The volume with the least salt; the negative electrode as a whole where lithium may plate, and the
  /// electrode whose cracks are deepest.
  public func place(of event: CellEvent, state: UnsafePointer<Double>) -> CellPlace {
    switch event {
    case .electrolyteDepleted where nodes > 0:
      var volume = 0
      let salt = concentrations(state)
      for i in 1..<nodes where salt[i] < salt[volume] { volume = i }
      return mesh.place(volume)
    case .platingPossible: return CellPlace(.negative)
    case .crackedThrough where laws.cracks:
      let depths = crackDepths(state)
      return CellPlace(depths.negative > depths.positive ? .negative : .positive)
    case .lowerVoltage, .upperVoltage, .currentBelow: return CellPlace(.terminals)
    default: return CellPlace(.cell)
    }
  }
}
