// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a run keeps of every thermal node of its cells, in flat memory.

import NumericalMethods

/// What a run keeps of every thermal node of its cells, besides enthalpy: flat, allocated once.
struct NodeState: ~Copyable {
  private let memory: DoubleWorkspace
  /// Number of nodes.
  let count: Int
  /// Extents of the reactions, `[node × reaction]`.
  let extents: UnsafeMutablePointer<Double>

  /// Creates the state at the start of a run: nothing has reacted, nothing flows.
  ///
  /// - Parameters:
  ///   - count: Nodes of all cells.
  ///   - reactions: Reactions of a node.
  init(count: Int, reactions: Int) {
    self.count = count
    let fields = 12
    memory = DoubleWorkspace(count: max(1, count * (fields + reactions)))
    memory.base.update(repeating: 0, count: max(1, count * (fields + reactions)))
    extents = memory.base + fields * count
    for node in 0..<count {
      smallStep[node] = 1
      separatorWas[node] = 1
    }
  }

  private func field(_ index: Int) -> UnsafeMutablePointer<Double> {
    memory.base + index * count
  }

  /// Heat flow from the network in the last step, in watts.
  var flow: UnsafeMutablePointer<Double> { field(0) }
  /// Heat of reactions given in this step, in joules.
  var released: UnsafeMutablePointer<Double> { field(1) }
  /// Heat from outside the reactions in the last step, in watts.
  var lastSource: UnsafeMutablePointer<Double> { field(2) }
  /// Length of the small steps of the reactions, in seconds.
  var smallStep: UnsafeMutablePointer<Double> { field(3) }
  /// Below this temperature, in kelvin, the node sleeps…
  var asleepBelow: UnsafeMutablePointer<Double> { field(4) }
  /// …as long as it is above this one.
  var asleepAbove: UnsafeMutablePointer<Double> { field(5) }
  /// Up to when the node has reacted, in seconds.
  var kineticTime: UnsafeMutablePointer<Double> { field(6) }
  /// Heat that it has yet to give for that, in joules.
  var owed: UnsafeMutablePointer<Double> { field(7) }
  /// Heating by its last reactions, in watts.
  var reactionPower: UnsafeMutablePointer<Double> { field(8) }
  /// What of the separator's loss lies ahead of the present time.
  var separatorAhead: UnsafeMutablePointer<Double> { field(9) }
  /// What was left of the separator at the last step, above its end.
  var separatorWas: UnsafeMutablePointer<Double> { field(10) }
  /// 1 where the separator is gone, else 0.
  var separatorGone: UnsafeMutablePointer<Double> { field(11) }
}
