// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Capacity, resistance, life, limits of power, core temperature and plating.

import BMSCore
import Testing

@Suite("Health and limits")
struct HealthTests {
  /// A pack of aged cells over two cycles: full, 70 % out, rest, full again.
  private func cycled(ratio: Double) -> EstimatedCells<Double> {
    var pack = EstimatedCells<Double>(truth: 0.97, assumed: 0.97)
    for cell in 0..<4 { pack.truth.capacityRatio[cell] = ratio }
    let step = Repetitions.of(15.0, long: 5)
    for _ in 0..<Repetitions.of(2, long: 3) {
      while pack.truth.voltage(0, current: -2.5) < 4.2 { pack.step(current: -2.5, seconds: step) }
      while pack.truth.voltage(0, current: -0.2) < 4.199 { pack.step(current: -0.2, seconds: 5) }
      for _ in 0..<24 { pack.step(current: -0.01, seconds: 5) }
      while pack.truth.mean > 0.3 { pack.step(current: 2.5, seconds: step) }
      for _ in 0..<Int(7_200 / step) { pack.step(current: 0, seconds: step) }
    }
    return pack
  }

  @Test(
    "Capacity is learnt from full charges and rests, with its deviation",
    arguments: Repetitions.of([0.8], long: [0.8, 1.0]))
  func capacity(ratio: Double) {
    let pack = cycled(ratio: ratio)
    let learnt = pack.estimate.capacity
    #expect(abs(learnt / 5 - ratio) < 0.03, "\(learnt)")
    #expect(pack.estimate.capacityDeviation > 0)
    #expect(abs(learnt - 5 * ratio) < 3 * pack.estimate.capacityDeviation)
    var causes = Set<UInt8>()
    let resets = pack.estimator.counter.resets
    for age in 0..<resets.count { causes.insert(resets[age: age]?.cause.rawValue ?? 255) }
    #expect(causes.contains(ResetCause.fullCharge.rawValue))
    #expect(abs(pack.estimate.countedStateOfCharge - pack.truth.mean) < 0.02)
    #expect(abs(pack.estimate.stateOfCharge - pack.truth.mean) < 0.02)
  }

  @Test("Health is a vector with one covariance: a grown resistance shows there and nowhere else")
  func vector() {
    var pack = EstimatedCells<Double>(truth: 0.9, assumed: 0.9) { configuration in
      for k in 0..<96 { configuration.circuit.series.discharge[k] = 0.008 }
      for k in 0..<96 { configuration.circuit.series.charge[k] = 0.008 }
    }
    pack.drive(seconds: 1_800)
    let health = pack.estimator.health()
    typealias Part = StateOfHealth<Double>.Part
    // The truth has 10 mΩ; the core was told four fifths of it.
    let series = health.values[Part.series]
    let doubt = health.covariance.rows[Part.series][Part.series].squareRoot()
    #expect(abs(series - 1.25) < 3 * doubt && doubt < 0.1, "\(series) ± \(doubt)")
    #expect(abs(health.values[Part.shift]) < 0.01)
    #expect(abs(health.values[Part.capacity] - 1) < 0.01 && !health.isCapacityLearnt)
    #expect(health.covariance.choleskyFactor() != nil)
    // What the two resistances share is not thrown away.
    #expect(health.covariance.rows[Part.series][Part.polarisation] != 0)
    for i in 0..<4 {
      for j in 0..<4 { #expect(health.covariance.rows[i][j] == health.covariance.rows[j][i]) }
    }
  }

  @Test("A wrong full charge does not change the capacity by half")
  func wrongAnchor() {
    var learner = CapacityLearner<Double>(nominal: 18_000)
    learner.anchor(stateOfCharge: 1, deviation: 0.01, offset: 0.05, gain: 0.002)
    learner.anchor(stateOfCharge: 0.2, deviation: 0.01, offset: 0.05, gain: 0.002)
    // 0.8 of charge without a coulomb counted: one of the two anchors was wrong.
    #expect(!learner.isLearnt && learner.capacity / 18_000 > 0.99)
  }

  @Test("The step resistance and the ratio of a cell grown by half are found in a drive")
  func resistance() {
    var pack = EstimatedCells<Double>(truth: 0.9, assumed: 0.9) { configuration in
      for k in 0..<96 { configuration.circuit.series.discharge[k] = 0.0066667 }
      for k in 0..<96 { configuration.circuit.series.charge[k] = 0.0066667 }
    }
    pack.drive(seconds: 3_600)
    // The truth has 10 mΩ; the core was told two thirds of it.
    #expect(abs(pack.estimate.cellResistanceRatio[0] - 1.5) < 0.1)
    #expect(abs(pack.estimate.stepResistance - 0.01) < 0.001, "\(pack.estimate.stepResistance)")
  }

  @Test("Limits keep the weakest cell above its cut-off for the horizon, and use what there is")
  func power() {
    for z in [0.08, 0.15, 0.5] {
      var pack = EstimatedCells<Double>(truth: z, assumed: z) {
        $0.greatestDischargeCurrent = 200
      }
      pack.truth.stateOfCharge[1] = z - 0.02
      for _ in 0..<120 { pack.step(current: 0.5, seconds: 1) }
      for (k, horizon) in [2, 10, 30].enumerated() {
        let current = pack.estimate.dischargeCurrent[k]
        #expect(current > 0 && pack.estimate.dischargePower[k] > 0)
        var trial = pack.truth
        for _ in 0..<(horizon * 10) { _ = trial.step(current: current, seconds: 0.1) }
        let end = trial.voltage(1, current: current)
        #expect(end > 3 - 0.03, "z \(z), \(horizon) s: \(end) V")
        // As much as the cell can give, within the doubt of the resistances.
        var more = pack.truth
        for _ in 0..<(horizon * 10) { _ = more.step(current: 1.3 * current, seconds: 0.1) }
        let room = more.voltage(1, current: 1.3 * current)
        let emptied = z - 1.3 * current * Double(horizon) / 18_000 < 0.03
        #expect(room < 3.02 || current > 199 || emptied)
      }
      #expect(pack.estimate.dischargeCurrent[0] >= pack.estimate.dischargeCurrent[2])
    }
  }

  @Test("No charge below the lowest temperature of charge")
  func cold() {
    var pack = EstimatedCells<Double>(truth: 0.5, assumed: 0.5)
    for _ in 0..<60 {
      var sample = pack.truth.step(current: 1, seconds: 1)
      for cell in 0..<4 { sample.cellTemperature[cell] = Measured(270) }
      pack.estimator.advance(&sample, balancing: &pack.idle, estimate: &pack.estimate)
    }
    for k in 0..<3 {
      #expect(pack.estimate.chargeCurrent[k] == 0)
      #expect(pack.estimate.dischargeCurrent[k] > 0)
    }
  }

  @Test("Remaining energy agrees with a discharge to the end")
  func energy() {
    var pack = EstimatedCells<Double>(truth: 0.6, assumed: 0.6)
    pack.drive(seconds: 600)
    let promised = pack.estimate.remainingEnergy
    var taken = 0.0
    while pack.truth.voltage(0, current: 2) > 3, pack.truth.mean > 0 {
      _ = pack.truth.step(current: 2, seconds: 5)
      taken += 4 * pack.truth.voltage(0, current: 2) * 2 * 5
    }
    #expect(abs(promised / taken - 1) < 0.05, "\(promised) \(taken)")
  }

  @Test("The core is warmer than its surface by heat times resistance")
  func core() {
    var pack = EstimatedCells<Double>(truth: 0.9, assumed: 0.9)
    for _ in 0..<900 { pack.step(current: 10, seconds: 1) }
    // 10 A through 16 mΩ are 1.6 W; 2 K/W.
    #expect(abs(pack.estimate.coreTemperature[2] - 298.15 - 3.2) < 0.3)
  }

  /// Rest after a charge; a plateau holds the voltage up for half an hour.
  private func rested(plateau: Double, isDriven: Bool = false) -> Double {
    var pack = EstimatedCells<Double>(truth: 0.8, assumed: 0.8)
    // Rows of ten seconds: a charge, or a drive whose last row is half a minute of regeneration.
    for row in 0..<60 { pack.step(current: isDriven && row < 57 ? 4 : -5, seconds: 10) }
    var noise = Noise(3)
    let end = pack.truth.voltage(0, current: 0) + 0.02
    for k in 0..<1_000 {
      let t = Double(k) * 10
      var sample = pack.truth.step(current: 0, seconds: 10)
      for cell in 0..<4 {
        // Diffusion relaxes as a sum of exponentials, ever more slowly.
        var voltage = end - 0.012 * (1 - Double.exponential(-t / 200))
        voltage -= 0.01 * (1 - Double.exponential(-t / 2_500))
        if cell == 1 { voltage += plateau / (1 + Double.exponential((t - 2_400) / 250)) }
        sample.cellVoltage[cell] = Measured(voltage + 0.0005 * noise.next())
      }
      pack.estimator.advance(&sample, balancing: &pack.idle, estimate: &pack.estimate)
    }
    return pack.estimate.platingIndicator
  }

  @Test("A plateau of stripping lithium in one cell is told, a healthy relaxation is not")
  func plating() {
    let healthy = rested(plateau: 0)
    let plated = rested(plateau: 0.012)
    #expect(healthy < 0.1, "\(healthy)")
    #expect(plated > 0.3, "\(plated)")
  }

  @Test("Regeneration at the end of a drive is no charge after which lithium could strip")
  func regeneration() {
    // The relaxation of mixed currents bends as stripping does.
    #expect(rested(plateau: 0.012, isDriven: true) == 0)
  }

  @Test("The forecast of the end of life holds the truth in its interval in most histories")
  func life() {
    var inside = 0
    for seed in 1...20 {
      var noise = Noise(UInt64(seed) &* 7_919)
      let slow = 0.12 * Double.exponential(0.4 * noise.next())
      let share = 0.003 * Double.exponential(0.7 * noise.next())
      let fast = 3 * Double.exponential(0.3 * noise.next())
      func truth(_ k: Double) -> Double {
        (1 + share) * Double.exponential(-slow * k / 1_000)
          - share * Double.exponential(fast * k / 1_000)
      }
      var end = 0.0
      while truth(end) > 0.8 { end += 1 }
      var forecast = LifeForecast<Double>(expectedLife: 1_000, seed: UInt64(seed))
      #expect(forecast.end(at: 0.8) == nil)
      for k in 0..<36 {
        let use = end * Double(k) / 60
        forecast.add(capacity: truth(use) + 0.005 * noise.next(), deviation: 0.005, use: use)
      }
      guard let found = forecast.end(at: 0.8) else {
        Issue.record("no forecast for seed \(seed)")
        continue
      }
      #expect(found.early <= found.median && found.median <= found.late)
      #expect(found.median > forecast.use)
      if found.early <= end && end <= found.late { inside += 1 }
    }
    // Nine tenths nominally; 128 particles for four parameters reach a little less.
    #expect(inside >= 15, "\(inside) of 20")
  }

  @Test("The end of the charge follows an ageing cell; a charge that starts late is set aside")
  func partialCharge() {
    var window = PartialChargeCapacity<Double>(windowVoltage: 3.9)
    var noise = Noise(5)
    var worst = 0.0
    for cycle in 0..<60 {
      let truth = 7_200 * (1 - 0.004 * Double(cycle))
      let isLate = cycle % 17 == 16
      // 1.5 A from 3.3 V; two thirds of the capacity lie above 3.9 V.
      let charge = truth * (isLate ? 0.3 : 1)
      let seconds = Int(charge / 1.5)
      for second in stride(from: 0, to: seconds, by: 10) {
        let z = 1 - (charge - 1.5 * Double(second)) / truth
        window.add(
          current: -1.5, voltage: z < 1.0 / 3 ? 3.5 : 3.95 + 0.2 * z, interval: 10, threshold: 0.02)
      }
      window.finish()
      if cycle < 20 {
        window.calibrate(known: truth * (1 + 0.003 * noise.next()))
      } else if !isLate {
        worst = max(worst, abs(window.capacity / truth - 1))
      }
    }
    #expect(worst < 0.015, "\(worst)")
    #expect(window.setAside >= 2)
  }
}
