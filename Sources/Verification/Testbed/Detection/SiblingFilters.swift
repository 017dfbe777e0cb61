// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Kalman filters of each cell against its module, one for each rival explanation.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How each cell differs from the middle of its module, estimated under four explanations at once.
///
/// The measured difference is `dv = U(s + δ) − U(s) − λ·R − r·I − ρ·u + b + e` with the charge difference
/// δ, which falls by the leak λ, by the balancing switch and, in proportion to the current, by the missing
/// capacity κ; the difference r of the resistance that acts at once; the relative difference ρ of the slow
/// polarisation u; the offset b of the channel; and the error e of the curve at its place, which stays
/// while the pack rests and is another after it has moved. A resting cell that leaks also runs through
/// its hysteresis. Each cell has a covariance of its own, as each stands on another part of the curve.
///
/// The four explanations are the lanes of a vector. Complexity: O(cells · 28).
struct SiblingFilters: Sendable {
  /// Values of the four explanations.
  typealias Lanes = SIMD4<Double>
  static let states = 7
  /// Entries of a symmetric matrix, upper triangle by rows.
  static let entries = 28
  /// Random walk of a channel's offset in volts per √h: 0.2 mV in a day.
  static let drift = 0.000_04
  /// Variance of the charge difference for each whole charge that flows: what circuit and capacity
  /// leave out, 0.4 % (assumed).
  static let use = 0.004 * 0.004
  /// Index of each state.
  enum State: Int { case charge, leak, capacity, series, slow, offset, curve }

  let cells: Int
  let capacity: Double
  let resistance: Double
  /// `[cell × state]`.
  private(set) var mean: [Lanes]
  /// `[cell × entry]`.
  private(set) var covariance: [Lanes]
  private let growthTime: Lanes
  private let leakWalk: Lanes
  private let capacityWalk: Lanes
  private let seriesWalk: Lanes
  private let slowWalk: Lanes

  /// Creates filters that know nothing yet; of the four explanations the first is that nothing changes.
  init(cells: Int, capacity: Double, resistance: Double, _ hypotheses: [SiblingHypothesis]) {
    precondition(hypotheses.count == Lanes.scalarCount, "one hypothesis a lane")
    self.cells = cells
    self.capacity = capacity
    self.resistance = resistance
    func lanes(_ value: (SiblingHypothesis) -> Double) -> Lanes {
      Lanes(hypotheses.map(value))
    }
    let hourly = capacity / 3_600
    growthTime = lanes(\.growthTime)
    leakWalk = lanes { ($0.leakWalk * hourly) * ($0.leakWalk * hourly) }
    capacityWalk = lanes { $0.capacityWalk * $0.capacityWalk }
    seriesWalk = lanes { ($0.seriesWalk * resistance) * ($0.seriesWalk * resistance) }
    slowWalk = lanes { $0.slowWalk * $0.slowWalk }
    let leak = lanes { $0.leakStart * hourly }
    mean = Array(repeating: .zero, count: cells * Self.states)
    covariance = Array(repeating: .zero, count: cells * Self.entries)
    let start: [Lanes] = [
      Lanes(repeating: 0.012), leak, Lanes(repeating: 0.02), Lanes(repeating: 0.15 * resistance),
      Lanes(repeating: 0.15), Lanes(repeating: 0.002),
    ]
    for cell in 0..<cells {
      for (state, deviation) in start.enumerated() {
        covariance[cell * Self.entries + Self.entry(state, state)] = deviation * deviation
      }
    }
  }

  /// Place of an entry, row not below column.
  @inline(__always)
  static func entry(_ row: Int, _ column: Int) -> Int { row * (13 - row) / 2 + column }

  /// A state of a cell under an explanation.
  @inline(__always)
  func value(_ lane: Int, _ cell: Int, _ state: State) -> Double {
    mean[cell * Self.states + state.rawValue][lane]
  }

  /// Its standard deviation.
  @inline(__always)
  func deviation(_ lane: Int, _ cell: Int, _ state: State) -> Double {
    let place = cell * Self.entries + Self.entry(state.rawValue, state.rawValue)
    return max(0, covariance[place][lane]).squareRoot()
  }

  /// Moves one cell over a time of mean current.
  ///
  /// - Parameters:
  ///   - cell: From 0.
  ///   - duration: In seconds.
  ///   - current: Mean current in amperes, discharge positive.
  ///   - bled: Charge taken by the balancing switch, in coulombs.
  ///   - unknown: Charge difference that the pack may have been used by unseen, as a part.
  ///   - move: What the siblings did.
  ///   - error: Variance of the curve's error at its place, in V².
  mutating func predict(
    _ cell: Int, duration: Double, current: Double, bled: Double, unknown: Double,
    move: SiblingMove, error: Double
  ) {
    let hours = duration / 3_600
    let a = duration / capacity
    let b = current * duration / capacity
    let w = move.swing * a
    let keep = move.keep
    let hourly = capacity / 3_600
    let most = hourly * hourly / 400
    let growing = Lanes(
      exp(min(1, duration / growthTime[0])), exp(min(1, duration / growthTime[1])),
      exp(min(1, duration / growthTime[2])), exp(min(1, duration / growthTime[3])))
    let walkLeak = leakWalk * hours
    let walkCapacity = capacityWalk * hours
    let walkSeries = seriesWalk * hours
    let walkSlow = slowWalk * hours
    let base = cell * Self.entries
    var growth = growing
    covariance.withUnsafeMutableBufferPointer { buffer in
      guard let p = buffer.baseAddress.map({ $0 + base }) else { return }
      // Rows: 0 charge, 7 leak, 13 capacity, 18 series, 22 slow, 25 offset, 27 curve.
      // A leak of a twentieth of the capacity an hour is a hard short: no wider prior.
      growth.replace(with: Lanes(repeating: 1), where: p[7] .> most)
      let leak = p[7]
      let mixed = p[8]
      let small = p[13]
      let chargeLeak = p[1] - a * leak - b * mixed
      let chargeSmall = p[2] - a * mixed - b * small
      p[0] = p[0] - a * (p[1] + chargeLeak) - b * (p[2] + chargeSmall)
      let chargeCurve = p[6] - a * p[12] - b * p[17]
      p[6] = keep * chargeCurve - w * chargeLeak
      p[1] = chargeLeak
      p[2] = chargeSmall
      p[3] -= a * p[9] + b * p[14]
      p[4] -= a * p[10] + b * p[15]
      p[5] -= a * p[11] + b * p[16]
      p[27] = keep * keep * p[27] - 2 * keep * w * p[12] + w * w * leak
      p[12] = keep * p[12] - w * leak
      p[17] = keep * p[17] - w * mixed
      p[21] = keep * p[21] - w * p[9]
      p[24] = keep * p[24] - w * p[10]
      p[26] = keep * p[26] - w * p[11]
      p[1] *= growth
      p[7] = leak * growth * growth + walkLeak
      p[8] *= growth
      p[9] *= growth
      p[10] *= growth
      p[11] *= growth
      p[12] *= growth
      p[0] += 1e-10 * hours + unknown * unknown * small + Self.use * abs(b)
      p[13] = small + walkCapacity
      p[18] += walkSeries
      p[22] += walkSlow
      p[25] += Self.drift * Self.drift * hours
      p[27] += (1 - keep * keep) * error
    }
    mean.withUnsafeMutableBufferPointer { buffer in
      guard let x = buffer.baseAddress.map({ $0 + cell * Self.states }) else { return }
      let lost = a * x[1] + bled / capacity
      x[0] -= lost + b * x[2]
      x[6] = keep * x[6] - move.swing * lost
      x[1] = pointwiseMin(x[1] * growth, Lanes(repeating: capacity / 7_200))
    }
  }

  /// Innovations of all explanations and their variances.
  func innovation(
    _ cell: Int, _ m: SiblingMeasurement
  ) -> (values: Lanes, variances: Lanes) {
    mean.withUnsafeBufferPointer { x in
      covariance.withUnsafeBufferPointer { p in
        guard let x = x.baseAddress.map({ $0 + cell * Self.states }),
          let p = p.baseAddress.map({ $0 + cell * Self.entries })
        else { return (.zero, Lanes(repeating: 1)) }
        let expected = Self.expected(x, m)
        let (_, spread) = Self.project(p, m)
        return (
          m.residual + (expected[0] - expected), pointwiseMax(spread, .zero) + m.noise
        )
      }
    }
  }

  @inline(__always)
  private static func expected(_ x: UnsafePointer<Lanes>, _ m: SiblingMeasurement) -> Lanes {
    let early = m.slope * x[0] + m.leak * x[1] + m.series * x[3]
    return early + m.slow * x[4] + x[5] + x[6]
  }

  /// What the filters expect of a cell apart from its charge difference, in volts.
  @inline(__always)
  func apart(_ cell: Int, _ m: SiblingMeasurement) -> Double {
    let base = cell * Self.states
    let early = m.leak * mean[base + 1][0] + m.series * mean[base + 3][0]
    return early + m.slow * mean[base + 4][0] + mean[base + 5][0] + mean[base + 6][0]
  }

  /// Covariance times derivatives, and the variance of the expected difference.
  @inline(__always)
  private static func project(
    _ p: UnsafePointer<Lanes>, _ m: SiblingMeasurement
  ) -> (InlineArray<7, Lanes>, Lanes) {
    let h0 = m.slope
    let h1 = m.leak
    let h3 = m.series
    let h4 = m.slow
    var k = InlineArray<7, Lanes>(repeating: .zero)
    let a0 = h0 * p[0] + h1 * p[1] + h3 * p[3]
    k[0] = a0 + h4 * p[4] + p[5] + p[6]
    let a1 = h0 * p[1] + h1 * p[7] + h3 * p[9]
    k[1] = a1 + h4 * p[10] + p[11] + p[12]
    let a2 = h0 * p[2] + h1 * p[8] + h3 * p[14]
    k[2] = a2 + h4 * p[15] + p[16] + p[17]
    let a3 = h0 * p[3] + h1 * p[9] + h3 * p[18]
    k[3] = a3 + h4 * p[19] + p[20] + p[21]
    let a4 = h0 * p[4] + h1 * p[10] + h3 * p[19]
    k[4] = a4 + h4 * p[22] + p[23] + p[24]
    let a5 = h0 * p[5] + h1 * p[11] + h3 * p[20]
    k[5] = a5 + h4 * p[23] + p[25] + p[26]
    let a6 = h0 * p[6] + h1 * p[12] + h3 * p[21]
    k[6] = a6 + h4 * p[24] + p[26] + p[27]
    let left = h0 * k[0] + h1 * k[1] + h3 * k[3]
    return (k, left + h4 * k[4] + k[5] + k[6])
  }

  /// Updates all explanations of a cell by one measurement.
  ///
  /// - Parameters:
  ///   - cell: From 0.
  ///   - m: What was measured.
  ///   - scale: Factor on the variance where siblings disagree more than modelled.
  mutating func update(_ cell: Int, _ m: SiblingMeasurement, scale: Double) {
    mean.withUnsafeMutableBufferPointer { x in
      covariance.withUnsafeMutableBufferPointer { p in
        guard let x = x.baseAddress.map({ $0 + cell * Self.states }),
          let p = p.baseAddress.map({ $0 + cell * Self.entries })
        else { return }
        let expected = Self.expected(x, m)
        let innovation = m.residual + (expected[0] - expected)
        let (k, spread) = Self.project(p, m)
        let inverse = 1 / ((pointwiseMax(spread, .zero) + m.noise) * scale)
        var place = 0
        for row in 0..<Self.states {
          let gain = k[row] * inverse
          for column in row..<Self.states {
            p[place] -= gain * k[column]
            place += 1
          }
          x[row] += gain * innovation
        }
        // What no cell can be: a source, or without capacity or resistance.
        x[1] = x[1].clamped(lowerBound: .zero, upperBound: Lanes(repeating: capacity / 7_200))
        x[2] = x[2].clamped(
          lowerBound: Lanes(repeating: -0.2), upperBound: Lanes(repeating: 1))
        x[0] = x[0].clamped(lowerBound: Lanes(repeating: -0.6), upperBound: Lanes(repeating: 0.2))
        x[3] = pointwiseMax(x[3], Lanes(repeating: -0.7 * resistance))
        x[4] = x[4].clamped(lowerBound: Lanes(repeating: -0.7), upperBound: Lanes(repeating: 4))
      }
    }
  }

  /// Adds doubt about the curve at a cell's place, in V².
  mutating func doubtCurve(_ cell: Int, variance: Double) {
    covariance[cell * Self.entries + 27] += variance
  }

  /// Takes a leap of a channel as a shift of its offset, whatever the explanation.
  mutating func shift(_ cell: Int, by leaps: Lanes) {
    mean[cell * Self.states + State.offset.rawValue] += leaps
  }
}
