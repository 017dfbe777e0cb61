// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Outliers, repair and resampling of whole series.

import BatteryDomain
import Cleaning
import Foundation
import Testing

@Suite struct SeriesTests {
  @Test("the box plot names what lies outside its whiskers")
  func interquartile() {
    // Quartiles of 1…9 are 3 and 7: fences at −3 and 13.
    let values: [Double] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    #expect(Outliers.interquartile(values).isEmpty)
    #expect(Outliers.interquartile(values + [40, .nan, -30]) == [9, 11])
    #expect(Outliers.interquartile([1, 1, 1, 1, 1.001], minimumSpread: 0.01).isEmpty)
  }

  @Test("model residuals name isolated spikes and leave lasting changes alone")
  func modelResidual() {
    let time = (0..<200).map { Double($0) }
    let current = time.map { Int($0 / 20) % 2 == 0 ? 2.0 : 0.5 }
    var voltage = zip(time, current).map { 4 - 0.001 * $0 - 0.05 * $1 + 0.0005 * sin($0 * 1.7) }
    voltage[57] += 0.08
    let predict = {
      Outliers.resistancePrediction(voltage: $0, current: current, time: time)
    }
    #expect(
      Outliers.modelResidual(
        measured: voltage, predicted: predict(voltage), minimumSpread: 0.002) == [57])
    var failing = voltage
    failing[57] -= 0.08
    for row in 120..<200 { failing[row] -= 0.3 }
    let named = Outliers.modelResidual(
      measured: failing, predicted: predict(failing), minimumSpread: 0.002)
    #expect(named.isEmpty)
  }

  @Test(
    "short gaps are filled, long ones and open ends stay open", arguments: ["linear", "lagrange"])
  func fill(name: String) throws {
    let method = try #require(SeriesRepair.Method(rawValue: name))
    let time = (0..<20).map(Double.init)
    let truth = time.map { 1 + 0.5 * $0 }
    var values = truth
    for row in [0, 5, 6, 12, 13, 14, 15, 16] { values[row] = .nan }
    let result = SeriesRepair.fill(values, time: time, method: method, maximumGap: 3)
    #expect(result.repaired == 2)
    #expect(result.gapsLeftOpen == 2)
    for row in [5, 6] {
      #expect(abs(result.values[row] - truth[row]) < 1e-12)
      #expect(result.flags[row] == .repaired)
    }
    #expect(result.values[0].isNaN && result.values[14].isNaN)
    var summary = CleaningSummary()
    summary.count(result, of: .voltage, method: method)
    #expect(summary.count(of: method == .linear ? .linearRepair : .lagrangeRepair) == 2)
    #expect(summary.count(of: .gapLeftOpen, quantity: .voltage) == 2)
  }

  @Test("Lagrange repair is exact for a cubic, linear repair is not")
  func cubic() {
    let time = [0.0, 1, 2, 3, 4]
    let truth = time.map { $0 * $0 * $0 - 2 * $0 }
    var values = truth
    values[2] = .nan
    let lagrange = SeriesRepair.fill(values, time: time, method: .lagrange, maximumGap: 2)
    let linear = SeriesRepair.fill(values, time: time, method: .linear, maximumGap: 2)
    #expect(abs(lagrange.values[2] - truth[2]) < 1e-12)
    #expect(abs(linear.values[2] - truth[2]) > 1)
  }

  @Test("the repair error on a smooth series stays within the published 2.11 %")
  func repairError() {
    let time = (0..<400).map { Double($0) * 10 }
    let truth = time.map { 3.7 + 0.2 * sin($0 / 300) }
    var values = truth
    for row in stride(from: 7, to: 390, by: 13) { values[row] = .nan }
    let result = SeriesRepair.fill(values, time: time, method: .lagrange, maximumGap: 30)
    let worst = zip(result.values, truth).map { abs($0 - $1) / $1 }.max() ?? 1
    #expect(worst < 0.0211 / 100)
  }

  @Test("resampling keeps lines, ends and long gaps")
  func resample() {
    let time = [0.0, 1, 2, 5, 6, 30, 31]
    let values = time.map { 2 * $0 }
    let (times, resampled) = SeriesRepair.resample(
      values, time: time, interval: 0.5, maximumGap: 4)
    #expect(times.count == 63)
    for (t, value) in zip(times, resampled) {
      if t > 6, t < 30 { #expect(value.isNaN) } else { #expect(abs(value - 2 * t) < 1e-12) }
    }
  }
}

@Suite struct StepSegmenterTests {
  /// Current and voltage of a stretch; one sample a second.
  private func steps(_ samples: [(voltage: Double, current: Double)]) -> [TestStep] {
    var segmenter = StepSegmenter()
    var steps: [TestStep] = []
    for (second, sample) in samples.enumerated() {
      steps += segmenter.add(
        time: Double(second), voltage: sample.voltage, current: sample.current)
    }
    return steps + segmenter.finish()
  }

  @Test("a charge, rest and discharge are labelled in order")
  func cycle() {
    var samples: [(Double, Double)] = []
    for k in 0..<600 { samples.append((3.6 + 0.001 * Double(k), -1.5)) }
    for k in 1..<900 { samples.append((4.2, -1.5 * exp(-Double(k) / 250))) }
    for k in 0..<300 { samples.append((4.2 - 0.02 * (1 - exp(-Double(k) / 100)), 0.001)) }
    for k in 0..<1000 { samples.append((4.1 - 0.0013 * Double(k), 2)) }
    for _ in 0..<200 { samples.append((3.2, 0)) }
    let steps = steps(samples)
    #expect(
      steps.map(\.kind) == [
        .constantCurrentCharge, .constantVoltageCharge, .rest, .constantCurrentDischarge, .rest,
      ])
    #expect(abs(steps[3].charge - 2000) < 4)
    #expect(abs(steps[0].meanCurrent + 1.5) < 0.01)
    #expect(steps.map(\.rows).reduce(0, +) == samples.count)
  }

  @Test("a changing load is one drive step, a lone pulse is a pulse")
  func driveAndPulse() {
    var samples: [(Double, Double)] = Array(repeating: (4.0, 0), count: 200)
    samples += Array(repeating: (3.9, 4), count: 10)
    samples += Array(repeating: (4.0, 0), count: 200)
    for k in 0..<600 { samples.append((3.8, Double((k / 7) % 5) - 1)) }
    samples += Array(repeating: (3.9, 0), count: 200)
    #expect(steps(samples).map(\.kind) == [.rest, .pulse, .rest, .drive, .rest])
  }

  @Test("a new level of constant current is a new step")
  func levels() {
    let samples =
      Array(repeating: (3.9, 1.0), count: 200) + Array(repeating: (3.8, 2.0), count: 200)
    #expect(steps(samples).map(\.kind) == [.constantCurrentDischarge, .constantCurrentDischarge])
  }
}
