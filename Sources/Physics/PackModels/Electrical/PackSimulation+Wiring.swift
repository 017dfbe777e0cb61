// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Currents through the wiring of a pack, and the charge that collapsed cells release.

import Foundation

extension PackSimulation {
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
      let emf = pack.cell.voltage(stateOfCharge: chargeLeft(cell))
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
        placed += own
        given += own
      } else {
        let emf = pack.cell.voltage(stateOfCharge: chargeLeft(cell))
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
        chargeTaken[cell] += stored * step / pack.cell.capacity
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
  mutating func releaseShorts(_ step: Double) {
    guard !collapsed.isEmpty else { return }
    var placed = 0.0
    for cell in collapsed { placed += releaseShort(cell, step) }
    ledger.electrical += placed * step
    collapsed.removeAll { isSpent[$0] }
  }

  /// State of charge that can still drive a current: what reactions have used up cannot.
  ///
  /// - Complexity: O(nodes of the cell · reactions) once it reacts.
  func chargeLeft(_ cell: Int) -> Double {
    let counted = stateOfCharge[cell]
    guard counted > 0, releasedHeat[cell] > 0.005 * totalHeat[cell], !lithiumColumn.isEmpty else {
      return counted
    }
    var used = 0.0
    let range = heat.nodes(ofCell: cell)
    for node in range {
      var sum = 0.0
      for i in 0..<reactions { sum += lithiumColumn[i] * nodes.extents[node * reactions + i] }
      used += sum * heat.shares[node - range.lowerBound]
    }
    return max(0, counted - max(0, used) * pack.cell.capacity / capacity[cell])
  }

  /// Releases the own charge of a collapsed cell over a step, as heat.
  ///
  /// The contact through which it flows grows with the layers whose separator is gone: its resistance
  /// is that of a cell without any separator over their share `f`. The heat is shared between those
  /// layers and the whole cell as this resistance and the cell's own: `I²R_s` there and `I²R_cell`
  /// everywhere. A cell that is heated from one side therefore burns through from it: up to 792 K between
  /// two sides were measured in propagation tests (Feng et al. 2015, doi:10.1016/j.jpowsour.2014.11.017).
  /// Nothing flows that reactions have used up, nor more than the contact's share; both as in the abuse
  /// tests.
  ///
  /// - Returns: The heat, in watts.
  private mutating func releaseShort(_ cell: Int, _ step: Double) -> Double {
    let part = shorted[cell]
    guard step > 0, part > 0, !isSpent[cell] else { return 0 }
    let before = chargeLeft(cell)
    let allowed = pack.cell.shortShare * firstCharge[cell] - shortPassed[cell]
    let most = min(before, allowed)
    guard most > 1e-6 else {
      isSpent[cell] = true
      return 0
    }
    let volts = pack.cell.voltage(stateOfCharge: before)
    // Larger cells of one kind have larger contacts.
    let contact = pack.cell.shortResistance * pack.cell.capacity / capacity[cell]
    // The short began within the last step: the time since then is made up for.
    let passed = min(most, (step + shortLead[cell]) * part * volts / (contact * capacity[cell]))
    shortLead[cell] = 0
    stateOfCharge[cell] -= passed
    shortPassed[cell] += passed
    if pack.cell.shortTakesReactants {
      chargeTaken[cell] += passed * capacity[cell] / pack.cell.capacity
    }
    let energy =
      pack.cell.energy(stateOfCharge: before) - pack.cell.energy(stateOfCharge: before - passed)
    let power = energy * (capacity[cell] / pack.cell.capacity) / step
    let local = contact / (contact + part * resistance[cell])
    let range = heat.nodes(ofCell: cell)
    for node in range {
      let here = nodes.separatorGone[node] > 0 ? 1 - local + local / part : 1 - local
      heat.network.source[node] += power * here * heat.shares[node - range.lowerBound]
    }
    selfHeat[cell] += power
    return power
  }
}
