// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How often intervals of 95 % hold the truth of cells drawn at random, and how wide they are.

import CellIdentification
import CellModels
import Foundation
import Testing

/// Counts intervals that hold the truth.
private struct Tally {
  private(set) var count = 0
  private(set) var inside = 0
  private var square = 0.0

  /// Share of the intervals that hold the truth.
  var coverage: Double { Double(inside) / Double(max(1, count)) }
  /// How wide the intervals are beside the errors that occur: one if just wide enough.
  var width: Double { (Double(count) / max(1e-12, square)).squareRoot() }

  /// Adds an estimate, its truth and the half-width of its interval on that side.
  mutating func add(_ value: Double, _ truth: Double, span: Double) {
    count += 1
    if abs(value - truth) <= span { inside += 1 }
    let deviations = 1.959_964 * (value - truth) / max(1e-12, span)
    square += deviations * deviations
  }

  func row(_ name: String) -> String {
    name.padding(toLength: 66, withPad: " ", startingAt: 0)
      + String(format: "%5d %7.1f %% %7.2f", count, 100 * coverage, width)
  }

  /// Coverage that 95 % must reach: three binomial deviations less for numbers that share a cell's
  /// noise by threes, and never under nine in ten.
  var bound: Double {
    max(0.9, 0.95 - 3 * (3 * 0.95 * 0.05 / Double(max(1, count))).squareRoot())
  }
}

/// Enabled in release runs: the fits are slow without optimisation. With `SLOW_TESTS=1` every kind
/// of noise is met by sixty cells.
@Suite(
  "Coverage of intervals",
  .enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct IntervalCoverageReleaseTests {
  private static let isLong = ProcessInfo.processInfo.environment["SLOW_TESTS"] == "1"

  /// White noise; noise alike for seconds, minutes and a third of an hour.
  static let noises = [
    RecordingNoise(white: 1e-3), RecordingNoise(white: 5e-4, slow: 5e-4, memory: 30),
    RecordingNoise(white: 5e-4, slow: 1e-3, memory: 120),
    RecordingNoise(white: 5e-4, slow: 1e-3, memory: 1_200),
  ]

  @Test("Circuits of one and two pairs, white and correlated noise", arguments: 0..<4, [1, 2])
  func circuits(kind: Int, pairs: Int) throws {
    let noise = Self.noises[kind]
    var table: [String: Tally] = [:]
    for seed in 1...(Self.isLong ? 60 : 15) {
      let truth = RandomCircuit(seed: UInt64(seed), pairs: pairs)
      var settings = CircuitFitSettings()
      settings.pairCounts = [pairs]
      let found = try CircuitIdentification(
        truth.tests(noise, seed: UInt64(1_000 * seed + kind)), settings: settings)
      let group = try #require(found.groups.first)
      for (pair, time) in zip(truth.parameters.pairs, group.timeConstants) {
        table["time constants", default: Tally()].add(
          log(time.value), log(pair.timeConstants[0]), span: group.intervalFactor * time.error)
      }
      for (node, z) in group.nodes.enumerated() where z > 0.09 && z < 0.95 {
        for block in 0...pairs {
          let exact = truth.resistance(block: block, at: z)
          for (name, values, shares) in [
            ("on discharge", group.discharge, group.resolution.discharge),
            ("on charge", group.charge, group.resolution.charge),
          ] where shares[block][node] >= CircuitIdentification.Group.determinedResolution {
            let found = values[block][node]
            table["R\(block) \(name)", default: Tally()].add(
              found.value / exact, 1, span: group.intervalFactor * found.error / exact)
          }
        }
      }
    }
    let words = "white \(1e3 * noise.white) mV, alike \(1e3 * noise.slow) mV \(noise.memory) s"
    for (name, tally) in table.sorted(by: { $0.key < $1.key }) {
      print(tally.row("\(pairs) pair(s), \(words): \(name)"))
      // Noise alike for longer than the rests of the test looks like a slow pair.
      let least = noise.memory > 900 ? min(0.88, tally.bound) : tally.bound
      #expect(tally.coverage >= (name == "time constants" ? 0.8 : least), "\(name)")
      #expect((0.6...2).contains(tally.width), "\(name): \(tally.width)")
    }
  }

  @Test("Determined numbers of single-particle models of two materials", arguments: [0, 2])
  func particles(kind: Int) throws {
    let noise = Self.noises[kind]
    var table: [String: Tally] = [:]
    var all = Tally()
    var windows = Tally()
    for base in [CellParameters.chen2020, .marquis2019] {
      for seed in 1...(Self.isLong ? 30 : 2) {
        let truth = try SingleParticleTruth(base: base, seed: UInt64(seed))
        let found = try SingleParticleIdentification(
          truth.tests(noise: noise, seed: UInt64(100 * seed + kind)), base: base)
        let balance = found.balancing.balance
        let empty = truth.empty(after: found.balancing.capacity)
        for (index, (value, exact)) in [
          (balance.negative.empty, empty.negative),
          (balance.negative.full, truth.window.full.negative),
          (balance.positive.empty, empty.positive),
          (balance.positive.full, truth.window.full.positive),
        ].enumerated() {
          #expect(abs(value - exact) < 0.003)
          windows.add(
            value, exact, span: found.balancing.intervalFactor * found.balancing.errors[index])
        }
        for finding in found.findings {
          let exact = try #require(truth.value(of: finding))
          let span =
            exact > finding.value
            ? log(finding.interval.upperBound / finding.value)
            : log(finding.value / finding.interval.lowerBound)
          let name = "\(finding.state.rawValue) \(finding.quantity)"
          table[name, default: Tally()].add(log(finding.value), log(exact), span: span)
          guard finding.state == .determined else { continue }
          all.add(log(finding.value), log(exact), span: span)
        }
      }
    }
    for (name, tally) in table.sorted(by: { $0.key < $1.key }) { print(tally.row(name)) }
    print(all.row("all determined"))
    print(windows.row("stoichiometries"))
    #expect(all.count >= 12)
    #expect(all.coverage >= 0.9)
    #expect((0.6...2).contains(all.width))
    // The losses of the slow test bias them by some ten-thousandths.
    #expect(windows.coverage >= (Self.isLong ? 0.85 : 0.75))
  }
}
