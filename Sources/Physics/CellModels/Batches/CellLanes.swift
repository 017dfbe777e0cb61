// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What running eight cells side by side asks of their model.

import NumericalMethods

/// A cell model that runs eight cells side by side; see ``LaneSystem``.
protocol CellLanes: LaneSystem, ~Copyable {
  /// Index of the temperature among the unknowns.
  var temperatureIndex: Int { get }
  /// Terminal voltage of the state evaluated last, in volts.
  var voltage: Lanes { get }
  /// Anode potential of the state evaluated last, in volts.
  var anodePotential: Lanes { get }

  /// Sets what is imposed on a cell and where it ends.
  mutating func impose(_ control: CellControl, _ limits: CellLimits, lane: Int)

  /// Evaluates a lane's voltage and anode potential at a state.
  mutating func evaluateVoltage(lane: Int, state: UnsafePointer<Lanes>) -> Bool

  /// Charge that has left a cell, up to a constant, in coulombs.
  func charge(lane: Int, state: UnsafePointer<Lanes>) -> Double
}

/// What a lane's cell has been through, and the outcome so far.
struct LaneJob {
  /// Index of the cell in its batch.
  var cell: Int
  /// Steps of each block and their repetitions.
  var blocks: [(steps: [Step], repetitions: Int)]
  /// Repetitions of all blocks.
  var cycles: Int
  // The step that runs: index in its block, the block, its repetition, that of all blocks.
  var step = 0
  var block = 0
  var repetition = 0
  var round = 0
  /// Cycle that runs, from 1.
  var cycle = 1
  /// Time at the start of the step, in seconds.
  var before = 0.0
  /// Charge coordinate at the start of the step.
  var chargeBefore = 0.0
  var outcome: CellOutcome

  /// One step of constant control.
  struct Step {
    var control: CellControl
    var duration: Double
    var limits: CellLimits
  }

  /// The step that runs; nil when there is none.
  var current: Step? {
    blocks.indices.contains(block) && blocks[block].steps.indices.contains(step)
      ? blocks[block].steps[step] : nil
  }

  /// Goes on to the next step.
  mutating func goOn() {
    step += 1
    guard step >= blocks[block].steps.count else { return }
    step = 0
    cycle += 1
    repetition += 1
    guard repetition >= blocks[block].repetitions else { return }
    repetition = 0
    block += 1
    guard block >= blocks.count else { return }
    round += 1
    if round < cycles { block = 0 }
  }
}

/// Runs jobs on lanes: a lane whose cell is done takes the next one.
struct LaneRunner<System: CellLanes & ~Copyable>: ~Copyable {
  var system: System
  var integrator: LaneIntegrator

  init(_ system: consuming System, options: StiffOptions) {
    integrator = LaneIntegrator(
      unknownCount: system.unknownCount, eventCount: system.eventCount, options: options)
    self.system = system
  }

  /// Runs cells until none is left.
  ///
  /// - Parameter next: Loads the next cell into a lane and returns its job; nil when none is left.
  /// - Returns: The outcomes by the index of the cell.
  mutating func run(
    next: (inout System, Int, UnsafeMutablePointer<Double>) -> LaneJob?
  ) -> [(cell: Int, outcome: CellOutcome)] {
    var jobs = [LaneJob?](repeating: nil, count: LaneIntegrator.width)
    var done: [(cell: Int, outcome: CellOutcome)] = []
    for lane in jobs.indices {
      jobs[lane] = next(&system, lane, integrator.stateScalars)
      if jobs[lane] != nil { beginStep(lane, &jobs[lane]) } else { copyFirst(lane) }
    }
    while jobs.contains(where: { $0 != nil }) {
      integrator.attempt(&system)
      for lane in jobs.indices where jobs[lane] != nil {
        follow(lane, &jobs[lane], next: next, &done)
      }
    }
    return done
  }

  /// Gives an empty lane the state of the first, so that its evaluations stay finite.
  private func copyFirst(_ lane: Int) {
    let state = integrator.stateScalars
    for n in 0..<integrator.unknownCount {
      state[n * LaneIntegrator.width + lane] = state[n * LaneIntegrator.width]
    }
  }

  private mutating func beginStep(_ lane: Int, _ job: inout LaneJob?) {
    guard let step = job?.current else { return }
    system.impose(step.control, step.limits, lane: lane)
    job?.chargeBefore = system.charge(lane: lane, state: integrator.state)
    integrator.start(lane: lane, until: step.duration)
  }

  /// Takes note of the last attempt in a lane and goes on to the next step or cell.
  private mutating func follow(
    _ lane: Int, _ job: inout LaneJob?,
    next: (inout System, Int, UnsafeMutablePointer<Double>) -> LaneJob?,
    _ done: inout [(cell: Int, outcome: CellOutcome)]
  ) {
    let end: StepEnd
    switch integrator.outcome(lane: lane) {
    case .rejected: return
    case .idle: return
    case .accepted:
      note(lane, &job)
      return
    case .reachedEnd: end = .duration
    case .event(let index): end = CellEvent(rawValue: index).map { .event($0) } ?? .failed
    case .alreadyPast(let index):
      end = CellEvent(rawValue: index).map { .alreadyPast($0) } ?? .failed
    case .impossible: end = .impossible
    case .failed: end = .failed
    }
    _ = system.evaluateVoltage(lane: lane, state: integrator.state)
    if end != .impossible { note(lane, &job) }
    guard var running = job else { return }
    let charge = system.charge(lane: lane, state: integrator.state) - running.chargeBefore
    running.before += integrator.time(lane: lane)
    running.outcome.finishStep(
      cycle: running.cycle, step: running.step + 1, end: end, time: running.before,
      charge: charge)
    running.goOn()
    job = running
    if !end.endsRun && running.current != nil {
      beginStep(lane, &job)
      return
    }
    done.append((running.cell, running.outcome))
    integrator.stop(lane: lane)
    job = next(&system, lane, integrator.stateScalars)
    if job != nil { beginStep(lane, &job) }
  }

  private func note(_ lane: Int, _ job: inout LaneJob?) {
    let temperature =
      integrator.stateScalars[system.temperatureIndex * LaneIntegrator.width + lane]
    job?.outcome.note(
      voltage: system.voltage[lane], temperature: temperature,
      platingMargin: system.anodePotential[lane])
  }
}

extension StepEnd {
  /// Whether an experiment ends with a step that ended so.
  var endsRun: Bool {
    switch self {
    case .impossible, .failed, .event(.electrolyteDepleted): true
    default: false
    }
  }
}
