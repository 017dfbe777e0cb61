// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The Doyle–Fuller–Newman model: where in the cell an event happens.

extension PorousElectrodeModel {
  /// The volume with the least salt, with the smallest potential against lithium, or with the
  /// deepest cracks.
  public func place(of event: CellEvent, state: UnsafePointer<Double>) -> CellPlace {
    var volume = 0
    switch event {
    case .electrolyteDepleted:
      for i in 1..<nodes where concentration(state, i) < concentration(state, volume) {
        volume = i
      }
    case .platingPossible:
      func margin(_ e: Int) -> Double { state[solidOffset + e] - state[potentialOffset + e] }
      for e in 1..<mesh.negative where margin(e) < margin(volume) { volume = e }
    case .crackedThrough where laws.cracks:
      let particle = deepestCrack(state).particle
      // The second material lies in the same volumes as the first.
      volume = nodeOf(particle < electrodeNodes ? particle : particle - electrodeNodes)
    case .lowerVoltage, .upperVoltage, .currentBelow: return CellPlace(.terminals)
    default: return CellPlace(.cell)
    }
    return mesh.place(volume)
  }
}
