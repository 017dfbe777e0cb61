// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A cell model that follows a profile, and one step of an experiment whatever it imposes.

import NumericalMethods

/// A cell model whose control moves along a straight line of time.
///
/// Sets the control of the model before each evaluation, so that no model needs to know of time.
struct RampedModel<Base: ElectrochemicalModel & ~Copyable>: StiffSystem, ~Copyable {
  let base: UnsafeMutablePointer<Base>
  let kind: DriveProfile.Kind
  let first: Double
  let slope: Double

  var unknownCount: Int { base.pointee.unknownCount }
  var eventCount: Int { base.pointee.eventCount }
  var refreshesMatrixEveryIteration: Bool { base.pointee.refreshesMatrixEveryIteration }

  func fillMass(_ mass: UnsafeMutablePointer<Double>) { base.pointee.fillMass(mass) }

  func fillAbsoluteTolerances(
    _ tolerances: UnsafeMutablePointer<Double>, relativeTolerance: Double
  ) {
    base.pointee.fillAbsoluteTolerances(tolerances, relativeTolerance: relativeTolerance)
  }

  func adjustRelativeTolerances(_ tolerances: UnsafeMutablePointer<Double>) {
    base.pointee.adjustRelativeTolerances(tolerances)
  }

  func move(to time: Double) {
    let value = first + slope * time
    base.pointee.control = kind == .current ? .current(value) : .power(value)
  }

  mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    move(to: time)
    return base.pointee.evaluate(time: time, state: state, into: rates)
  }

  mutating func linearize(
    time: Double, state: UnsafePointer<Double>, leading: Double,
    into rates: UnsafeMutablePointer<Double>
  ) -> Bool {
    move(to: time)
    return base.pointee.linearize(time: time, state: state, leading: leading, into: rates)
  }

  mutating func solve(_ rightSide: UnsafeMutablePointer<Double>) {
    base.pointee.solve(rightSide)
  }

  mutating func evaluateEvents(
    time: Double, state: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) {
    base.pointee.evaluateEvents(time: time, state: state, into: values)
  }
}

extension CellSimulation where Model: ~Copyable {
  /// Runs one step that follows a profile.
  ///
  /// Integration restarts at every point where the profile bends, so that each bend is met exactly.
  ///
  /// - Parameters:
  ///   - profile: Current or power over time.
  ///   - duration: Where to stop before the end of the profile, in seconds; nil for its end.
  ///   - limits: Where the step ends before.
  ///   - interval: Spacing of the recorded times, in seconds; nil records each bend.
  ///   - record: Called with time and state at the start, at recorded times, and at the end.
  /// - Returns: How the step ended.
  public mutating func run(
    _ profile: DriveProfile, duration: Double? = nil, limits: CellLimits = CellLimits(),
    interval: Double? = nil,
    record: (Double, UnsafePointer<Double>, inout Model) -> Bool = { _, _, _ in true }
  ) -> StepEnd {
    model.limits = limits
    var recording = Recording(interval: interval)
    recording.steps = false
    let parts = profile.parts(until: duration)
    for (index, part) in parts.enumerated() {
      recording.begun = part.start
      recording.start = index == 0
      recording.end = interval == nil || index == parts.count - 1
      let end: StepEnd
      if part.first == part.last {
        model.control = profile.kind == .current ? .current(part.first) : .power(part.first)
        end = integrate(over: part.length, &recording, record)
      } else {
        end = integrate(over: part, profile.kind, &recording, record)
      }
      switch end {
      case .duration: if recording.isStopped { return .duration }
      // A jump of the profile carried the cell past a limit within the step.
      case .alreadyPast(let event) where index > 0: return .event(event)
      default: return end
      }
    }
    return .duration
  }

  /// Runs one step of an experiment.
  ///
  /// - Parameters:
  ///   - step: What is imposed and where it ends; a step that sets the ambient temperature takes
  ///     no time.
  ///   - parameters: The cell, for rates, cut-offs and its ambient temperature.
  ///   - interval: Spacing of the recorded times, in seconds, unless the step says its own; nil
  ///     records each accepted step, or each bend of a profile.
  ///   - record: Called with time and state at the start, at recorded times, and at the end.
  /// - Returns: How the step ended.
  public mutating func run(
    _ step: ExperimentStep, for parameters: CellParameters, interval: Double? = nil,
    record: (Double, UnsafePointer<Double>, inout Model) -> Bool = { _, _, _ in true }
  ) -> StepEnd {
    let limits = step.limits(for: parameters)
    switch step.drive {
    case .ambient: return .duration
    case .profile(let profile):
      return run(
        profile, duration: step.duration, limits: limits, interval: step.interval ?? interval,
        record: record)
    case .current, .rate, .power, .voltage, .rest:
      return run(
        step.control(nominalCapacity: parameters.nominalCapacity),
        duration: step.duration ?? ExperimentStep.longestDuration, limits: limits,
        interval: step.interval ?? interval, record: record)
    }
  }
}
