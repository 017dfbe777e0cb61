// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How far reactions go when nothing stops them.

extension ReactionKernel {
  /// Extents of all reactions of a fresh, fully charged cell kept at 900 K for an hour, which uses
  /// up everything that can react.
  ///
  /// - Returns: `[reactionCount]` extents.
  public func fullExtents() -> [Double] {
    var extents = [Double](repeating: 0, count: reactionCount)
    var node = NodeKinetics(self, extentTolerance: 1e-3)
    var step = 1e-6
    // An endless heat capacity keeps the temperature.
    _ = node.advance(
      node: 0, cell: 0, extents: &extents, initial: freshContents, contentCount: contentCount,
      temperature: 900, capacity: .infinity, power: 0, duration: 3_600, share: 1, step: &step)
    return extents.map { max(0, $0) }
  }
}
