// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Any input leaves the estimators with usable numbers.

import BMSCore
import TestSupport
import Testing

@Suite("Estimators under any input")
struct EstimatorRobustnessTests {
  static func isUsable<Real: CoreReal>(_ estimate: PackEstimate<4, Real>) -> Bool {
    var numbers = [
      estimate.stateOfCharge, estimate.stateOfChargeDeviation, estimate.countedStateOfCharge,
      estimate.countedDeviation, estimate.capacity, estimate.polarisationRatio,
      estimate.currentOffset, estimate.modelError, estimate.innovation, estimate.remainingEnergy,
      estimate.platingIndicator, estimate.stateOfFunction, estimate.stepResistance,
    ]
    for k in 0..<3 {
      numbers += [
        estimate.dischargePower[k], estimate.chargePower[k], estimate.dischargeCurrent[k],
        estimate.chargeCurrent[k],
      ]
    }
    for k in 0..<4 {
      numbers += [
        estimate.cellStateOfCharge[k], estimate.cellStateOfChargeDeviation[k],
        estimate.cellCapacity[k], estimate.cellResistanceRatio[k], estimate.residual[k],
        estimate.coreTemperature[k], estimate.leakCurrent[k], estimate.leakedCharge[k],
      ]
      if estimate.internalShortResistance[k].isNaN { return false }
      if !(0...1).contains(estimate.cellStateOfCharge[k]) { return false }
    }
    return numbers.allSatisfy(\.isFinite) && (0...1).contains(estimate.stateOfCharge)
      && (0...1).contains(estimate.countedStateOfCharge)
  }

  func wild<Real: CoreReal>(_ random: inout Seeded, _ usual: Real) -> Real {
    switch random.next() % 12 {
    case 0: .nan
    case 1: .infinity
    case 2: -.infinity
    case 3: .greatestFiniteMagnitude
    case 4: -.greatestFiniteMagnitude
    case 5: .leastNonzeroMagnitude
    case 6: 0
    case 7: -usual
    case 8: usual * 1e6
    default: usual
    }
  }

  func survives<Real: CoreReal>(_ type: Real.Type, seed: UInt64) {
    var random = Seeded(seed)
    var pack = EstimatedCells<Real>(truth: 0.6)
    for step in 0..<Repetitions.of(150, long: 1_500) {
      var sample = pack.truth.step(current: 3, seconds: 1)
      sample.current.value = wild(&random, 3)
      sample.interval = wild(&random, 1)
      if random.next() % 5 == 0 { sample.timeMilliseconds = random.next() }
      for cell in 0..<4 {
        sample.cellVoltage[cell].value = wild(&random, sample.cellVoltage[cell].value)
        sample.cellTemperature[cell].value = wild(&random, 298)
        if random.next() % 7 == 0 { sample.cellVoltage[cell].quality = .missing }
      }
      var balancing = pack.idle
      balancing[1] = wild(&random, 0.1)
      pack.estimator.advance(&sample, balancing: &balancing, estimate: &pack.estimate)
      guard Self.isUsable(pack.estimate),
        !pack.estimator.average.isStarted || isPositive(pack.estimator.average.covariance)
      else {
        Issue.record("seed \(seed), step \(step): \(pack.estimate)")
        return
      }
    }
  }

  /// Symmetric, finite, and with no entry beyond what its variances allow.
  func isPositive<Real: CoreReal>(_ p: SmallMatrix<9, Real>) -> Bool {
    for i in 0..<9 {
      guard p[i, i] > 0, p[i, i].isFinite else { return false }
      for j in 0..<9 {
        guard p[i, j] == p[j, i], p[i, j].isFinite else { return false }
        if p[i, j] * p[i, j] > p[i, i] * p[j, j] * 1.01 + 1e-12 { return false }
      }
    }
    return true
  }

  @Test("Random numbers, NaN and infinity never reach the estimates", arguments: 1...6)
  func anything(seed: UInt64) {
    survives(Double.self, seed: seed)
    survives(Float.self, seed: seed)
  }

  @Test("After a drive the covariance is positive definite in both number types")
  func positiveDefinite() {
    var wide = EstimatedCells<Double>(truth: 0.9, assumed: 0.7)
    wide.drive(seconds: Repetitions.of(600, long: 3_600))
    #expect(wide.estimator.average.covariance.choleskyFactor() != nil)
    var narrow = EstimatedCells<Float>(truth: 0.9, assumed: 0.7)
    narrow.drive(seconds: Repetitions.of(600, long: 3_600))
    #expect(isPositive(narrow.estimator.average.covariance))
  }

  @Test("Float and Double agree within half a per cent of charge over a drive")
  func agreement() {
    var wide = EstimatedCells<Double>(truth: 0.9, assumed: 0.8)
    var narrow = EstimatedCells<Float>(truth: 0.9, assumed: 0.8)
    wide.drive(seconds: Repetitions.of(600, long: 3_600))
    narrow.drive(seconds: Repetitions.of(600, long: 3_600))
    #expect(abs(wide.estimate.stateOfCharge - Double(narrow.estimate.stateOfCharge)) < 0.005)
    #expect(
      abs(wide.estimate.countedStateOfCharge - Double(narrow.estimate.countedStateOfCharge))
        < 0.001)
  }

  @Test(
    "A charge that never arrives is counted nowhere: steps of a millisecond")
  func smallSteps() {
    var configuration = EstimationConfiguration<Float>(circuit: SimulatedCells<Float>.circuit)
    var counter = ChargeCounter<Float>()
    counter.start(
      1, deviation: 0.01, cause: .start, capacity: 18_000, timeMilliseconds: 0)
    // 5 mA for up to a million milliseconds; in Float each step is 2.8e-10 of the charge.
    let count = Repetitions.of(100_000, long: 1_000_000)
    for k in 0..<count {
      counter.add(
        current: 0.005, interval: 0.001, variance: 0, capacity: 18_000, timeMilliseconds: UInt64(k),
        configuration: &configuration)
    }
    #expect(abs(counter.coulombs - 18_000 + Float(count) * 5e-6) < 0.01, "\(counter.coulombs)")
  }
}
