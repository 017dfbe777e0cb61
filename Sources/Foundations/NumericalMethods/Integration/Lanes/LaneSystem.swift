// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the integrator of many systems at once asks of them.

/// One value for each of eight systems that are integrated side by side.
public typealias Lanes = SIMD8<Double>

/// One truth for each of eight systems.
public typealias LaneMask = SIMDMask<SIMD8<Int64>>

/// Eight semi-explicit systems `M·y' = f(y)` of equal size, with values of all their own.
///
/// The counterpart of ``StiffSystem`` for ``LaneIntegrator``. Lanes must not influence each other:
/// what one returns may depend on its own state alone, so that results do not depend on which
/// systems run side by side. Pointers are valid during the call alone and hold ``unknownCount``
/// elements.
public protocol LaneSystem: ~Copyable {
  /// Number of unknowns of one system.
  var unknownCount: Int { get }

  /// Number of functions whose sign changes are located.
  var eventCount: Int { get }

  /// Writes the diagonals of `M`; a row that is algebraic is so in all lanes.
  func fillMass(_ mass: UnsafeMutablePointer<Lanes>)

  /// Writes the absolute tolerance of every unknown for a relative tolerance.
  func fillAbsoluteTolerances(
    _ tolerances: UnsafeMutablePointer<Lanes>, relativeTolerance: Double)

  /// Changes relative tolerances of unknowns that must be kept to another one than the rest.
  ///
  /// - Parameter tolerances: `[unknownCount]`, filled with that of the options.
  func adjustRelativeTolerances(_ tolerances: UnsafeMutablePointer<Lanes>)

  /// Makes the algebraic unknowns of one lane consistent with its differential ones, in place.
  ///
  /// - Returns: False when there is no consistent state.
  mutating func makeConsistent(lane: Int, state: UnsafeMutablePointer<Lanes>) -> Bool

  /// Evaluates `f(y)` and factors `leading·M − ∂f/∂y` (or a good approximation) in all lanes.
  ///
  /// - Returns: The lanes in which `f` is defined.
  mutating func linearize(
    state: UnsafePointer<Lanes>, leading: Lanes, into rates: UnsafeMutablePointer<Lanes>
  ) -> LaneMask

  /// Solves with the matrices of the last ``linearize(state:leading:into:)``, in place.
  mutating func solve(_ rightSide: UnsafeMutablePointer<Lanes>)

  /// Writes ``eventCount`` continuous functions in all lanes; a fall to zero ends a lane's run.
  mutating func evaluateEvents(
    state: UnsafePointer<Lanes>, into values: UnsafeMutablePointer<Lanes>)

  /// One of the functions in one lane.
  mutating func evaluateEvent(
    _ index: Int, lane: Int, state: UnsafePointer<Lanes>
  ) -> Double
}

/// How the last attempt of a step ended in a lane.
public enum LaneOutcome: Hashable, Sendable {
  /// The lane has nothing to do.
  case idle
  /// The step was rejected and will be tried again.
  case rejected
  /// A step was accepted and the final time is not reached.
  case accepted
  /// The final time is reached.
  case reachedEnd
  /// An event function fell to zero; time and output are those of the event.
  case event(index: Int)
  /// An event function was not positive at the start.
  case alreadyPast(index: Int)
  /// There is no consistent start.
  case impossible
  /// The step had to be made shorter than the time can resolve.
  case failed
}

/// Memory of lanes that is allocated once, zeroed, and freed with its owner.
public struct LaneWorkspace: ~Copyable {
  /// First element.
  public let base: UnsafeMutablePointer<Lanes>
  /// Number of elements.
  public let count: Int

  /// Allocates `count` zeros.
  public init(count: Int) {
    self.count = max(1, count)
    base = .allocate(capacity: self.count)
    base.initialize(repeating: .zero, count: self.count)
  }

  deinit { base.deallocate() }

  /// The same memory as single values: lane `l` of element `n` is at `n·8 + l`.
  public var scalars: UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(base).assumingMemoryBound(to: Double.self)
  }
}
