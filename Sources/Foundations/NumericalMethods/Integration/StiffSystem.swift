// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the stiff integrator asks of a system of differential and algebraic equations.

/// A semi-explicit system `M·y' = f(t, y)` with a constant diagonal `M` that may hold zeros.
///
/// Rows with a zero in `M` are algebraic equations; the system must be of index 1, that is, the
/// algebraic rows must determine the algebraic unknowns. The integrator owns no memory of the
/// system and calls it with pointers into its own workspace, so that no step allocates. Pointers
/// are valid during the call alone and hold ``unknownCount`` elements.
public protocol StiffSystem: ~Copyable {
  /// Number of unknowns and of equations.
  var unknownCount: Int { get }

  /// Number of functions whose sign changes are located; see ``evaluateEvents(time:state:into:)``.
  var eventCount: Int { get }

  /// Whether the matrix should be formed anew in every Newton iteration.
  ///
  /// True pays when forming it costs little more than evaluating the right side.
  var refreshesMatrixEveryIteration: Bool { get }

  /// Writes the diagonal of `M`.
  func fillMass(_ mass: UnsafeMutablePointer<Double>)

  /// Writes the absolute tolerance of every unknown for a relative tolerance.
  func fillAbsoluteTolerances(
    _ tolerances: UnsafeMutablePointer<Double>, relativeTolerance: Double)

  /// Changes relative tolerances of unknowns that must be kept to another one than the rest, such as
  /// temperatures, whose size in kelvin says nothing of how much they change.
  ///
  /// - Parameter tolerances: `[unknownCount]`, filled with that of the options.
  func adjustRelativeTolerances(_ tolerances: UnsafeMutablePointer<Double>)

  /// Evaluates `f(t, y)`.
  ///
  /// - Returns: False where `f` is not defined; the integrator then takes a shorter step.
  mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>
  ) -> Bool

  /// Evaluates `f(t, y)` and factors `leading·M − ∂f/∂y` (or a good approximation).
  ///
  /// - Returns: False where `f` is not defined or the matrix is singular.
  mutating func linearize(
    time: Double, state: UnsafePointer<Double>, leading: Double,
    into rates: UnsafeMutablePointer<Double>
  ) -> Bool

  /// Solves with the matrix of the last ``linearize(time:state:leading:into:)``, in place.
  mutating func solve(_ rightSide: UnsafeMutablePointer<Double>)

  /// Writes ``eventCount`` continuous functions; a sign change ends the integration there.
  mutating func evaluateEvents(
    time: Double, state: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>)
}

extension StiffSystem where Self: ~Copyable {
  /// No events.
  public var eventCount: Int { 0 }

  /// Reuses the matrix while Newton's iteration converges.
  public var refreshesMatrixEveryIteration: Bool { false }

  /// Absolute tolerance of every unknown: the relative one times a thousandth.
  public func fillAbsoluteTolerances(
    _ tolerances: UnsafeMutablePointer<Double>, relativeTolerance: Double
  ) {
    for i in 0..<unknownCount { tolerances[i] = 1e-3 * relativeTolerance }
  }

  /// Changes nothing: one relative tolerance for all unknowns.
  public func adjustRelativeTolerances(_ tolerances: UnsafeMutablePointer<Double>) {}

  /// Writes nothing: there are no events.
  public mutating func evaluateEvents(
    time: Double, state: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) {}
}
