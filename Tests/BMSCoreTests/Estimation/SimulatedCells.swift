// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Cells with known truth for the tests of the estimators.

import BMSCore

/// A pack of four cells in series with a circuit of one pair, stepped with known truth.
struct SimulatedCells<Real: CoreReal> {
  static var circuit: CellCircuit<Real> {
    var circuit = CellCircuit<Real>(
      capacity: 18_000, lowerVoltage: 3, upperVoltage: 4.2, resistance: 0.01)
    // A curve with a steep foot and a bend, rising everywhere.
    for k in 0...100 {
      let z = Real(k) / 100
      circuit.openCircuit[k] =
        3.4 + 0.8 * z - 0.4 * Real.exponential(-30 * z) - 0.05 * z * (1 - z)
    }
    circuit.pairs[0] = ResistanceTable(repeating: 0.006)
    circuit.timeConstants[0] = InlineArray(repeating: 40)
    circuit.pairCount = 1
    return circuit
  }

  var circuit = Self.circuit
  var stateOfCharge: InlineArray<4, Real>
  var capacityRatio = InlineArray<4, Real>(repeating: 1)
  /// Resistance of an internal short; infinite for none.
  var short = InlineArray<4, Real>(repeating: .infinity)
  var pair = InlineArray<4, Real>(repeating: 0)
  var milliseconds: UInt64 = 0
  var noise = Noise(7)

  init(stateOfCharge z: Real) { stateOfCharge = InlineArray(repeating: z) }

  func voltage(_ cell: Int, current: Real) -> Real {
    circuit.openCircuitVoltage(stateOfCharge[cell], temperature: 298.15)
      - current * 0.01 - pair[cell]
  }

  /// Steps the truth and returns what sensors read: 1 mV of noise.
  mutating func step(current: Real, seconds: Real, offset: Real = 0) -> PackSample<4, 2, Real> {
    let decay = Real.exponential(-seconds / 40)
    var sample = PackSample<4, 2, Real>()
    milliseconds += UInt64(seconds * 1_000)
    sample.timeMilliseconds = milliseconds
    sample.interval = seconds
    sample.current = Measured(current + offset)
    for cell in 0..<4 {
      let leak = voltage(cell, current: current) / short[cell]
      let i = current + leak
      pair[cell] = i * 0.006 + (pair[cell] - i * 0.006) * decay
      stateOfCharge[cell] -= i * seconds / (18_000 * capacityRatio[cell])
      sample.cellVoltage[cell] = Measured(
        voltage(cell, current: i) + Real(noise.next() * 0.001))
      sample.cellTemperature[cell] = Measured(298.15)
    }
    return sample
  }

  /// Mean of the true states of charge.
  var mean: Real {
    (stateOfCharge[0] + stateOfCharge[1] + stateOfCharge[2] + stateOfCharge[3]) / 4
  }
}

/// Repeatable noise of unit variance.
struct Noise {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) / 9_007_199_254_740_992
  }
  mutating func next() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += uniform() }
    return sum
  }
}

/// A pack of simulated cells with its estimators.
struct EstimatedCells<Real: CoreReal> {
  var truth: SimulatedCells<Real>
  var estimator: PackEstimator<4, 2, Real>
  var estimate = PackEstimate<4, Real>()
  var idle = InlineArray<4, Real>(repeating: 0)

  init(
    truth z: Real, assumed: Real = -1,
    change: (inout EstimationConfiguration<Real>) -> Void = { _ in }
  ) {
    var configuration = EstimationConfiguration(circuit: SimulatedCells<Real>.circuit)
    configuration.startStateOfCharge = assumed
    change(&configuration)
    truth = SimulatedCells(stateOfCharge: z)
    estimator = PackEstimator(configuration)
  }

  mutating func step(current: Real, seconds: Real, offset: Real = 0) {
    var sample = truth.step(current: current, seconds: seconds, offset: offset)
    estimator.advance(&sample, balancing: &idle, estimate: &estimate)
  }

  /// A drive: current changes every ten seconds about a mean of C/3.
  mutating func drive(seconds: Int, step: Real = 1, offset: Real = 0) {
    var draw = Noise(11)
    var current: Real = 0
    var time: Real = 0
    var next: Real = 0
    while time < Real(seconds) {
      if time >= next {
        current = Real(1.7 + 4 * draw.next()).clamped(-5, 12)
        next += 10
      }
      self.step(current: current, seconds: step, offset: offset)
      time += step
    }
  }
}
