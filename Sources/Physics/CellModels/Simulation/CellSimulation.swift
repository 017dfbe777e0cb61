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
    // Also holds the distances to all events.
    scratch = DoubleWorkspace(count: max(count, CellEvent.allCases.count))
    integrator = StiffIntegrator(
      unknownCount: count, eventCount: model.eventCount, options: options)
    model.fillRest(
      negative: negative, positive: positive, temperature: temperature, into: current.base)
    self.model = model
  }

  /// Options the accuracy figures in the validation page are stated for.
  public static var standardOptions: StiffOptions {
    StiffOptions(relativeTolerance: 5e-5)
  }

  /// Rests the cell again at a state, at time 0, with the same memory.
  public mutating func reset(negative: Double, positive: Double, temperature: Double) {
    time = 0
    model.fillRest(
      negative: negative, positive: positive, temperature: temperature, into: current.base)
  }

  /// The state at ``time``; `[model.unknownCount]`.
  public var state: UnsafePointer<Double> { UnsafePointer(current.base) }

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
    let start = time
    guard integrator.start(&model, at: 0, from: current.base, span: duration) else {
      return .impossible
    }
    keepState()
    _ = record(time, current.base, &model)
    if let event = pastEvent(control) { return .alreadyPast(event) }
    var next = interval ?? .infinity
    for _ in 0..<integrator.options.stepLimit {
      let outcome = integrator.step(&model, until: duration)
      if outcome == .failed { return .failed }
      // Recorded times strictly inside the step; the end of the step is recorded below.
      while next < integrator.time - 1e-9 * max(1, duration) {
        integrator.interpolate(at: next, into: scratch.base)
        _ = record(start + next, scratch.base, &model)
        next += interval ?? .infinity
      }
      let ended = outcome != .accepted
      if ended || interval == nil {
        keepState()
        time = start + integrator.time
        guard record(time, current.base, &model) || ended else { return .duration }
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

  private func keepState() {
    let source = integrator.state
    for n in 0..<integrator.unknownCount { current.base[n] = source[n] }
  }

  /// The first limit that the consistent start already violates in the direction of the step.
  private mutating func pastEvent(_ control: CellControl) -> CellEvent? {
    model.evaluateEvents(time: 0, state: current.base, into: scratch.base)
    return CellEvent.allCases.first { scratch.base[$0.rawValue] <= 0 }
  }
}
