// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How far reactions go when nothing stops them.

extension ReactionKernel {
  /// Extents of all reactions of a fresh, fully charged cell warmed from 300 K to 900 K within an
  /// hour, which uses up everything that can react in the order of a slow test.
  ///
  /// - Returns: `[reactionCount]` extents.
  public func fullExtents() -> [Double] {
    var extents = [Double](repeating: 0, count: reactionCount)
    var node = NodeKinetics(self, extentTolerance: 1e-3)
    var step = 1e-6
    // A share of nothing keeps the heat of reactions out of the temperature.
    _ = node.advance(
      node: 0, cell: 0, extents: &extents, initial: freshContents, contentCount: contentCount,
      temperature: 300, capacity: 1, power: 600.0 / 3_600, duration: 3_600, share: 0, step: &step)
    return extents.map { max(0, $0) }
  }
}
