// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One step of a propagation run: currents, triggers, reactions, conduction, events.

import Foundation
import NumericalMethods
import RunawayModels

extension PackSimulation {
  /// Advances by one step.
  ///
  /// - Parameter step: In seconds.
  /// - Returns: Fastest change of temperature of any cell node, in K/s.
  mutating func advance(_ step: Double) -> Double {
    heat.network.source.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    applyTrigger(step)
    solveWiring(step)
    react(step)
    prepareGas(step)

    before.withUnsafeMutableBufferPointer { target in
      enthalpy.withUnsafeBufferPointer { source in _ = target.update(from: source) }
    }
    var done = 0.0
    var halvings = 0
    while done < step * (1 - 1e-12) {
      // Long steps through thin layers are cut so that the stages suffice.
      let radius = enthalpy.withUnsafeBufferPointer { buffer -> Double in
        guard let base = buffer.baseAddress else { return 0 }
        return heat.network.spectralRadius(base)
      }
      var part = min(
        step - done, StabilizedDiffusionStepper.longestStep(spectralRadius: radius))
      // The bound may have been renewed since: then the part is halved.
      for _ in 0..<halvings { part /= 2 }
      let isDone = enthalpy.withUnsafeMutableBufferPointer { buffer -> Bool in
        guard let base = buffer.baseAddress else { return false }
        return stepper.advance(&heat.network, time: time + done, step: part, state: base)
      }
      halvings = isDone ? 0 : halvings + 1
      if isDone { done += part }
      guard halvings < 60 else { break }
    }
    time += step
    steps += 1
    var fastest = 0.0
    let capacities = heat.network.capacity
    let flow = nodes.flow
    let released = nodes.released
    for node in 0..<nodes.count {
      let change = enthalpy[node] - before[node]
      // What flowed in from the network, without what this node's own reactions gave.
      flow[node] = (change - released[node]) / step
      fastest = max(fastest, abs(change) / capacities[node] / step)
    }
    enthalpy.withUnsafeBufferPointer { buffer in
      if let base = buffer.baseAddress { heat.network.updateTemperatures(base) }
    }
    let given = (0..<compartmentCount).map { k -> Double in
      let sink = heat.network.nodeCount + ThermalNetwork.Sink.compartment(k).rawValue
      return enthalpy[sink] - before[sink]
    }
    watch(step)
    moveGas(step, given: given)
    return fastest
  }

  /// Heater power, failed coolant, opened contactors.
  private mutating func applyTrigger(_ step: Double) {
    let trigger = pack.trigger
    let air = ThermalNetwork.Sink.ambient.rawValue
    let coolant = ThermalNetwork.Sink.coolant.rawValue
    let fails =
      trigger.kind == .coolantLoss
      ? min(trigger.start, pack.cooling.failsAt ?? .infinity) : pack.cooling.failsAt ?? .infinity
    if time >= fails, !coolantHasFailed {
      coolantHasFailed = true
      note(.coolantFailed, cell: nil)
    }
    let isOven = trigger.kind == .oven && time >= trigger.start
    heat.network.sinkStrength[coolant] =
      coolantHasFailed ? 0 : max(0, min(1, control.coolantFlow))
    heat.network.sinkTemperature[coolant] =
      control.coolantTemperature ?? pack.cooling.coolantTemperature
    heat.network.sinkTemperature[air] =
      control.ambientTemperature ?? (isOven ? trigger.ovenTemperature : pack.temperature)
    if trigger.kind != .none, !isTriggered, time >= trigger.start {
      isTriggered = true
      note(.triggered, cell: triggerCell)
    }
    heaterIsOn =
      trigger.kind == .heater && time >= trigger.start
      && time < trigger.start + trigger.longest && runawayAt[triggerCell] == .infinity
    if heaterIsOn {
      let nodes = heat.nodes(ofCell: triggerCell)
      // The patch sits on the first face.
      heat.network.source[nodes.lowerBound] += trigger.power
      ledger.trigger += trigger.power * step
    }
    if trigger.kind == .nail, time >= trigger.start, collapsedAt[triggerCell] == .infinity {
      collapse(triggerCell)
    }
    if !contactorsOpen, time >= contactorsOpenAt {
      contactorsOpen = true
      note(.contactorsOpened, cell: nil)
    }
  }

  /// Currents through the wiring, and the heat they leave in the cells.
  mutating func solveWiring(_ step: Double) {
    let trigger = pack.trigger
    var shortConductance = 0.0
    if trigger.kind == .internalShort, time >= trigger.start,
      collapsedAt[triggerCell] == .infinity
    {
      shortConductance = 1 / trigger.shortResistance(after: time - trigger.start)
    }
    var load = contactorsAreClosed ? control.load ?? pack.load : .open
    if trigger.kind == .externalShort, time >= trigger.start, contactorsAreClosed {
      load = .resistance(trigger.finalResistance)
    }
    let lasts = time >= trigger.start && time < trigger.start + trigger.longest
    if lasts, contactorsAreClosed, !hasRunaway {
      if trigger.kind == .overcharge { load = .current(-trigger.current) }
      if trigger.kind == .overdischarge { load = .current(trigger.current) }
    }
    if carriesNothing, load == .open, shortConductance == 0 { return releaseShorts(step) }
    for cell in 0..<cellCount {
      let r = resistance[cell]
      if collapsedAt[cell] < .infinity {
        // The inside is one short: siblings see no voltage behind the cell's resistance.
        sourceVoltage[cell] = 0
        sourceResistance[cell] = isOpen[cell] ? .infinity : r
        continue
      }
      let emf = pack.cell.voltage(stateOfCharge: stateOfCharge[cell])
      let g = cell == triggerCell ? shortConductance : 0
      sourceVoltage[cell] = emf / (1 + g * r)
      sourceResistance[cell] = isOpen[cell] ? .infinity : r / (1 + g * r)
    }
    terminal = tree.solve(
      load: load, sourceVoltage: sourceVoltage, sourceResistance: sourceResistance,
      cellCurrent: &current)
    var given = 0.0
    var placed = 0.0
    for cell in 0..<cellCount {
      let range = heat.nodes(ofCell: cell)
      var dissipated = 0.0
      let i = current[cell]
      if collapsedAt[cell] < .infinity {
        dissipated = isOpen[cell] ? 0 : i * i * resistance[cell]
        let own = releaseShort(cell, step)
        dissipated += own
        given += own
        selfHeat[cell] += own
      } else {
        let emf = pack.cell.voltage(stateOfCharge: stateOfCharge[cell])
        let across = isOpen[cell] ? emf : sourceVoltage[cell] - i * sourceResistance[cell]
        let g = cell == triggerCell ? shortConductance : 0
        let total = i + (isOpen[cell] ? sourceVoltage[cell] : across) * g
        let shortHeat = g > 0 ? (total - i) * (total - i) / g : 0
        dissipated = total * total * resistance[cell] + shortHeat
        given += emf * total
        let (lost, stored) = surplus(cell, current: total, voltage: emf)
        dissipated += lost
        given += lost
        let wasCharged = stateOfCharge[cell] > 0
        stateOfCharge[cell] -= stored * step / capacity[cell]
        chargeTaken[cell] += stored * step / capacity[cell]
        if stateOfCharge[cell] > Self.platingCharge { plate(cell) }
        if wasCharged, stateOfCharge[cell] <= 0 { note(.empty, cell: cell) }
      }
      let joint = i * i * tree.joint(ofCell: cell)
      dissipated += joint
      placed += dissipated
      guard dissipated != 0 else { continue }
      for node in range {
        heat.network.source[node] += dissipated * heat.shares[node - range.lowerBound]
      }
      if let fuse = pack.fuse, !isOpen[cell] {
        fuseState[cell] = fuse.state(after: step, from: fuseState[cell], current: i)
        if fuse.isMelted(fuseState[cell]) {
          isOpen[cell] = true
          hasMelted[cell] = true
          note(.fuse, cell: cell)
        }
      }
    }
    // Busbars between groups: their loss warms all cells alike.
    let busbars = given - placed - terminal.current * terminal.voltage
    if abs(busbars) > 1e-12 {
      let per = heat.nodesPerCell
      for node in 0..<cellCount * per {
        heat.network.source[node] += busbars * heat.shares[node % per] / Double(cellCount)
      }
      placed += busbars
    }
    ledger.electrical += placed * step
    carriesNothing = load == .open && shortConductance == 0 && current.allSatisfy { abs($0) < 1e-9 }
  }

  /// What of ``solveWiring(_:)`` remains while no current flows anywhere: collapsed cells release
  /// their own charge.
  private mutating func releaseShorts(_ step: Double) {
    guard !collapsed.isEmpty else { return }
    var placed = 0.0
    for cell in collapsed {
      let own = releaseShort(cell, step)
      guard own != 0 else { continue }
      placed += own
      selfHeat[cell] += own
      let range = heat.nodes(ofCell: cell)
      for node in range {
        heat.network.source[node] += own * heat.shares[node - range.lowerBound]
      }
    }
    ledger.electrical += placed * step
    collapsed.removeAll { stateOfCharge[$0] <= 1e-6 }
  }

  /// Heat of a collapsed cell's own charge over a step, in watts.
  private mutating func releaseShort(_ cell: Int, _ step: Double) -> Double {
    guard step > 0 else { return 0 }
    let before = max(0, stateOfCharge[cell])
    guard before > 1e-6 else { return 0 }
    // The short began within the last step: the time since then is made up for.
    let after = before * exp(-(step + shortLead[cell]) / pack.cell.shortTime)
    shortLead[cell] = 0
    stateOfCharge[cell] = after
    let energy = pack.cell.energy(stateOfCharge: before) - pack.cell.energy(stateOfCharge: after)
    return energy * (capacity[cell] / pack.cell.capacity) * pack.cell.shortShare / step
  }

  /// Lets every node react under the flow the network last gave it.
  ///
  /// A node that changes slowly reacts for several steps of the network at once, and gives its heat
  /// evenly over them: `kineticTime` says up to when it has reacted, `owed` what it has yet to give.
  private mutating func react(_ step: Double) {
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

  /// Collapse, runaway, ejecta, contactors, melting.
  private mutating func watch(_ step: Double) {
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
        // No separator shrinks below 100 °C.
        if t < 373.15 || collapsedAt[cell] < .infinity { continue }
        // What is left of the separator, or kelvins to its end; zero where it is gone.
        let left =
          separator.map {
            separatorLeft(node, cell, $0) + nodes.separatorAhead[node] - Self.separatorEnd
          } ?? pack.cell.collapseTemperature - t
        if left < 0 {
          failed += share
          // When in this step it went, counted from its start.
          let was = nodes.separatorWas[node]
          latest = max(latest, was > 0 ? was / (was - left) : 0)
        }
        nodes.separatorWas[node] = left
      }
      hottest = max(hottest, peak)
      peaks[cell] = max(peaks[cell], mean)
      if failed >= Self.shortedShare, collapsedAt[cell] == .infinity {
        collapse(cell, before: step * (1 - latest))
      }
      if runawayAt[cell] == .infinity, selfHeat[cell] > Self.runawayRate * stored {
        // The heating is a mean of the step.
        runawayAt[cell] = time - step / 2
        note(.runaway, cell: cell, at: runawayAt[cell])
      }
      selfHeat[cell] = 0
      // Below 60 °C no vent opens.
      if mean > 333.15 { followPressure(cell, temperature: mean) }
      let carried = runawayAt[cell] < .infinity ? eject(cell) : 0
      releaseGas(cell, carried: carried)
    }
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

  private func separatorLeft(_ node: Int, _ cell: Int, _ separator: Int) -> Double {
    var left = initial[cell * contentCount + separator]
    for i in 0..<reactions { left += separatorColumn[i] * nodes.extents[node * reactions + i] }
    return left
  }

  /// Lets the separator of a cell collapse, a time before now.
  private mutating func collapse(_ cell: Int, before: Double = 0) {
    collapsedAt[cell] = time - before
    shortLead[cell] = before
    collapsed.append(cell)
    carriesNothing = false
    note(.separatorCollapse, cell: cell, at: collapsedAt[cell])
  }

  /// Throws out mass in step with the heat released since the start, and lets its jet warm the
  /// neighbours.
  ///
  /// - Returns: Heat that left the cell and its neighbours' reach, in joules.
  private mutating func eject(_ cell: Int) -> Double {
    let progress = max(0, min(1, releasedHeat[cell] / totalHeat[cell]))
    let target = pack.venting.ejectedMass * progress
    guard target > ejected[cell] + 1e-6 else { return 0 }
    let share = (target - ejected[cell]) / (1 - ejected[cell])
    ejected[cell] = target
    var left = 0.0
    for node in heat.nodes(ofCell: cell) {
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
    return left - jet
  }
}
