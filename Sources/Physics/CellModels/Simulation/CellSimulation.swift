// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A cell model driven through steps of constant control.

public import NumericalMethods

/// How a step of a simulation ended.
public enum StepEnd: Hashable, Sendable {
  /// After the duration asked for.
  case duration
  /// At an event.
  case event(CellEvent)
  /// At once: the limit was already passed at the start.
  case alreadyPast(CellEvent)
  /// The model has no consistent state under this control (the cell cannot deliver it).
  case impossible
  /// The integrator could not go on.
  case failed
}

/// A cell model driven through steps of constant control, each ended by time or an event.
///
/// Integration restarts exactly at every change of control; the differential unknowns (lithium,
/// temperature, films) carry over unchanged.
public struct CellSimulation<Model: ElectrochemicalModel & ~Copyable>: ~Copyable {
  /// The model.
  public var model: Model
  /// The integrator with its counts of work.
  public var integrator: StiffIntegrator
  /// Time since the start, in seconds.
  public private(set) var time = 0.0

  private let current: DoubleWorkspace
  private let scratch: DoubleWorkspace

  /// Prepares a simulation of a rested cell.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - negative: Stoichiometry of the negative electrode.
  ///   - positive: Stoichiometry of the positive electrode.
  ///   - temperature: In kelvin.
  ///   - options: Tolerances.
  public init(
    _ model: consuming Model, negative: Double, positive: Double, temperature: Double,
    options: StiffOptions = CellSimulation.standardOptions
  ) {
    let count = model.unknownCount
    current = DoubleWorkspace(count: count)
    // A state and the distances to all events, or one of them.
    scratch = DoubleWorkspace(count: count + CellEvent.allCases.count)
    integrator = StiffIntegrator(
      unknownCount: count, eventCount: model.eventCount, options: options)
    model.fillRest(
      negative: negative, positive: positive, temperature: temperature, into: current.base)
    self.model = model
  }

  /// Options the accuracy figures in the validation page are stated for.
  public static var standardOptions: StiffOptions {
    StiffOptions(relativeTolerance: Model.standardTolerance)
  }

  /// Rests the cell again at a state, at time 0, with the same memory.
  public mutating func reset(negative: Double, positive: Double, temperature: Double) {
    time = 0
    model.fillRest(
      negative: negative, positive: positive, temperature: temperature, into: current.base)
  }

  /// The state at ``time``; `[model.unknownCount]`.
  public var state: UnsafePointer<Double> { UnsafePointer(current.base) }

  /// Values of unknowns at ``time``.
  ///
  /// - Parameter unknowns: Which.
  /// - Returns: One value each.
  public func values(_ unknowns: [SlowUnknown]) -> [Double] {
    unknowns.map { current.base[$0.index] }
  }

  /// Adds to unknowns between steps, and to the time.
  ///
  /// - Parameters:
  ///   - unknowns: Which.
  ///   - changes: What is added, one value each.
  ///   - duration: Added to the time, in seconds.
  public mutating func shift(_ unknowns: [SlowUnknown], by changes: [Double], duration: Double) {
    for (unknown, change) in zip(unknowns, changes) { current.base[unknown.index] += change }
    time += duration
  }

  /// All unknowns at ``time``.
  public var snapshot: [Double] { (0..<integrator.unknownCount).map { current.base[$0] } }

  /// Goes back to a snapshot.
  ///
  /// - Parameters:
  ///   - snapshot: Of the same simulation.
  ///   - time: When it was taken, in seconds.
  public mutating func restore(_ snapshot: [Double], at time: Double) {
    for (n, value) in snapshot.enumerated() { current.base[n] = value }
    self.time = time
  }

  /// What can be measured at ``time``.
  public mutating func observe() -> CellObservation { model.observe(current.base) }

  /// Runs one step of constant control.
  ///
  /// - Parameters:
  ///   - control: What is imposed.
  ///   - duration: Longest duration, in seconds.
  ///   - limits: Where the step ends before.
  ///   - interval: Spacing of the recorded times, in seconds; nil records each accepted step.
  ///   - record: Called with time and state at the start, at recorded times, and at the end.
  /// - Returns: How the step ended.
  public mutating func run(
    _ control: CellControl, duration: Double, limits: CellLimits = CellLimits(),
    interval: Double? = nil,
    record: (Double, UnsafePointer<Double>, inout Model) -> Bool = { _, _, _ in true }
  ) -> StepEnd {
    model.control = control
    model.limits = limits
    var recording = Recording(interval: interval)
    return integrate(over: duration, &recording, record)
  }

  /// Brings the surroundings to a temperature, and with them a cell that stays at it.
  ///
  /// - Parameters:
  ///   - ambient: In kelvin.
  ///   - thermal: How the model treats its temperature.
  public mutating func setAmbient(_ ambient: Double, thermal: ThermalModel) {
    model.ambientTemperature = ambient
    if thermal == .isothermal { model.setTemperature(ambient, in: current.base) }
  }

  /// When the state is recorded during a step, which may have several parts.
  struct Recording {
    /// Spacing, in seconds; nil for none.
    let interval: Double?
    /// Next time of the spacing, in seconds since the start of the step.
    var next: Double
    /// Start of the present part, in seconds since the start of the step.
    var begun = 0.0
    /// Whether the start of the part is recorded.
    var start = true
    /// Whether each accepted step is recorded.
    var steps: Bool
    /// Whether the end of the part is recorded even if nothing happened there.
    var end = true
    /// Whether the recorder asked to stop.
    var isStopped = false

    init(interval: Double?) {
      self.interval = interval
      next = interval ?? .infinity
      steps = interval == nil
    }
  }

  /// Integrates with the control that the model has.
  mutating func integrate(
    over duration: Double, _ recording: inout Recording,
    _ record: (Double, UnsafePointer<Double>, inout Model) -> Bool
  ) -> StepEnd {
    if case .current(let value) = model.control, model.movesInClosedForm {
      return Self.moveInClosedForm(
        &model, &time, current.base, scratch.base, over: duration, current: value, slope: 0,
        &recording, record)
    }
    return Self.integrate(
      &model, &integrator, &time, current.base, scratch.base, duration, &recording, record)
  }

  /// Integrates with a control that moves along a straight line.
  mutating func integrate(
    over part: DriveProfile.Part, _ kind: DriveProfile.Kind, _ recording: inout Recording,
    _ record: (Double, UnsafePointer<Double>, inout Model) -> Bool
  ) -> StepEnd {
    if kind == .current, model.movesInClosedForm {
      return Self.moveInClosedForm(
        &model, &time, current.base, scratch.base, over: part.length, current: part.first,
        slope: (part.last - part.first) / part.length, &recording, record)
    }
    return Self.integrate(
      &model, &integrator, &time, current.base, scratch.base, part, kind, &recording, record)
  }

  private static func integrate(
    _ model: inout Model, _ integrator: inout StiffIntegrator, _ time: inout Double,
    _ current: UnsafeMutablePointer<Double>, _ scratch: UnsafeMutablePointer<Double>,
    _ part: DriveProfile.Part, _ kind: DriveProfile.Kind, _ recording: inout Recording,
    _ record: (Double, UnsafePointer<Double>, inout Model) -> Bool
  ) -> StepEnd {
    withUnsafeMutablePointer(to: &model) { pointer in
      var system = RampedModel(
        base: pointer, kind: kind, first: part.first, slope: (part.last - part.first) / part.length)
      return integrate(
        &system, &integrator, &time, current, scratch, part.length, &recording
      ) { time, state, system in record(time, state, &system.base.pointee) }
    }
  }

  private static func integrate<System: StiffSystem & ~Copyable>(
    _ system: inout System, _ integrator: inout StiffIntegrator, _ time: inout Double,
    _ current: UnsafeMutablePointer<Double>, _ scratch: UnsafeMutablePointer<Double>,
    _ duration: Double,
    _ recording: inout Recording,
    _ record: (Double, UnsafePointer<Double>, inout System) -> Bool
  ) -> StepEnd {
    let start = time
    guard integrator.start(&system, at: 0, from: current, span: duration) else {
      return .impossible
    }
    keepState(of: integrator, in: current)
    if recording.start { _ = record(time, current, &system) }
    system.evaluateEvents(time: 0, state: current, into: scratch)
    // The first limit that the consistent start already violates.
    if let event = CellEvent.allCases.first(where: { scratch[$0.rawValue] <= 0 }) {
      return .alreadyPast(event)
    }
    var restart = -Double.infinity
    var restarts = 0
    for _ in 0..<integrator.options.stepLimit {
      let outcome = integrator.step(&system, until: duration)
      if outcome == .failed {
        // Newton's iteration may fail from a prediction where the damped one of a start does not.
        guard restarts < 10, integrator.time > restart else { return .failed }
        restart = integrator.time
        restarts += 1
        keepState(of: integrator, in: current)
        let isConsistent = integrator.start(
          &system, at: restart, from: current, span: duration - restart)
        guard isConsistent else { return .failed }
        continue
      }
      // Recorded times strictly inside the part; its end is recorded below.
      while recording.next < recording.begun + integrator.time - 1e-9 * max(1, duration) {
        let within = max(0, recording.next - recording.begun)
        integrator.interpolate(at: within, into: scratch)
        _ = record(start + within, scratch, &system)
        recording.next += recording.interval ?? .infinity
      }
      let ended = outcome != .accepted
      if ended || recording.steps {
        keepState(of: integrator, in: current)
        time = start + integrator.time
        let isTold = recording.steps || recording.end || outcome != .reachedEnd
        if isTold, !record(time, current, &system) {
          recording.isStopped = true
          if !ended { return .duration }
        }
      }
      switch outcome {
      case .accepted, .failed: continue
      case .reachedEnd: return .duration
      case .event(let index):
        guard let event = CellEvent(rawValue: index) else { return .failed }
        return .event(event)
      }
    }
    return .failed
  }

  private static func keepState(
    of integrator: borrowing StiffIntegrator, in current: UnsafeMutablePointer<Double>
  ) {
    let source = integrator.state
    for n in 0..<integrator.unknownCount { current[n] = source[n] }
  }
}
