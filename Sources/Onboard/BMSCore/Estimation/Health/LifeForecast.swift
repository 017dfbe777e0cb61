// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// End of life from the pack's own history, with an interval.

/// End of life and remaining life from the history of the capacity, by a particle filter.
///
/// The capacity follows a double exponential, `q(k) = q₀·((1 + ε)·e^(−λk) − ε·e^(μk))`: a slow fade and
/// an accelerating one. A fixed number of particles carries the four parameters; each new capacity
/// weighs them by its own deviation, and their spread is the interval of the forecast. The history
/// is not stored. Random numbers come from the filter's own generator: the same history gives the
/// same forecast.
///
/// Measured cells leave the law they began with: their rates wander, and so do those of the
/// particles, from capacity to capacity and on the way to the forecast end. Without that the nominal
/// interval of 90 % held the truth in one of four forecasts on measured cells; with it in nine of ten
/// (decision 0190).
///
/// Run it when a new capacity is known, some times a month, outside the control cycle: one update
/// takes about 128 × 2 exponentials, a forecast about 128 × 40.
///
/// - Reference: He et al. (2011), doi:10.1016/j.jpowsour.2011.08.040, for the double exponential; Liu &
///   West (2001), doi:10.1007/978-1-4757-3437-9_10, for moving parameters while keeping their
///   covariance.
public struct LifeForecast<Real: CoreReal>: Sendable {
  /// End of life, in the units of use (cycles, days or throughput).
  public struct Result: Sendable, BitwiseCopyable {
    /// Median.
    public var median: Real
    /// One in twenty particles ends earlier.
    public var early: Real
    /// One in twenty particles ends later; held at fifty times the expected life.
    public var late: Real

    @inlinable
    init(
      median: Real, early: Real, late: Real
    ) {
      self.median = median
      self.early = early
      self.late = late
    }
  }

  @usableFromInline
  struct Particle: Sendable, BitwiseCopyable {
    /// Initial capacity as a share, and the logarithms of λ·life, ε and μ·life.
    @usableFromInline var values = InlineArray<4, Real>(repeating: 0)

    @inlinable
    init() {}
  }

  /// Number of capacities used.
  public var count: UInt32 = 0
  /// Use up to the last capacity.
  public var use: Real = 0
  @usableFromInline let expectedLife: Real
  @usableFromInline var particles = InlineArray<128, Particle>(repeating: Particle())
  @usableFromInline var weights = InlineArray<128, Real>(repeating: 1.0 / 128)
  @usableFromInline var random: UInt64

  /// A forecast without history.
  ///
  /// - Parameters:
  ///   - expectedLife: Use until end of life that is typical of the cell; the particles start within
  ///     a factor of about five of it.
  ///   - seed: Of the random numbers.
  @inlinable
  public init(expectedLife: Real, seed: UInt64 = 1) {
    self.expectedLife = max(1e-6, expectedLife.finite(or: 1))
    random = seed
    for k in 0..<128 {
      particles[k].values[0] = 1 + 0.02 * normal()
      particles[k].values[1] = Real.logarithm(0.15) + 0.9 * normal()
      particles[k].values[2] = Real.logarithm(0.003) + 1.5 * normal()
      particles[k].values[3] = Real.logarithm(3) + 0.7 * normal()
    }
  }

  // Set on the cells of XJTU and TJU, checked on those of NASA, CALCE, HUST and MIT (decision 0190).

  /// Wander of the initial capacity over the square root of an expected life, as a share.
  @inlinable
  static var levelWander: Real { 0.01 }
  /// Wander of the logarithms of the rates between capacities, over the square root of a life.
  @inlinable
  static var rateWander: Real { 0.3 }
  /// The same between the last capacity and the forecast end.
  @inlinable
  static var futureWander: Real { 1 }
  /// Deviation of the present capacity from the smooth course, as a share of new.
  @inlinable
  static var presentDeviation: Real { 0.005 }
  /// Weight of one capacity: neighbours err alike (recovery, temperature), so three count as one.
  @inlinable
  static var share: Real { 0.3 }

  /// Capacity of a particle as a share of new.
  @inlinable
  mutating func capacity(_ values: InlineArray<4, Real>, at use: Real) -> Real {
    let x = use / expectedLife
    let slow = Real.exponential(-(Real.exponential(values[1].clamped(-12, 5)) * x).clamped(0, 60))
    let fast = Real.exponential((Real.exponential(values[3].clamped(-12, 5)) * x).clamped(0, 40))
    let share = Real.exponential(values[2].clamped(-20, 0))
    return (values[0] * ((1 + share) * slow - share * fast)).finite(or: 0)
  }

  /// Adds a capacity.
  ///
  /// - Parameters:
  ///   - measured: As a share of the new cell's.
  ///   - deviation: Its standard deviation.
  ///   - use: Use so far; must not fall.
  @inlinable
  public mutating func add(capacity measured: Real, deviation: Real, use: Real) {
    guard measured > 0, measured < 2, use >= self.use, use.isFinite else { return }
    let spread = max(0.002, deviation.finite(or: 0.1))
    let step = ((use - self.use) / expectedLife).clamped(0, 1).squareRoot()
    for k in 0..<128 {
      particles[k].values[0] += Self.levelWander * step * normal()
      for j in 1..<4 { particles[k].values[j] += Self.rateWander * step * normal() }
    }
    var sum: Real = 0
    for k in 0..<128 {
      let off = (capacity(particles[k].values, at: use) - measured) / spread
      // Student's t with four degrees of freedom: one odd capacity does not end the filter.
      let t: Real = 1 + off * off / 4
      weights[k] *= Real.exponential(-2.5 * Self.share * Real.logarithm(t))
      sum += weights[k]
    }
    self.use = use
    count = count == .max ? count : count + 1
    guard sum > 0, sum.isFinite else { return restartWeights() }
    var squares: Real = 0
    for k in 0..<128 {
      weights[k] /= sum
      squares += weights[k] * weights[k]
    }
    if squares > 1.0 / 64 { resample() }
  }

  /// Use at which the capacity falls below a share, by bisection for every particle.
  ///
  /// - Parameter endOfLife: Share of the new capacity.
  /// - Returns: Quantiles; nil before three capacities.
  /// - Complexity: O(1): 128 × 40 capacities.
  @inlinable
  public mutating func end(at endOfLife: Real) -> Result? {
    guard count >= 3 else { return nil }
    // The same question twice has the same answer.
    let before = random
    var ends = InlineArray<128, Real>(repeating: 0)
    for k in 0..<128 {
      var values = particles[k].values
      let now = capacity(values, at: use)
      let straight = reach(endOfLife, values, from: now)
      let ahead = ((straight - use) / expectedLife).clamped(0.02, 1).squareRoot()
      for j in 1..<4 { values[j] += Self.futureWander * ahead * normal() }
      ends[k] = reach(endOfLife, values, from: now + Self.presentDeviation * normal())
    }
    random = before
    return Result(
      median: quantile(ends, 0.5), early: quantile(ends, 0.05), late: quantile(ends, 0.95))
  }

  /// Use at which a course that passes through the present capacity falls below a share.
  @inlinable
  mutating func reach(_ endOfLife: Real, _ values: InlineArray<4, Real>, from now: Real) -> Real {
    let shift = now - capacity(values, at: use)
    guard now > endOfLife else { return use }
    var low = use
    var high = 50 * expectedLife
    for _ in 0..<20 {
      let middle = (low + high) / 2
      if capacity(values, at: middle) + shift > endOfLife { low = middle } else { high = middle }
    }
    return high
  }

  /// Weighted quantile: the least end below which a share of the weight lies.
  @inlinable
  mutating func quantile(_ ends: InlineArray<128, Real>, _ share: Real) -> Real {
    var best = Real.infinity
    for k in 0..<128 where ends[k] < best {
      var below: Real = 0
      for j in 0..<128 where ends[j] <= ends[k] { below += weights[j] }
      if below >= share { best = ends[k] }
    }
    return best.finite(or: 50 * expectedLife)
  }

  @inlinable
  mutating func restartWeights() {
    for k in 0..<128 { weights[k] = 1.0 / 128 }
  }

  /// Systematic resampling, then a move that keeps mean and covariance of each parameter.
  @inlinable
  mutating func resample() {
    var mean = InlineArray<4, Real>(repeating: 0)
    var square = InlineArray<4, Real>(repeating: 0)
    for k in 0..<128 {
      for j in 0..<4 {
        let value = particles[k].values[j]
        mean[j] += weights[k] * value
        square[j] += weights[k] * value * value
      }
    }
    var chosen = particles
    let start = uniform() / 128
    var index = 0
    var reached = weights[0]
    for k in 0..<128 {
      let target = start + Real(k) / 128
      while reached < target, index < 127 {
        index += 1
        reached += weights[index]
      }
      chosen[k] = particles[index]
    }
    // Shrinkage 0.98 towards the mean, with the variance it takes given back as noise.
    let keep: Real = 0.98
    for k in 0..<128 {
      for j in 0..<4 {
        let variance = max(0, square[j] - mean[j] * mean[j]) + 1e-8
        let noise = ((1 - keep * keep) * variance).squareRoot() * normal()
        chosen[k].values[j] = keep * chosen[k].values[j] + (1 - keep) * mean[j] + noise
      }
    }
    particles = chosen
    restartWeights()
  }

  /// SplitMix64 (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195).
  @inlinable
  mutating func uniform() -> Real {
    random &+= 0x9E37_79B9_7F4A_7C15
    var z = random
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return Real(Int32(truncatingIfNeeded: z >> 41)) / 8_388_608
  }

  /// Sum of twelve uniform numbers less six: nearly normal, exact in every arithmetic.
  @inlinable
  mutating func normal() -> Real {
    var sum: Real = -6
    for _ in 0..<12 { sum += uniform() }
    return sum
  }
}
