// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The estimators together, on cells of known truth.

import BMSCore
import Testing

@Suite("Pack estimator")
struct PackEstimatorTests {
  @Test("Started twenty per cent wrong under load, it finds the state of charge in fifteen minutes")
  func convergence() {
    for (z, assumed) in [(0.6, 0.4), (0.6, 0.8), (1.0, 0.8), (0.9, 1.0)] {
      var pack = EstimatedCells<Double>(truth: z, assumed: assumed)
      pack.drive(seconds: 900)
      let error = abs(pack.estimate.stateOfCharge - pack.truth.mean)
      #expect(error < 0.02, "started at \(assumed) for \(z): \(error)")
      #expect(error < 3 * pack.estimate.stateOfChargeDeviation)
      #expect(pack.estimate.isConverged)
    }
  }

  @Test("An offset of the current sensor moves the count but not the filter")
  func offset() {
    var pack = EstimatedCells<Double>(truth: 0.95, assumed: 0.95)
    pack.drive(seconds: 6_000, step: Repetitions.of(2, long: 1), offset: 0.2)
    #expect(abs(pack.estimate.countedStateOfCharge - pack.truth.mean) > 0.05)
    #expect(abs(pack.estimate.stateOfCharge - pack.truth.mean) < 0.02)
  }

  @Test("The state of charge never leaves 0 to 1, and a count that would is recorded")
  func bounds() {
    var pack = EstimatedCells<Double>(truth: 0.99, assumed: 1)
    for _ in 0..<400 {
      pack.step(current: -5, seconds: 1)
      #expect(pack.estimate.stateOfCharge <= 1 && pack.estimate.countedStateOfCharge <= 1)
      for cell in 0..<4 { #expect(pack.estimate.cellStateOfCharge[cell] <= 1) }
    }
    let resets = pack.estimator.counter.resets
    var found = false
    for age in 0..<resets.count where resets[age: age]?.cause == .bound { found = true }
    #expect(found)
  }

  @Test("Between corrections the state of charge moves no faster than the current")
  func noJump() {
    var pack = EstimatedCells<Double>(truth: 0.8, assumed: 0.8)
    pack.drive(seconds: 1_200)
    var last = pack.estimate.stateOfCharge
    for k in 0..<600 {
      pack.step(current: k % 20 < 10 ? 10 : 0, seconds: 1)
      // 10 A of 5 Ah are 0.06 % a second; the filter may correct as much again.
      #expect(abs(pack.estimate.stateOfCharge - last) < 0.002)
      last = pack.estimate.stateOfCharge
    }
  }

  @Test("Every window counts as a sign of life; without calls there is none")
  func liveness() {
    var pack = EstimatedCells<Double>(truth: 0.5)
    pack.step(current: 1, seconds: 1)
    let before = pack.estimate.livenessCounter
    for _ in 0..<10 { pack.step(current: 1, seconds: 1) }
    #expect(pack.estimate.livenessCounter == before + 10)
    let runs = pack.estimate.beats.runs
    for _ in 0..<8 { pack.step(current: 1, seconds: 1) }
    for part in 0..<EstimatorBeats.count {
      #expect(pack.estimate.beats.runs[part] == runs[part] + 8, "part \(part)")
    }
  }

  @Test("A look after hours of sleep counts every estimator, wherever their turns stood")
  func livenessAfterSleep() {
    for short in 1...30 {
      var pack = EstimatedCells<Double>(truth: 0.5) { $0.cellsPerCycle = 1 }
      for _ in 0..<(60 + short) { pack.step(current: 1, seconds: 0.01) }
      let runs = pack.estimate.beats.runs
      pack.step(current: 0, seconds: 3_600)
      for part in 0..<EstimatorBeats.count {
        #expect(pack.estimate.beats.runs[part] != runs[part], "part \(part) after \(short)")
      }
    }
  }

  @Test("In cycles of a millisecond every cell is treated, a bounded number a cycle")
  func roundRobin() {
    var pack = EstimatedCells<Double>(truth: 0.7) { $0.cellsPerCycle = 1 }
    pack.truth.stateOfCharge[2] = 0.65
    let cycles = Repetitions.of(6_000, long: 30_000)
    for _ in 0..<cycles { pack.step(current: 2, seconds: 0.001) }
    #expect(pack.estimate.livenessCounter >= UInt32(cycles / 104))
    let spread = pack.estimate.cellStateOfCharge[0] - pack.estimate.cellStateOfCharge[2]
    #expect(abs(spread - 0.05) < 0.01, "\(spread)")
  }

  @Test("Cells that differ in charge and capacity are told apart")
  func differences() {
    var pack = EstimatedCells<Double>(truth: 0.9)
    pack.truth.stateOfCharge[1] = 0.87
    pack.truth.capacityRatio[3] = 0.9
    pack.drive(seconds: 5_400, step: Repetitions.of(2, long: 1))
    for cell in 0..<4 {
      let error = pack.estimate.cellStateOfCharge[cell] - pack.truth.stateOfCharge[cell]
      #expect(abs(error) < 0.015, "cell \(cell): \(error)")
    }
    let ratio = pack.estimate.cellCapacity[3] / pack.estimate.cellCapacity[0]
    #expect(abs(ratio - 0.9) < 0.03, "\(ratio)")
  }

  @Test("A cell with a short of a hundred ohms is found with its resistance; its siblings are not")
  func internalShort() {
    var pack = EstimatedCells<Double>(truth: 0.8)
    pack.truth.short[2] = 100
    let interval = Repetitions.of(30.0, long: 10)
    for _ in 0..<Int(36_000 / interval) { pack.step(current: 0, seconds: interval) }
    let found = pack.estimate.internalShortResistance[2]
    #expect(found > 85 && found < 118, "\(found)")
    #expect(pack.estimate.leakedCharge[2] > 0)
    for cell in [0, 1, 3] { #expect(pack.estimate.internalShortResistance[cell] == .infinity) }
  }

  @Test("One broken reading does not move the average, nor the other cells")
  func brokenReading() {
    var pack = EstimatedCells<Double>(truth: 0.7)
    pack.drive(seconds: 900)
    let before = pack.estimate.stateOfCharge
    for _ in 0..<60 {
      var sample = pack.truth.step(current: 0, seconds: 1)
      sample.cellVoltage[1] = Measured(0.4)
      pack.estimator.advance(&sample, balancing: &pack.idle, estimate: &pack.estimate)
    }
    #expect(abs(pack.estimate.stateOfCharge - before) < 0.005)
    #expect(pack.estimate.residual[1] < -0.5)
    #expect(abs(pack.estimate.residual[0]) < 0.02)
  }

  @Test("Without current its uncertainty grows and it is no longer called converged")
  func missingCurrent() {
    var pack = EstimatedCells<Double>(truth: 0.7, assumed: 0.7)
    pack.drive(seconds: 900)
    let before = pack.estimate.countedDeviation
    for _ in 0..<60 {
      var sample = pack.truth.step(current: 2, seconds: 1)
      sample.current = .missing
      pack.estimator.advance(&sample, balancing: &pack.idle, estimate: &pack.estimate)
    }
    #expect(!pack.estimate.isConverged)
    #expect(pack.estimate.countedDeviation > before)
  }
}
