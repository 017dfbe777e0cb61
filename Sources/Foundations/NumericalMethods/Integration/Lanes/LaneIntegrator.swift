// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Stiff integration of eight systems side by side: state and entry points.

/// Integrates eight systems of equal size side by side, each with its own order and step size.
///
/// The method of ``StiffIntegrator`` with a new matrix in every iteration, in vector registers
/// across systems: loops over unknowns cost about the same for eight systems as for one, and chains
/// of dependent operations (elimination) of eight systems overlap. A lane whose run has ended can be
/// given another one at once, so lanes stay busy. No operation mixes lanes: a system's result has
/// the same bits whatever runs beside it.
public struct LaneIntegrator: ~Copyable {
  /// Number of systems side by side.
  public static let width = Lanes.scalarCount

  /// Number of unknowns of a system.
  public let unknownCount: Int
  /// Tolerances; the step limit and the choice of error test are those of the scalar integrator.
  public let options: StiffOptions

  let memory: LaneWorkspace
  let events: LaneWorkspace
  /// By what the differences of an order are multiplied before they are used.
  let scale: LaneWorkspace
  let eventCount: Int
  let lanes: UnsafeMutablePointer<LaneState>
  var needsStart = false

  /// Allocates the memory for systems of a size.
  public init(unknownCount: Int, eventCount: Int, options: StiffOptions = .init()) {
    self.unknownCount = unknownCount
    self.options = options
    self.eventCount = eventCount
    memory = LaneWorkspace(count: unknownCount * Slot.allCases.count)
    events = LaneWorkspace(count: 2 * max(1, eventCount))
    scale = LaneWorkspace(count: 6)
    for i in 0...5 { scale.base[i] = Lanes(repeating: 1) }
    lanes = .allocate(capacity: Self.width)
    lanes.initialize(repeating: LaneState(), count: Self.width)
  }

  deinit { lanes.deallocate() }

  /// States of all lanes: the start given, the newest accepted state, or that at the event found.
  public var state: UnsafeMutablePointer<Lanes> { vector(.output) }

  /// The same as single values: lane `l` of unknown `n` is at `n·8 + l`.
  public var stateScalars: UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(vector(.output)).assumingMemoryBound(to: Double.self)
  }

  /// How the last attempt ended in a lane.
  public func outcome(lane: Int) -> LaneOutcome { lanes[lane].outcome }

  /// Time of ``state`` in a lane, since its start.
  public func time(lane: Int) -> Double { lanes[lane].time }

  /// Has a lane start, with the next attempt, from its values in ``state``.
  ///
  /// - Parameters:
  ///   - lane: 0 to 7.
  ///   - end: Time at which to stop, counted from the start; positive.
  public mutating func start(lane: Int, until end: Double) {
    lanes[lane] = LaneState()
    lanes[lane].end = end
    lanes[lane].outcome = .rejected
    lanes[lane].isStarting = true
    needsStart = true
  }

  /// Leaves a lane idle.
  public mutating func stop(lane: Int) {
    lanes[lane].outcome = .idle
    lanes[lane].isStarting = false
    lanes[lane].orderUsed = 0
    for slot in Slot.difference1.rawValue...Slot.difference5.rawValue {
      let values = memory.scalars + slot * unknownCount * Self.width
      for n in 0..<unknownCount { values[n * Self.width + lane] = 0 }
    }
  }

  /// Slots of the one block of memory, in multiples of the number of unknowns.
  enum Slot: Int, CaseIterable {
    case difference0, difference1, difference2, difference3, difference4, difference5
    case state, predicted, predictedRate, correction, residual, weights, absolute, relative, mass
    case output
  }

  func vector(_ slot: Slot) -> UnsafeMutablePointer<Lanes> {
    memory.base + slot.rawValue * unknownCount
  }

  func difference(_ order: Int) -> UnsafeMutablePointer<Lanes> {
    memory.base + order * unknownCount
  }

  /// Sum of squares of products of two vectors, in each lane.
  @inline(__always)
  func squares(_ a: UnsafeMutablePointer<Lanes>, _ b: UnsafeMutablePointer<Lanes>) -> Lanes {
    var sum = Lanes.zero
    for n in 0..<unknownCount {
      let product = a[n] * b[n]
      sum += product * product
    }
    return sum
  }

  /// Root mean square from a sum of squares.
  func norm(_ squares: Lanes) -> Lanes {
    (squares / Lanes(repeating: Double(unknownCount))).squareRoot()
  }
}

/// What one lane remembers of its steps; names as in ``StiffIntegrator``.
struct LaneState {
  var outcome = LaneOutcome.idle
  var isStarting = false
  /// Whether the attempt repeats a rejected one.
  var repeats = false
  var hitsEnd = false
  var end = 0.0
  var time = 0.0
  var innerTime = 0.0
  var timeBefore = 0.0
  var order = 1
  var orderUsed = 0
  var orderNext = 1
  var startPhase = true
  var equalSteps = 0
  var stepSize = 0.0
  var stepUsed = 0.0
  var errorThis = 0.0
  var errorBelow = 0.0
  var stepsSinceStart = 0
  /// Constant of Newton's quadratic convergence, as last seen.
  var convergence = 100.0
  var errorFailures = 0
  var convergenceFailures = 0
  /// A lane that is idle is factored as well, with a leading coefficient of one.
  var coefficients = FormulaCoefficients(leading: 1)

  var isRunning: Bool {
    switch outcome {
    case .accepted, .rejected: true
    default: false
    }
  }
}
