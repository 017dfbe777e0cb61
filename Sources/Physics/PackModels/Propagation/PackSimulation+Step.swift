// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One step of a propagation run: trigger, currents, reactions, conduction, gas, events.

import NumericalMethods

extension PackSimulation {
  /// Advances by one step.
  ///
  /// - Parameter step: In seconds.
  /// - Returns: Fastest change of temperature of any cell node, in K/s.
  mutating func advance(_ step: Double) -> Double {
    heat.network.source.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    applyTrigger(step)
    solveWiring(step)
    burnGas(step)
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
      switch trigger.heaterPlace {
      case .face: heat.network.source[nodes.lowerBound] += trigger.power
      case .faces:
        heat.network.source[nodes.lowerBound] += trigger.power / 2
        heat.network.source[nodes.upperBound - 1] += trigger.power / 2
      case .sides:
        for node in nodes {
          heat.network.source[node] += trigger.power * heat.shares[node - nodes.lowerBound]
        }
      }
      ledger.trigger += trigger.power * step
    }
    if trigger.kind == .nail, time >= trigger.start, collapsedAt[triggerCell] == .infinity {
      // A nail goes through all layers.
      for node in heat.nodes(ofCell: triggerCell) { nodes.separatorGone[node] = 1 }
      shorted[triggerCell] = 1
      collapse(triggerCell)
    }
    if !contactorsOpen, time >= contactorsOpenAt {
      contactorsOpen = true
      note(.contactorsOpened, cell: nil)
    }
  }
}
