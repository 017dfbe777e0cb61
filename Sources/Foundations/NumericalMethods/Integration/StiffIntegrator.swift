// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Stiff integration of differential-algebraic systems: options, state and entry points.

/// Options of a ``StiffIntegrator``.
public struct StiffOptions: Sendable {
  /// Relative tolerance of the local error of each unknown.
  public var relativeTolerance: Double
  /// Longest step, in units of time.
  public var longestStep: Double
  /// First step; chosen from the initial rates when nil.
  public var firstStep: Double?
  /// Highest order, 1 to 5.
  public var highestOrder: Int
  /// Whether algebraic unknowns count in the test of the local error.
  public var testsAlgebraicError: Bool
  /// Most steps of one call of ``StiffIntegrator/advance(_:until:)``.
  public var stepLimit: Int

  /// Creates options.
  public init(
    relativeTolerance: Double = 1e-4, longestStep: Double = .infinity, firstStep: Double? = nil,
    highestOrder: Int = 5, testsAlgebraicError: Bool = true, stepLimit: Int = 100_000
  ) {
    self.relativeTolerance = relativeTolerance
    self.longestStep = longestStep
    self.firstStep = firstStep
    self.highestOrder = min(5, max(1, highestOrder))
    self.testsAlgebraicError = testsAlgebraicError
    self.stepLimit = stepLimit
  }
}

/// How one call of ``StiffIntegrator/step(_:until:)`` ended.
public enum StiffOutcome: Hashable, Sendable {
  /// A step was accepted and the final time is not reached.
  case accepted
  /// The final time is reached.
  case reachedEnd
  /// An event function changed sign; time and output are those of the event.
  case event(index: Int)
  /// The step had to be made shorter than the time can resolve, or too many steps were needed.
  case failed
}

/// Counts of the work done since the start.
public struct StiffStatistics: Hashable, Sendable {
  /// Accepted steps.
  public var steps = 0
  /// Newton iterations.
  public var iterations = 0
  /// Matrices formed and factored.
  public var factorizations = 0
  /// Steps rejected for their local error.
  public var errorFailures = 0
  /// Steps rejected because Newton's iteration did not converge.
  public var convergenceFailures = 0
  /// Starts: the first and every restart after a jump.
  public var starts = 0

  /// Creates counts of zero.
  public init() {}
}

/// Variable-order (1–5), variable-step backward differentiation formulas for stiff systems.
///
/// Fixed-leading-coefficient BDF on scaled divided differences with local error control, the
/// method of DASSL and IDA, on semi-explicit systems (``StiffSystem``). All memory is allocated by
/// the initialiser; no step allocates. Linear invariants of the system (charge, amount of lithium)
/// are kept to rounding, because each accepted state is the result of a linear solve and the
/// formulas are linear.
///
/// - Reference: Brenan, Campbell & Petzold (1996), doi:10.1137/1.9781611971224, chapter 5;
///   Hindmarsh et al. (2005), doi:10.1145/1089014.1089020.
public struct StiffIntegrator: ~Copyable {
  /// Number of unknowns.
  public let unknownCount: Int
  /// Options; changes count from the next start.
  public var options: StiffOptions
  /// Time of the newest accepted state, or of the event found.
  public internal(set) var time = 0.0
  /// Work done since the initialiser.
  public internal(set) var statistics = StiffStatistics()

  let memory: DoubleWorkspace
  let eventMemory: DoubleWorkspace
  let eventCapacity: Int

  var coefficients = FormulaCoefficients()
  var order = 1
  var orderUsed = 0
  var orderNext = 1
  var startPhase = true
  var equalSteps = 0
  var stepSize = 0.0
  var stepUsed = 0.0
  var innerTime = 0.0
  var previousTime = 0.0
  var leadingFactored = 0.0
  var convergence = 100.0
  var errorThis = 0.0
  var errorBelow = 0.0
  var stepsSinceStart = 0

  /// Allocates the memory for systems of a size.
  ///
  /// - Parameters:
  ///   - unknownCount: Number of unknowns.
  ///   - eventCount: Number of event functions.
  ///   - options: Tolerances and limits.
  public init(unknownCount: Int, eventCount: Int = 0, options: StiffOptions = .init()) {
    self.unknownCount = unknownCount
    self.options = options
    eventCapacity = max(1, eventCount)
    memory = DoubleWorkspace(count: unknownCount * Slot.allCases.count)
    eventMemory = DoubleWorkspace(count: 4 * max(1, eventCount))
  }

  /// The newest accepted state, or the state at the event found; valid until the next call.
  public var state: UnsafeMutablePointer<Double> { vector(.output) }

  /// Order of the last step, 1 to 5; 0 before the first.
  public var lastOrder: Int { orderUsed }

  /// Time from which dense output is exact to the local error: the start of the last step.
  public var lastStepStart: Double { previousTime }

  /// Integrates until a time or the first event.
  ///
  /// - Parameters:
  ///   - system: The system; the same as given to `start`.
  ///   - end: Time at which to stop; hit exactly.
  /// - Returns: How it ended; never ``StiffOutcome/accepted``.
  /// - Complexity: One step costs `O(order · n)` beside the calls of the system.
  public mutating func advance<S: StiffSystem & ~Copyable>(_ system: inout S, until end: Double)
    -> StiffOutcome
  {
    for _ in 0..<options.stepLimit {
      let outcome = step(&system, until: end)
      if outcome != .accepted { return outcome }
    }
    return .failed
  }
}
