// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Remaining life by a particle filter on capacity and fade rate.

import Foundation
import NumericalMethods

/// Remaining life by a particle filter on capacity and fade rate.
///
/// State: capacity `q` (share of the baseline) and the logarithm of the fade rate `r` per cycle.
/// `q` falls by `r` each cycle; `log r` walks at random, so that the rate may grow or shrink; the
/// measurement adds noise and, now and then, a recovery after a rest (heavy tail). Systematic
/// resampling when fewer than half of the particles count. The forecast lets every particle go on
/// walking until it crosses the limit.
///
/// - Reference: Saha & Goebel (2009), doi:10.1177/0142331208092030 (framework); Gordon, Salmond &
///   Smith (1993), doi:10.1049/ip-f-2.1993.0015 (filter).
enum ParticleFilterForecast {
  static let particles = 600
  /// Standard deviation of the walk of `log r` over the cycles seen, as a whole.
  static let rateWalk = 0.6

  static func forecast(_ series: CapacitySeries, seed: UInt64) -> LifeForecast? {
    let x = series.cycle
    let y = series.capacity.map { $0 / series.baseline }
    guard let first = x.first, let last = x.last, last > first else { return nil }
    let span = last - first
    let differences = zip(y.dropFirst(), y).map { $0 - $1 }
    // First differences of pure noise have √2 times its standard deviation.
    let noise = max(
      1e-4,
      RobustStatistics.scaledMAD(differences, about: RobustStatistics.median(differences))
        / 2.0.squareRoot())
    let stride = max(1, x.count / 100)
    let sparse = Swift.stride(from: 0, to: x.count, by: stride).map { $0 }
    let slope = -RobustStatistics.theilSenSlope(sparse.map { x[$0] }, sparse.map { y[$0] })
    let typicalRate = max(slope, 1e-3 / max(span, 50))
    var random = Xoshiro256(seed: seed &+ 0x5EED)
    var level = (0..<particles).map { _ in y[0] + noise * random.nextNormal() }
    var rate = (0..<particles).map { _ in log(typicalRate) + random.nextNormal() }
    var weight = [Double](repeating: 1 / Double(particles), count: particles)
    let walk = rateWalk / span.squareRoot()
    var squares = 0.0
    for index in 1..<x.count {
      let step = x[index] - x[index - 1]
      var expected = 0.0
      var total = 0.0
      for k in 0..<particles {
        rate[k] += walk * step.squareRoot() * random.nextNormal()
        level[k] -= exp(rate[k]) * step
        level[k] += 0.3 * noise * random.nextNormal()
        expected += weight[k] * level[k]
        let z = (y[index] - level[k]) / (2 * noise)
        // Student's t with three degrees of freedom tolerates recoveries after rests.
        weight[k] *= pow(1 + z * z / 3, -2)
        total += weight[k]
      }
      squares += (expected - y[index]) * (expected - y[index])
      guard total > 0, total.isFinite else { return nil }
      var concentration = 0.0
      for k in 0..<particles {
        weight[k] /= total
        concentration += weight[k] * weight[k]
      }
      if 1 / concentration < Double(particles) / 2 {
        resample(&level, &rate, &weight, using: &random)
      }
    }
    resample(&level, &rate, &weight, using: &random)
    let horizon = last + LifeForecast.horizonFactor * max(span, 100)
    let limit = series.endOfLife / series.baseline
    let step = max(1, span / 100)
    let crossings = (0..<particles).map { k in
      var q = level[k]
      var r = rate[k]
      var cycle = last
      while q > limit, cycle < horizon {
        r += walk * step.squareRoot() * random.nextNormal()
        let fall = exp(r) * step
        if q - fall <= limit { return cycle + step * (q - limit) / fall }
        q -= fall
        cycle += step
      }
      return min(cycle, horizon)
    }
    // A middle that lies at the limit already while the data say "not yet" is a filter that lost
    // the series: no forecast.
    guard crossings.filter({ $0 <= last }).count * 4 < crossings.count else { return nil }
    return LifeForecast.summarise(
      crossings, method: .particleFilter, series: series, horizon: horizon,
      residual: (squares / Double(max(1, x.count - 1))).squareRoot(), samples: x.count)
  }

  /// Systematic resampling to equal weights.
  private static func resample(
    _ level: inout [Double], _ rate: inout [Double], _ weight: inout [Double],
    using random: inout Xoshiro256
  ) {
    let n = weight.count
    var position = Double.random(in: 0..<1, using: &random) / Double(n)
    var sum = weight[0]
    var source = 0
    var newLevel: [Double] = []
    var newRate: [Double] = []
    for _ in 0..<n {
      while position > sum, source < n - 1 {
        source += 1
        sum += weight[source]
      }
      newLevel.append(level[source])
      newRate.append(rate[source])
      position += 1 / Double(n)
    }
    level = newLevel
    rate = newRate
    weight = Array(repeating: 1 / Double(n), count: n)
  }
}
