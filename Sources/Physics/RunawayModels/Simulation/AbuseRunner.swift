// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The loop of an abuse simulation over steps and events.

import NumericalMethods
import Quantities

/// The loop of an abuse simulation over steps and events.
struct AbuseRunner: ~Copyable {
  /// Why a segment ended.
  enum SegmentEnd { case duration, runaway, limit, over, failed }

  let simulation: AbuseSimulation
  var system: AbuseSystem
  var integrator: StiffIntegrator
  var result: AbuseResult
  var time = 0.0
  var hasFailed = false
  private let start: DoubleWorkspace
  private let before: DoubleWorkspace
  private var inside: [Double]
  private var vented: [Double]
  private var made: [Double]

  init(_ simulation: AbuseSimulation) {
    self.simulation = simulation
    let base = AbuseConditions(
      ambient: simulation.startTemperature, convection: simulation.convection)
    system = AbuseSystem(
      cell: simulation.cell, condition: simulation.condition, hotShare: simulation.test.hotShare,
      conditions: base, plating: simulation.test.plates || simulation.condition.platedLithium > 0)
    var options = StiffOptions(relativeTolerance: simulation.tolerance)
    options.highestOrder = 4
    integrator = StiffIntegrator(
      unknownCount: system.unknownCount, eventCount: system.eventCount, options: options)
    result = AbuseResult(test: simulation.test, cell: simulation.cell)
    start = DoubleWorkspace(count: system.unknownCount)
    before = DoubleWorkspace(count: system.unknownCount)
    inside = [Double](repeating: 0, count: GasSpecies.count)
    vented = inside
    inside[GasSpecies.inert.rawValue] = system.inertMoles
    made = inside
    system.fillInitial(start.base, temperature: simulation.startTemperature)
    for n in 0..<system.unknownCount { before.base[n] = start.base[n] }
  }

  /// Runs the segments of the test one after another.
  mutating func runSegments() {
    let base = system.conditions
    let total = simulation.duration ?? simulation.test.defaultDuration
    let segments = simulation.test.segments(cell: simulation.cell, base: base, duration: total)
    if case .oven(let temperature) = simulation.test, simulation.stopsAtVerdict {
      system.temperatureLimit = temperature + simulation.cell.runawayOvershoot
    }
    for (index, segment) in segments.enumerated() {
      let left = total - time
      guard left > 1e-6 else { break }
      let end = run(segment, for: min(left, segment.duration))
      if end == .failed { return }
      guard index + 1 < segments.count else { break }
      switch simulation.test {
      case .heater: note(.heaterOff)
      case .coolantFailure: note(.coolantOff)
      case .overcharge where end == .limit: note(.voltageLimit)
      default: break
      }
    }
  }

  /// Runs one segment.
  mutating func run(_ segment: AbuseSegment, for duration: Double) -> SegmentEnd {
    system.conditions = segment.conditions
    if let limit = segment.endTemperature { system.temperatureLimit = limit }
    system.voltageLimit = segment.voltageLimit
    defer {
      if segment.endTemperature != nil { system.temperatureLimit = .infinity }
      system.voltageLimit = nil
    }
    let end = time + duration
    guard begin(until: end) else { return .failed }
    while true {
      guard result.steps < simulation.stepLimit else { return fail() }
      let outcome = integrator.step(&system, until: end)
      switch outcome {
      case .failed: return fail()
      case .accepted: accept()
      case .reachedEnd:
        accept()
        return .duration
      case .event(let index):
        accept()
        guard let event = AbuseEventIndex(rawValue: index) else { return fail() }
        switch event {
        case .temperatureLimit, .voltageLimit: return .limit
        case .selfHeatingOver: return .over
        default: happen(event)
        }
        if event == .runaway, segment.endsAtRunaway { return .runaway }
        guard begin(until: end) else { return .failed }
      }
    }
  }

  private mutating func fail() -> SegmentEnd {
    hasFailed = true
    return .failed
  }

  private mutating func begin(until end: Double) -> Bool {
    guard
      integrator.start(&system, at: time, from: before.base, span: max(1e-6, min(end - time, 100)))
    else {
      hasFailed = true
      return false
    }
    return true
  }

  private mutating func happen(_ event: AbuseEventIndex) {
    system.silenced |= 1 << UInt32(event.rawValue)
    switch event {
    case .selfHeating: note(.selfHeating)
    case .runaway: note(.runaway)
    case .vent:
      note(.vent)
      system.isVented = true
    case .interrupt:
      note(.interrupt)
      system.isInterrupted = true
    case .burst: note(.burst)
    case .separator: note(.separatorCollapse)
    case .voltageLost: note(.voltageLost)
    case .voltageLimit, .temperatureLimit, .selfHeatingOver: break
    }
  }

  /// Notes an event at the present state.
  mutating func note(_ kind: AbuseEvent.Kind) {
    _ = system.evaluateAll(time: time, state: before.base, into: system.trialRates.base)
    let derived = system.derived
    result.events.append(
      AbuseEvent(
        kind: kind, time: time, temperature: derived.temperature, voltage: derived.voltage,
        pressure: derived.pressure))
  }

  /// Takes over an accepted state: gas by species, peaks, a record.
  private mutating func accept() {
    let state = integrator.state
    time = integrator.time
    result.steps += 1
    advanceGas(state)
    for n in 0..<system.unknownCount { before.base[n] = state[n] }
    guard system.evaluateAll(time: time, state: state, into: system.trialRates.base) else { return }
    let derived = system.derived
    result.peakTemperature = max(result.peakTemperature, derived.temperature)
    result.peakRate = max(result.peakRate, derived.temperatureRate)
    result.peakPressure = max(result.peakPressure, derived.pressure)
    guard simulation.records else { return }
    let solvent = GasSpecies.solvent.rawValue
    let total = made.reduce(0, +) - made[solvent] - made[GasSpecies.inert.rawValue]
    result.samples.append(
      AbuseSample(
        time: time, temperature: derived.temperature, hotTemperature: derived.hotTemperature,
        ambient: derived.ambient, temperatureRate: derived.temperatureRate,
        voltage: derived.voltage, stateOfCharge: derived.stateOfCharge,
        pressure: derived.pressure, gasMade: total, gasOut: vented.reduce(0, +),
        outflow: derived.outflow, ejected: state[system.place(.ejected)],
        reactionHeat: derived.reactionHeat, electricalHeat: derived.electricalHeat,
        loss: derived.loss, shortCurrent: derived.shortCurrent,
        separatorLeft: derived.separatorLeft))
    result.ventedOverTime += vented
  }

  /// Moves each gas by one step: made by extents, mixed, and out in the proportion of the mixture.
  private mutating func advanceGas(_ state: UnsafePointer<Double>) {
    let old = before.base
    let reactions = system.kernel.reactionCount
    let evaporated =
      (state[system.place(.evaporated)] - old[system.place(.evaporated)])
      / system.solventMolarMass
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
    let stays = state[system.place(.gas)] + state[system.place(.trapped)]
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

  /// Runs heat–wait–seek.
  mutating func runCalorimeter(_ program: CalorimeterProgram) {
    let limit = simulation.duration ?? simulation.test.defaultDuration
    var acting = system.conditions
    acting.isAdiabatic = true
    let capacity = simulation.cell.heatCapacity
    var target = max(program.start, simulation.startTemperature)
    system.silenced |= 1 << UInt32(AbuseEventIndex.selfHeating.rawValue)
    while time < limit {
      guard evaluated() else { return }
      let gap = target - system.derived.temperature
      if gap > 0 {
        // The first step may be long; it is heated at the same rate.
        let heating = program.heating * max(1, gap / program.step)
        acting.heaterPower = capacity * gap / heating
        let end = run(AbuseSegment(conditions: acting, duration: heating), for: heating)
        if end == .failed { return }
        acting.heaterPower = 0
      }
      if run(AbuseSegment(conditions: acting, duration: program.wait), for: program.wait) == .failed
      {
        return
      }
      guard evaluated() else { return }
      if system.derived.temperatureRate >= program.threshold {
        note(.exotherm)
        system.endRate = program.threshold
        let end = run(AbuseSegment(conditions: acting, duration: limit), for: max(1, limit - time))
        system.endRate = -.infinity
        if end == .failed { return }
        // Past runaway there is nothing left to seek.
        if result.event(.runaway) != nil { return }
      }
      guard evaluated() else { return }
      target = max(target, system.derived.temperature) + program.step
      if target > program.ceiling { return }
    }
  }

  private mutating func evaluated() -> Bool {
    if system.evaluateAll(time: time, state: before.base, into: system.trialRates.base) {
      return true
    }
    hasFailed = true
    return false
  }

  /// Sums up.
  consuming func finished() -> AbuseResult {
    let state = before.base
    result.gasMade = made
    result.gasInside = inside
    result.gasVented = vented
    result.ejectedMass = state[system.place(.ejected)]
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
