// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Explicit steps for diffusion problems, with as many stages as stability needs.

/// A diffusion-like system `y' = f(t, y)`: real, negative eigenvalues, mild nonlinearity.
public protocol DiffusionSystem: ~Copyable {
  /// Number of unknowns.
  var unknownCount: Int { get }

  /// Upper bound of the largest eigenvalue's magnitude near a state, in 1/s.
  mutating func spectralRadius(_ state: UnsafePointer<Double>) -> Double

  /// Evaluates the right side.
  mutating func evaluate(
    time: Double, state: UnsafePointer<Double>, into rates: UnsafeMutablePointer<Double>)
}

/// The second-order Runge–Kutta–Legendre scheme RKL2 for diffusion problems.
///
/// An explicit scheme whose stable step grows with the square of the number of stages, so that a
/// heat network with thin layers needs some evaluations a step and no linear solver. Every stage
/// is a linear combination of states and right sides: whatever linear functional `f` conserves,
/// the step conserves to rounding.
///
/// - Reference: Meyer, Balsara & Aslam (2014), J. Comput. Phys. 257, eq. 16–17,
///   doi:10.1016/j.jcp.2013.08.021.
public struct StabilizedDiffusionStepper: ~Copyable {
  /// Most stages a step may use; a longer step must be cut.
  public static let mostStages = 61
  /// Part of the stability limit that is used.
  static let safety = 0.95

  private let memory: DoubleWorkspace
  private let count: Int
  /// Stages of the last step.
  public private(set) var stages = 0

  /// Allocates room for a number of unknowns.
  public init(unknownCount: Int) {
    count = unknownCount
    memory = DoubleWorkspace(count: 5 * max(1, unknownCount))
  }

  /// The longest step that ``mostStages`` stages keep stable, in seconds.
  public static func longestStep(spectralRadius: Double) -> Double {
    let s = Double(mostStages)
    return safety * 2 / max(spectralRadius, 1e-30) * (s * s + s - 2) / 4
  }

  /// Advances a state by one step.
  ///
  /// - Parameters:
  ///   - system: The system.
  ///   - time: Time at the start, in seconds.
  ///   - step: Duration, in seconds; at most ``longestStep(spectralRadius:)``.
  ///   - state: `[unknownCount]`, replaced by the state at the end.
  /// - Returns: False where the step is too long for ``mostStages`` stages; the state is unchanged.
  /// - Complexity: O(`unknownCount · √(step · spectral radius)`).
  public mutating func advance<System: DiffusionSystem & ~Copyable>(
    _ system: inout System, time: Double, step: Double, state: UnsafeMutablePointer<Double>
  ) -> Bool {
    let explicitLimit = Self.safety * 2 / max(system.spectralRadius(state), 1e-30)
    // (s² + s − 2)/4 ≥ step/limit; an odd number of stages damps the highest mode.
    var s = Int(((9 + 16 * step / explicitLimit).squareRoot() - 1) / 2 + 1)
    s = max(3, s % 2 == 0 ? s + 1 : s)
    guard s <= Self.mostStages else { return false }
    stages = s

    let base = memory.base
    let start = base
    let slope0 = base + count
    var previous = base + 2 * count
    var current = base + 3 * count
    let slope = base + 4 * count
    start.update(from: state, count: count)
    let w = 4 / Double(s * s + s - 2)
    system.evaluate(time: time, state: start, into: slope0)
    // Stage 1, with b₀ = b₁ = b₂ = 1/3.
    previous.update(from: start, count: count)
    for i in 0..<count { current[i] = start[i] + w / 3 * step * slope0[i] }
    var b2 = 1.0 / 3
    var b1 = 1.0 / 3
    for j in 2...s {
      let n = Double(j)
      let b = j == 2 ? 1.0 / 3 : (n * n + n - 2) / (2 * n * (n + 1))
      let mu = (2 * n - 1) / n * b / b1
      let nu = -(n - 1) / n * b / b2
      let muTilde = mu * w
      let gamma = -(1 - b1) * muTilde
      // Time of stage j − 1 of the scheme, as a fraction of the step.
      let m = Double(j - 1)
      let fraction = j == 2 ? w / 3 : (m * m + m - 2) / Double(s * s + s - 2)
      system.evaluate(time: time + fraction * step, state: current, into: slope)
      let rest = 1 - mu - nu
      for i in 0..<count {
        let carried: Double = mu * current[i] + nu * previous[i] + rest * start[i]
        previous[i] = carried + step * (muTilde * slope[i] + gamma * slope0[i])
      }
      swap(&previous, &current)
      b2 = b1
      b1 = b
    }
    state.update(from: current, count: count)
    return true
  }
}
