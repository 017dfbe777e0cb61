// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Many different cells through one kind of experiment at once.

/// Many different cells through one kind of experiment at once.
///
/// Cells differ in parameters, steps, state of charge and ambient temperature. They run on all
/// cores; single-particle cells without ageing run eight side by side in vector registers
/// (``CellBatch/runsInLanes``). A cell's outcome has the same bits whatever the number of threads
/// and whatever runs beside it.
public struct CellBatch: Sendable {
  /// What the cells have in common: model, heat, ageing, repetitions. A batch takes every cycle,
  /// whatever ``Experiment/jump`` says, so that its sums are those of the whole run.
  public var experiment: Experiment
  /// The cells.
  public var cells: [Cell]

  /// One cell of a batch.
  public struct Cell: Sendable {
    /// The parameters. Copies of one set share its tables, so start from one set.
    public var parameters: CellParameters
    /// What is done in order; that of the experiment when nil.
    public var blocks: [ExperimentBlock]?
    /// State of charge at the start, 0 to 1; that of the experiment when nil.
    public var initialStateOfCharge: Double?
    /// Ambient and initial temperature, in kelvin; that of the experiment when nil.
    public var ambientTemperature: Double?

    /// Creates a cell that differs in its parameters alone.
    public init(_ parameters: CellParameters) { self.parameters = parameters }
  }

  /// What became of a cell, or why it could not begin.
  public typealias Outcome = Result<CellOutcome, ParameterError>

  /// Creates a batch.
  ///
  /// - Parameters:
  ///   - experiment: What the cells have in common; its recording interval does not matter.
  ///   - cells: The cells.
  public init(_ experiment: Experiment, cells: [Cell]) {
    self.experiment = experiment
    self.cells = cells
    self.experiment.interval = nil
    self.experiment.jump = nil
  }

  /// Cells of a task: enough to last a millisecond and to keep lanes busy.
  static let chunk = 64

  /// Runs all cells.
  ///
  /// - Parameters:
  ///   - tasks: Most tasks at a time; the runtime never uses more threads than cores.
  ///   - progress: Called with the number of cells that are done.
  /// - Returns: Outcomes in the order of the cells.
  /// - Throws: `CancellationError` when the task is cancelled.
  public func run(
    tasks: Int = 256, progress: @Sendable (Int) -> Void = { _ in }
  ) async throws -> [Outcome] {
    let size = runsInLanes ? Self.chunk : 4
    let ranges = stride(from: 0, to: cells.count, by: size).map {
      $0..<min(cells.count, $0 + size)
    }
    var outcomes = [Outcome?](repeating: nil, count: cells.count)
    try await withThrowingTaskGroup(of: (Range<Int>, [Outcome]).self) { group in
      var waiting = ranges.makeIterator()
      var done = 0
      for _ in 0..<max(1, tasks) {
        guard let range = waiting.next() else { break }
        group.addTask { (range, runHere(range)) }
      }
      while let (range, part) = try await group.next() {
        try Task.checkCancellation()
        for (place, outcome) in zip(range, part) { outcomes[place] = outcome }
        done += range.count
        progress(done)
        if let range = waiting.next() { group.addTask { (range, runHere(range)) } }
      }
    }
    return outcomes.compactMap(\.self)
  }

  /// Runs some of the cells on the calling thread.
  ///
  /// - Parameter range: Indices of the cells.
  /// - Returns: Outcomes in the order of the cells.
  public func runHere(_ range: Range<Int>) -> [Outcome] {
    guard !range.isEmpty else { return [] }
    return runsInLanes ? runInLanes(range) : range.map { runAlone(cells[$0]) }
  }

  /// The experiment of one cell.
  func experiment(of cell: Cell) -> Experiment {
    var own = experiment
    own.jump = nil
    own.parameters = cell.parameters
    own.blocks = cell.blocks ?? experiment.blocks
    own.initialStateOfCharge = cell.initialStateOfCharge ?? experiment.initialStateOfCharge
    own.ambientTemperature = cell.ambientTemperature ?? experiment.ambientTemperature
    return own
  }

  /// Runs one cell by itself.
  func runAlone(_ cell: Cell) -> Outcome {
    var outcome = CellOutcome()
    do {
      try experiment(of: cell).run { report in
        switch report {
        case .sample(let sample):
          outcome.note(
            voltage: sample.observation.voltage, temperature: sample.observation.temperature,
            platingMargin: sample.observation.platingMargin)
          outcome.lostLithium = sample.observation.lostLithium
        case .step(let step):
          outcome.finishStep(
            cycle: step.cycle, step: step.step, end: step.end, time: step.time,
            charge: step.charge)
        case .cycle: break
        }
      }
    } catch let error as ParameterError {
      return .failure(error)
    } catch {
      // Nothing else is thrown: the report above throws nothing.
      return .failure(.malformed(reason: "\(error)"))
    }
    return .success(outcome)
  }
}
