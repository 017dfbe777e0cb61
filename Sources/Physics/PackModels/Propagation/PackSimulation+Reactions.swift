// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reactions of every node over one step of the network, and nodes that sleep.

import RunawayModels

extension PackSimulation {
  /// Lets every node react under the flow the network last gave it.
  ///
  /// A node that changes slowly reacts for several steps of the network at once, and gives its heat
  /// evenly over them: `kineticTime` says up to when it has reacted, `owed` what it has yet to give.
  mutating func react(_ step: Double) {
    let end = time + step
    let (kineticTime, owed, released) = (nodes.kineticTime, nodes.owed, nodes.released)
    let (flow, lastSource) = (nodes.flow, nodes.lastSource)
    let (asleepBelow, asleepAbove) = (nodes.asleepBelow, nodes.asleepAbove)
    let (reactionPower, separatorAhead) = (nodes.reactionPower, nodes.separatorAhead)
    for cell in 0..<cellCount {
      var sum = 0.0
      let range = heat.nodes(ofCell: cell)
      for node in range {
        let remaining = kineticTime[node] - time
        if remaining > step * (1 - 1e-9) {
          let part = min(1, step / remaining)
          let given = owed[node] * part
          owed[node] -= given
          separatorAhead[node] *= 1 - part
          released[node] = given
          sum += given
          continue
        }
        // What is owed is given now, and the time since then is made up for.
        released[node] = owed[node]
        owed[node] = 0
        separatorAhead[node] = 0
        let temperature = heat.network.temperature[node]
        let power = flow[node] + heat.network.source[node] - lastSource[node]
        let capacity = heat.network.capacity[node]
        let share = heat.shares[node - range.lowerBound] * heatFactor[cell]
        let highest = temperature + max(0, power) * step / capacity
        let sleeps =
          temperature < Self.coldest
          || highest < asleepBelow[node] && temperature > asleepAbove[node]
          || abs(reactionPower[node]) < Self.quietHeating * capacity
            && fallsAsleep(node, cell, temperature, highest, share / capacity)
        if sleeps {
          kineticTime[node] = end
          sum += released[node]
          continue
        }
        let reacting = abs(reactionPower[node]) / capacity
        let warming = abs(power + reactionPower[node]) / capacity
        let held = max(
          step,
          min(
            stepping.longestHold, stepping.heldReaction / max(reacting, 1e-9),
            stepping.heldWarming / max(warming, 1e-9)))
        let duration = time + held - kineticTime[node]
        let separatorBefore = separator.map { separatorLeft(node, cell, $0) } ?? 0
        let whole = initial.withUnsafeBufferPointer { initial -> Double in
          guard let contents = initial.baseAddress else { return 0 }
          return kinetics.advance(
            extents: nodes.extents + node * reactions, initial: contents + cell * contentCount,
            charge: chargeTaken[cell], temperature: temperature, capacity: capacity, power: power,
            duration: duration, share: share, isBurning: reacting > 0.5,
            step: &nodes.smallStep[node])
        }
        reactionPower[node] = whole / duration
        kineticTime[node] = time + held
        let later = held > step ? (held - step) / duration : 0
        let given = whole * (1 - later)
        owed[node] = whole - given
        if let separator {
          separatorAhead[node] = later * (separatorBefore - separatorLeft(node, cell, separator))
        }
        released[node] += given
        sum += released[node]
      }
      releasedHeat[cell] += sum
      ledger.chemical += sum
      selfHeat[cell] += sum / step
    }
    for node in 0..<cellCount * heat.nodesPerCell {
      lastSource[node] = heat.network.source[node]
      heat.network.source[node] += released[node] / step
    }
  }

  /// Lets a node sleep while no reaction can matter: its rates and heat at the ends of a range of
  /// temperature are too small to be seen within hours, so nothing is evaluated until it leaves it.
  ///
  /// - Parameters:
  ///   - node: The node.
  ///   - cell: Its cell.
  ///   - temperature: Now, in kelvin.
  ///   - end: At the end of the step, in kelvin.
  ///   - factor: Share of the cell in the node over its heat capacity, in K/J.
  /// - Returns: Whether it sleeps.
  private mutating func fallsAsleep(
    _ node: Int, _ cell: Int, _ temperature: Double, _ end: Double, _ factor: Double
  ) -> Bool {
    let high = end + 10
    for bound in 0..<2 {
      let heating = pack.cell.kinetics.fastest(
        temperature: bound == 0 ? temperature : high, extents: nodes.extents, node: node,
        initial: initial, cell: cell, charge: chargeTaken[cell],
        contents: &sleepContents, rates: &sleepRates)
      guard heating.heat * factor < Self.quietHeating, heating.rate < Self.quietRate else {
        return false
      }
    }
    nodes.asleepBelow[node] = high
    nodes.asleepAbove[node] = temperature - 60
    return true
  }

  /// Heating that is not seen: a tenth of a kelvin in an hour and a half.
  static var quietHeating: Double { 2e-5 }
  /// Rate of an extent that is not seen, in 1/s.
  static var quietRate: Double { 1e-6 }

  /// Below 40 °C no set of reactions has a rate that matters within hours.
  static var coldest: Double { 313.15 }
}
