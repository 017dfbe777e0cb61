// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Knee, forecasts and their intervals on series whose end of life is known.

import CellAnalytics
import Foundation
import NumericalMethods
import Testing

/// Capacities of a known law with noise, up to a cycle.
private func series(
  through last: Int, noise: Double = 0.002, seed: UInt64 = 1, _ law: (Double) -> Double
) -> CapacitySeries {
  var random = Xoshiro256(seed: seed)
  let cycles = (0...last).map(Double.init)
  return CapacitySeries(
    cycle: cycles, capacity: cycles.map { 7200 * (law($0) + noise * random.nextNormal()) },
    nominal: 7200)
}

@Suite struct LifeTests {
  @Test("baseline, first cycle below a limit and end of life")
  func basics() {
    let fade = CapacitySeries(
      cycle: Array(1...100).map(Double.init), capacity: (1...100).map { 100 - 0.3 * Double($0) })
    #expect(abs(fade.baseline - 99.4) < 1e-12)
    #expect(fade.firstCycle(below: 90.05) == 34)
    #expect(fade.endOfLifeCycle == 69)
    #expect(fade.prefix(through: 20).cycle.count == 20)
    // A single low value is not the end of life.
    var dip = fade
    dip.capacity[10] = 50
    #expect(dip.endOfLifeCycle == 69)
  }

  @Test("the knee of two straight lines is found with its slopes")
  func knee() throws {
    let fade = series(through: 400) { 1 - 0.0002 * $0 - 0.001 * max(0, $0 - 280) }
    let knee = try #require(KneePoint.find(in: fade))
    #expect(abs(knee.cycle - 280) < 8)
    #expect(knee.interval.contains(280))
    #expect(abs(knee.slopeBefore / 7200 + 0.0002) < 4e-5)
    #expect(abs(knee.slopeAfter / 7200 + 0.0012) < 1e-4)
  }

  @Test("straight, flattening and healthy fade have no knee", arguments: 1...3)
  func noKnee(seed: Int) {
    let seed = UInt64(seed)
    #expect(KneePoint.find(in: series(through: 300, seed: seed) { 1 - 0.0004 * $0 }) == nil)
    #expect(
      KneePoint.find(in: series(through: 300, seed: seed) { 1 - 0.01 * $0.squareRoot() }) == nil)
    #expect(KneePoint.find(in: series(through: 100, seed: seed) { _ in 1 }) == nil)
  }

  @Test("a low first cycle before a level capacity is no knee")
  func risingStart() {
    let cycles = (1...20).map(Double.init)
    var level = cycles.map { 7200 - 0.05 * $0 }
    level[0] = 7140
    #expect(KneePoint.find(in: CapacitySeries(cycle: cycles, capacity: level)) == nil)
    // The first capacity of a test that begins with a charge.
    var none = cycles.map { 30 - 0.06 * $0 }
    none[0] = 0
    #expect(KneePoint.find(in: CapacitySeries(cycle: cycles, capacity: none)) == nil)
  }

  @Test("the same seed repeats, ended and short series have no forecast")
  func repeats() {
    let fade = series(through: 60) { 1 - 0.001 * $0 }
    #expect(LifeForecast.all(for: fade, seed: 5) == LifeForecast.all(for: fade, seed: 5))
    #expect(LifeForecast.all(for: fade.prefix(through: 10), seed: 5).isEmpty)
    #expect(LifeForecast.all(for: series(through: 400) { 1 - 0.001 * $0 }, seed: 5).isEmpty)
  }
}

@Suite(.enabled(if: NASACapacityReleaseTests.isEnabled)) struct LifeReleaseTests {
  @Test("each method finds the end of life of its own law")
  func ownLaw() throws {
    let line = LifeForecast.all(for: series(through: 200) { 1 - 0.0005 * $0 }, seed: 1)
    let linear = try #require(line.first { $0.method == .linear })
    #expect(abs(linear.endOfLife - 400) < 20)
    #expect(linear.lower < 400 && linear.upper > 400)
    let decay = LifeForecast.all(for: series(through: 200) { exp(-0.0006 * $0) }, seed: 1)
    let exponential = try #require(decay.first { $0.method == .exponential })
    let truth = -log(0.8) / 0.0006
    #expect(abs(exponential.endOfLife / truth - 1) < 0.05)
    let double = LifeForecast.all(
      for: series(through: 320, noise: 0.0005) {
        0.99 * exp(-0.0002 * $0) - 0.002 * exp(0.011 * $0)
      },
      seed: 1)
    let own = try #require(double.first { $0.method == .doubleExponential })
    // 0.99·exp(−0.0002 x) − 0.002·exp(0.011 x) = 0.8 at x = 375.6.
    #expect(abs(own.endOfLife - 375.6) < 15)
    let filter = try #require(line.first { $0.method == .particleFilter })
    #expect(abs(filter.endOfLife - 400) < 60)
    #expect(filter.lower < 400 && filter.upper > 400)
  }

  @Test("the linear interval covers the truth as often as it says")
  func coverage() {
    let hits = (1...60).filter { seed in
      let fade = series(through: 200, seed: UInt64(seed)) { 1 - 0.0005 * $0 }
      let linear = LifeForecast.all(for: fade, seed: UInt64(seed), methods: [.linear]).first
      return linear.map { $0.lower < 400 && $0.upper > 400 } ?? false
    }
    // 90 % of 60 with three binomial standard deviations (±7).
    #expect(hits.count >= 47)
  }
}
