// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Gas by species over the steps of an abuse simulation, and its summary.

import NumericalMethods

extension AbuseRunner {
  /// Moves each gas by one step: made by extents, mixed, and out in the proportion of the mixture.
  mutating func advanceGas(_ state: UnsafePointer<Double>, _ next: Headspace) {
    let old = self.state.base
    let reactions = system.kernel.reactionCount
    let evaporated = (next.evaporated - gas.evaporated) / system.solventMolarMass
    var total = 0.0
    for species in 0..<GasSpecies.count {
      var added = species == GasSpecies.solvent.rawValue ? max(0, evaporated) : 0
      for zone in 0..<system.zoneCount {
        for i in 0..<reactions {
          let place = zone * system.blockSize + i
          added +=
            system.share(zone) * (state[place] - old[place])
            * system.gasTable[i * GasSpecies.count + species]
        }
      }
      // The last digits of a step may be negative.
      added = max(added, -inside[species])
      inside[species] += added
      made[species] += added
      total += inside[species]
    }
    guard total > 0 else { return }
    let stays = next.amount + next.trapped
    guard system.isVented else { return }
    if stays > total {
      // A cooling cell draws air in, counted as inert.
      inside[GasSpecies.inert.rawValue] += stays - total
      made[GasSpecies.inert.rawValue] += stays - total
      return
    }
    let left = max(0, stays / total)
    for species in 0..<GasSpecies.count {
      let stays = inside[species] * left
      vented[species] += inside[species] - stays
      inside[species] = stays
    }
  }

  /// Sums up.
  consuming func finished() -> AbuseResult {
    let state = self.state.base
    result.attempts = integrator.attempts
    result.gasMade = made
    result.gasInside = inside
    result.gasVented = vented
    result.ejectedMass = gas.ejected
    result.ventedMass = zip(GasSpecies.allCases, vented).reduce(0) { $0 + $1.0.molarMass * $1.1 }
    let reference = system.referenceTemperature
    var stored =
      -simulation.cell.heatCapacity * (simulation.startTemperature - reference)
    var reactions = 0.0
    for zone in 0..<system.zoneCount {
      let block = zone * system.blockSize
      stored += state[block + system.blockSize - 1]
      for i in 0..<system.kernel.reactionCount {
        reactions += system.share(zone) * system.kernel.heats[i] * state[block + i]
      }
    }
    result.energies = AbuseEnergies(
      reactions: reactions, electrical: state[system.place(.joule)],
      heater: state[system.place(.heater)], lost: state[system.place(.loss)],
      carried: state[system.place(.carried)], stored: stored)
    if let peak = result.samples.max(by: { $0.temperature < $1.temperature }) {
      result.events.append(
        AbuseEvent(
          kind: .peak, time: peak.time, temperature: peak.temperature, voltage: peak.voltage,
          pressure: peak.pressure))
      result.events.sort { $0.time < $1.time }
    }
    result.outcome = verdict()
    return result
  }

  private func verdict() -> AbuseOutcome {
    if hasFailed { return .unresolved }
    // A hot zone that reacts alone and is cooled by the rest is no runaway of the cell.
    var runsAway =
      result.event(.runaway).map { result.peakTemperature >= $0.temperature + 50 } ?? false
    if case .oven(let temperature) = simulation.test {
      let rounding = 1e-6
      runsAway =
        result.peakTemperature >= temperature + simulation.cell.runawayOvershoot - rounding
    }
    if runsAway { return result.event(.burst) != nil ? .rupture : .thermalRunaway }
    if result.event(.vent) != nil { return .vented }
    if result.event(.selfHeating) != nil || result.event(.exotherm) != nil { return .selfHeating }
    return .noReaction
  }
}
