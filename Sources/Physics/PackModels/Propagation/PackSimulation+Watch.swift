// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What happened in a step: collapse of separators, runaway, ejecta, contactors, melting.

import RunawayModels

extension PackSimulation {
  /// Collapse, runaway, ejecta, contactors, melting.
  mutating func watch(_ step: Double) {
    var hottest = 0.0
    for cell in 0..<cellCount {
      var mean = 0.0
      var peak = 0.0
      var failed = 0.0
      var stored = 0.0
      var latest = 0.0
      let range = heat.nodes(ofCell: cell)
      for node in range {
        let t = heat.network.temperature[node]
        let share = heat.shares[node - range.lowerBound]
        mean += t * share
        peak = max(peak, t)
        stored += heat.network.capacity[node]
        if nodes.separatorGone[node] > 0 {
          failed += share
          continue
        }
        // No separator shrinks below 100 °C.
        if t < 373.15 { continue }
        // What is left of the separator; zero where it is gone.
        guard let separator else { continue }
        let left =
          separatorLeft(node, cell, separator) + nodes.separatorAhead[node] - Self.separatorEnd
        if left < 0 {
          nodes.separatorGone[node] = 1
          failed += share
          // When in this step it went, counted from its start.
          let was = nodes.separatorWas[node]
          latest = max(latest, was > 0 ? was / (was - left) : 0)
        }
        nodes.separatorWas[node] = left
      }
      hottest = max(hottest, peak)
      peaks[cell] = max(peaks[cell], mean)
      shorted[cell] = min(1, failed)
      if failed >= Self.shortedShare, collapsedAt[cell] == .infinity {
        collapse(cell, before: step * (1 - latest))
      }
      if runawayAt[cell] == .infinity, selfHeat[cell] > Self.runawayRate * stored {
        // The heating is a mean of the step.
        runawayAt[cell] = time - step / 2
        note(.runaway, cell: cell, at: runawayAt[cell])
        heat.burn(cell)
      }
      selfHeat[cell] = 0
      // Below 60 °C no vent opens before runaway.
      let isBurning = runawayAt[cell] < .infinity
      if mean > 333.15 || isBurning { followPressure(cell, temperature: mean) }
      let carried = isBurning ? eject(cell) : (heat: 0, capacity: 0)
      releaseGas(cell, carried: carried)
    }
    highest = max(highest, hottest)
    if let limit = pack.contactorsOpenAt, contactorsOpenAt == .infinity, hottest > limit {
      contactorsOpenAt = time + pack.contactorDelay
    }
    if !isMolten, !heat.meltingNodes.isEmpty,
      heat.meltingNodes.allSatisfy({
        (heat.network.meltedFraction($0, enthalpy: enthalpy[$0]) ?? 0) >= 1
      })
    {
      isMolten = true
      note(.molten, cell: nil)
    }
  }

  /// Part of the separator at which it shorts (Feng et al. 2015, doi:10.1016/j.apenergy.2015.04.118).
  static var separatorEnd: Double { 0.025 }
  /// Part of the layers whose separator must be gone before the cell shorts: the outermost
  /// twentieth of a flat cell, so that the moment does not depend on the mesh. Assumed.
  static var shortedShare: Double { PackHeat.outerShare - 1e-9 }
  /// Self-heating that counts as runaway, in K/s (the 1 °C/s of GB 38031-2020, annex C.5.3.4).
  static var runawayRate: Double { 1 }

  func separatorLeft(_ node: Int, _ cell: Int, _ separator: Int) -> Double {
    var left = initial[cell * contentCount + separator]
    for i in 0..<reactions { left += separatorColumn[i] * nodes.extents[node * reactions + i] }
    return left
  }

  /// Lets the separator of a cell collapse, a time before now.
  mutating func collapse(_ cell: Int, before: Double = 0) {
    collapsedAt[cell] = time - before
    shortLead[cell] = before
    collapsed.append(cell)
    carriesNothing = false
    note(.separatorCollapse, cell: cell, at: collapsedAt[cell])
  }

  /// Throws out mass in step with the heat released since the start, and lets its jet warm the
  /// neighbours.
  ///
  /// - Returns: Heat that left the cell and its neighbours' reach, in joules, and the heat capacity of
  ///   what left, in J/K.
  mutating func eject(_ cell: Int) -> (heat: Double, capacity: Double) {
    let progress = max(0, min(1, releasedHeat[cell] / totalHeat[cell]))
    let target = pack.venting.ejectedMass * progress
    guard target > ejected[cell] + 1e-6 else { return (0, 0) }
    let share = (target - ejected[cell]) / (1 - ejected[cell])
    ejected[cell] = target
    var left = 0.0
    var lost = 0.0
    for node in heat.nodes(ofCell: cell) {
      lost += heat.network.capacity[node] * share
      left += enthalpy.withUnsafeMutableBufferPointer { buffer -> Double in
        guard let base = buffer.baseAddress else { return 0 }
        return heat.network.eject(node, share: share, state: base)
      }
    }
    let neighbours = adjacency[cell]
    let jet = neighbours.isEmpty ? 0 : left * pack.venting.jetShare
    for neighbour in neighbours {
      let range = heat.nodes(ofCell: neighbour)
      for node in range {
        enthalpy[node] +=
          jet * heat.shares[node - range.lowerBound] / Double(neighbours.count)
      }
    }
    if gasPath == nil { ledger.ejected += left - jet }
    return (left - jet, lost)
  }
}
