// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How fast a node can react at most at one temperature.

import RunawayModels

extension ReactionKernel {
  /// The heat and the fastest rate of a node at a temperature.
  ///
  /// - Parameters:
  ///   - temperature: In kelvin.
  ///   - extents: `[node × reaction]` of a pack.
  ///   - node: The node.
  ///   - initial: `[cell × content]` of a pack.
  ///   - cell: The cell.
  ///   - charge: Charge taken out since the start, as a fraction of the capacity.
  ///   - contents: `[contentCount]` room.
  ///   - rates: `[reactionCount]` room.
  /// - Returns: Heats without their signs, in watts for the whole cell, and the fastest rate in 1/s.
  func fastest(
    temperature: Double, extents: UnsafePointer<Double>, node: Int, initial: [Double], cell: Int,
    charge: Double,
    contents: inout [Double], rates: inout [Double]
  ) -> (heat: Double, rate: Double) {
    initial.withUnsafeBufferPointer { initial in
      contents.withUnsafeMutableBufferPointer { contents in
        rates.withUnsafeMutableBufferPointer { rates -> (heat: Double, rate: Double) in
          guard let i = initial.baseAddress,
            let c = contents.baseAddress, let r = rates.baseAddress
          else { return (0, 0) }
          fillContents(
            initial: i + cell * contentCount, extents: extents + node * reactionCount,
            charge: charge, into: c)
          _ = evaluate(temperature: temperature, contents: c, rates: r)
          var heat = 0.0
          var rate = 0.0
          for k in 0..<reactionCount {
            heat += abs(r[k] * heats[k])
            rate = max(rate, abs(r[k]))
          }
          return (heat, rate)
        }
      }
    }
  }
}
