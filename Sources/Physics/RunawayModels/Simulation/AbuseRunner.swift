// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The loop of an abuse simulation over steps and events.

import NumericalMethods
import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The loop of an abuse simulation over steps and events.
struct AbuseRunner: ~Copyable {
  /// Why a segment ended.
  enum SegmentEnd { case duration, runaway, limit, over, failed }

  let simulation: AbuseSimulation
  var system: AbuseSystem
  var integrator: LinearlyImplicitIntegrator
  var result: AbuseResult
  var time = 0.0
  var hasFailed = false
  /// Gas at the state and at a trial, where it does not act back.
  var gas: Headspace
  private var trialGas: Headspace
  /// Integral of the squared current of a contact at the state and at a trial, in A²·s, and that
  /// current at the state.
  private var action = 0.0
  private var trialAction = 0.0
  private var contactCurrent = 0.0
  /// State, in which ``system`` has been linearized.
  let state: DoubleWorkspace
  private let rates: DoubleWorkspace
  private let trialRates: DoubleWorkspace
  /// Functions of the events at the state, at a trial, and at both ends of a search.
  private let values: DoubleWorkspace
  private let trialValues: DoubleWorkspace
  private let lowValues: DoubleWorkspace
  private let highValues: DoubleWorkspace
  /// Length of the next step, in seconds.
  private var step = 1.0
  private let longestStep: Double
  var inside: [Double]
  var vented: [Double]
  var made: [Double]

  init(_ simulation: AbuseSimulation) {
    self.simulation = simulation
    let base = AbuseConditions(
      ambient: simulation.startTemperature, convection: simulation.convection)
    system = AbuseSystem(
      cell: simulation.cell, condition: simulation.condition, hotShare: simulation.test.hotShare,
      conditions: base, plating: simulation.test.plates || simulation.condition.platedLithium > 0,
      tolerance: simulation.tolerance)
    gas = system.initialHeadspace(temperature: simulation.startTemperature)
    trialGas = gas
    let count = system.unknownCount
    integrator = LinearlyImplicitIntegrator(unknownCount: count)
    result = AbuseResult(test: simulation.test, cell: simulation.cell)
    state = DoubleWorkspace(count: count)
    rates = DoubleWorkspace(count: count)
    trialRates = DoubleWorkspace(count: count)
    values = DoubleWorkspace(count: AbuseEventIndex.count)
    trialValues = DoubleWorkspace(count: AbuseEventIndex.count)
    lowValues = DoubleWorkspace(count: AbuseEventIndex.count)
    highValues = DoubleWorkspace(count: AbuseEventIndex.count)
    longestStep = max(60, (simulation.duration ?? simulation.test.defaultDuration) / 20)
    inside = [Double](repeating: 0, count: GasSpecies.count)
    vented = inside
    inside[GasSpecies.inert.rawValue] = system.inertMoles
    made = inside
    if simulation.records {
      result.samples.reserveCapacity(512)
      result.ventedOverTime.reserveCapacity(512 * GasSpecies.count)
    }
    system.fillInitial(state.base, temperature: simulation.startTemperature)
    // What is beyond its limit from the start happens at once, but an empty cell has no voltage to
    // lose.
    for event in 0..<AbuseEventIndex.count { values.base[event] = 1 }
    if refresh() {
      let lost = AbuseEventIndex.voltageLost.rawValue
      values.base[lost] = trialValues.base[lost]
      record()
    }
  }

  /// Runs the segments of the test one after another.
  mutating func runSegments() {
    let base = system.conditions
    let total = simulation.duration ?? simulation.test.defaultDuration
    let segments = simulation.test.segments(cell: simulation.cell, base: base, duration: total)
    if case .oven(let temperature) = simulation.test, simulation.stopsAtVerdict {
      system.temperatureLimit = temperature + simulation.cell.runawayOvershoot
    }
    for (index, part) in segments.enumerated() {
      var segment = part
      if simulation.contactBurnOff.isFinite {
        segment.conditions.short?.burnOff = simulation.contactBurnOff
      }
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
    guard refresh() else { return fail() }
    if let over = settle(segment) { return over }
    var rejections = 0
    var pace = StepPace()
    while end - time > 1e-12 * end {
      guard result.steps < simulation.stepLimit, rejections < 200 else { return fail() }
      let stop = min(end, system.conditions.nextBreak(after: time))
      let last = stop.nextDown
      let left = stop - time
      step = min(step, longestStep)
      // Two equal steps to the end rather than a long and a tiny one.
      let taken = step >= 0.999 * left ? left : step > 0.5 * left ? 0.5 * left : step
      let next = taken == left ? stop : time + taken
      let norm = integrator.attempt(
        &system, time: time, state: state.base, rates: rates.base, step: taken, last: last)
      guard norm <= 1 else {
        rejections += 1
        step = taken * (norm.isFinite ? max(0.1, 0.8 / cbrt(norm)) : 0.1)
        guard step > 1e-13 * max(1, time) else { return fail() }
        continue
      }
      let grown = pace.growth(norm: norm, step: taken, isRetry: rejections > 0)
      guard lookAhead(at: next) else {
        // The rates are not defined at the end of the step.
        rejections += 1
        step = 0.25 * taken
        guard step > 1e-13 * max(1, time), refresh() else { return fail() }
        continue
      }
      rejections = 0
      if hasCrossing(), next < stop || isContinuous(at: stop) {
        guard refreshStart(), let found = locate(within: taken, last: last),
          lookAhead(at: time + found)
        else { return fail() }
        accept(at: time + found)
        step = max(taken - found, 0.1 * taken)
      } else {
        accept(at: next)
        step = max(step, taken * grown)
        if grown < 1 { step = taken * grown }
      }
      if let over = settle(segment) { return over }
    }
    return .duration
  }

  private mutating func fail() -> SegmentEnd {
    hasFailed = true
    return .failed
  }

  /// Linearizes at the present state and writes the functions of the events to trial values.
  private mutating func refresh() -> Bool {
    guard refreshStart() else { return false }
    if !system.couplesGas { system.show(gas) }
    contactCurrent = system.derived.contactCurrent
    showBurnOff(action)
    system.fillEvents(trialValues.base)
    return true
  }

  private mutating func refreshStart() -> Bool {
    system.linearize(time: time, state: state.base, into: rates.base)
  }

  /// Linearizes at the end of the step just tried.
  private mutating func lookAhead(at next: Double) -> Bool {
    guard system.linearize(time: next, state: integrator.result, into: trialRates.base) else {
      return false
    }
    advance(next - time)
    system.fillEvents(trialValues.base)
    return true
  }

  /// Writes what is left of a contact's melting integral.
  private mutating func showBurnOff(_ action: Double) {
    guard let short = system.conditions.short, !short.isBurnt else {
      system.derived.burnOffLeft = 1
      return
    }
    system.derived.burnOffLeft = short.burnOff - action
  }

  /// Moves what follows from a step to its end: gas that does not act back, and how far a contact is
  /// from melting.
  private mutating func advance(_ duration: Double) {
    let current = system.derived.contactCurrent
    // Exact for a current that changes evenly.
    trialAction =
      action
      + duration * (contactCurrent * contactCurrent + contactCurrent * current + current * current)
      / 3
    showBurnOff(trialAction)
    guard !system.couplesGas else { return }
    trialGas = system.advanced(
      gas, from: state.base, to: integrator.result, duration: duration)
    system.show(trialGas)
  }

  /// Whether an event happens between the present state and the trial values.
  private func hasCrossing() -> Bool {
    for event in 0..<AbuseEventIndex.count
    where values.base[event] > 0 && trialValues.base[event] <= 0 { return true }
    return false
  }

  /// Whether nothing jumps at a time.
  private func isContinuous(at time: Double) -> Bool {
    system.conditions.nextBreak(after: time.nextDown) > time
  }

  /// Finds the first event inside the step just tried, by shorter steps from its start; the last
  /// attempt ends just past it.
  ///
  /// - Returns: Length of the step that ends there, in seconds; nil where a step failed.
  private mutating func locate(within length: Double, last: Double) -> Double? {
    let count = AbuseEventIndex.count
    var low = 0.0
    var high = length
    var tried = length
    for event in 0..<count {
      lowValues.base[event] = values.base[event]
      highValues.base[event] = trialValues.base[event]
    }
    let tolerance = 1e-6 * max(1e-3, time + length)
    var run = 0
    for iteration in 0..<80 where high - low > tolerance {
      var guess = high
      for event in 0..<count where lowValues.base[event] > 0 && highValues.base[event] <= 0 {
        let share = lowValues.base[event] / (lowValues.base[event] - highValues.base[event])
        guess = min(guess, low + (high - low) * share)
      }
      if iteration % 6 == 5 { guess = 0.5 * (low + high) }
      let margin = min(0.5 * tolerance, 0.1 * (high - low))
      guess = max(low + margin, min(high - margin, guess))
      tried = guess
      guard attempt(guess, last: last),
        system.evaluate(time: time + guess, state: integrator.result, into: trialRates.base)
      else { return nil }
      advance(guess)
      system.fillEvents(trialValues.base)
      let isBeyond = hasCrossing()
      // Illinois: an end that stays pulls less.
      for event in 0..<count {
        if isBeyond {
          highValues.base[event] = trialValues.base[event]
          if run > 0, lowValues.base[event] > 0 { lowValues.base[event] *= 0.5 }
        } else {
          lowValues.base[event] = trialValues.base[event]
          if run < 0, highValues.base[event] <= 0 { highValues.base[event] *= 0.5 }
        }
      }
      if isBeyond {
        high = guess
        run = max(1, run + 1)
      } else {
        low = guess
        run = min(-1, run - 1)
      }
    }
    if tried != high {
      guard attempt(high, last: last) else { return nil }
    }
    return high
  }

  private mutating func attempt(_ length: Double, last: Double) -> Bool {
    integrator.attempt(
      &system, time: time, state: state.base, rates: rates.base, step: length, last: last
    ).isFinite
  }

  /// Makes everything happen that is due at the present state, in which the system is linearized.
  private mutating func settle(_ segment: AbuseSegment) -> SegmentEnd? {
    for _ in 0...AbuseEventIndex.count {
      var due: UInt32 = 0
      for event in AbuseEventIndex.allCases {
        let value = trialValues.base[event.rawValue]
        if value <= 0, event.isLimit || values.base[event.rawValue] > 0 {
          due |= 1 << UInt32(event.rawValue)
        }
        values.base[event.rawValue] = value
      }
      guard due != 0 else { return nil }
      for event in AbuseEventIndex.allCases where due & (1 << UInt32(event.rawValue)) != 0 {
        switch event {
        case .temperatureLimit, .voltageLimit: return .limit
        case .selfHeatingOver: return .over
        default: happen(event)
        }
        if event == .runaway, segment.endsAtRunaway { return .runaway }
      }
      guard refresh() else { return fail() }
    }
    return nil
  }

  private mutating func happen(_ event: AbuseEventIndex) {
    system.silenced |= 1 << UInt32(event.rawValue)
    switch event {
    case .selfHeating: note(.selfHeating)
    case .runaway: note(.runaway)
    case .vent:
      note(.vent)
      system.isVented = true
      if system.couplesGas { step = min(step, 1e-3) }
    case .interrupt:
      note(.interrupt)
      system.isInterrupted = true
    case .burst: note(.burst)
    case .separator: note(.separatorCollapse)
    case .voltageLost: note(.voltageLost)
    case .contactBurnt:
      note(.contactBurnt)
      system.conditions.short?.isBurnt = true
    case .voltageLimit, .temperatureLimit, .selfHeatingOver: break
    }
  }

  /// Notes an event at the present state.
  mutating func note(_ kind: AbuseEvent.Kind) {
    let derived = system.derived
    result.events.append(
      AbuseEvent(
        kind: kind, time: time, temperature: derived.temperature, voltage: derived.voltage,
        pressure: derived.pressure))
  }

  /// Takes over the state of the last attempt, in which the system is linearized.
  private mutating func accept(at next: Double) {
    let found = integrator.result
    time = next
    result.steps += 1
    let next = system.couplesGas ? system.headspace(found) : trialGas
    advanceGas(found, next)
    gas = next
    action = trialAction
    contactCurrent = system.derived.contactCurrent
    for n in 0..<system.unknownCount {
      state.base[n] = found[n]
      rates.base[n] = trialRates.base[n]
    }
    record()
  }

  /// Takes peaks and a record of what was derived last.
  private mutating func record() {
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
        outflow: derived.outflow, ejected: gas.ejected,
        reactionHeat: derived.reactionHeat, electricalHeat: derived.electricalHeat,
        loss: derived.loss, shortCurrent: derived.shortCurrent,
        separatorLeft: derived.separatorLeft))
    result.ventedOverTime += vented
  }
}
