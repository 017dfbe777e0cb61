// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the temperature probes say.

import BatteryDomain
import NumericalMethods

extension AssessmentBuilder {
  /// Fewest values a probe's standing rests on.
  private static let fewestValues = 100

  mutating func findTemperatures() {
    guard analysis.probeCount > 0, analysis.telemetry.rows > 0 else { return }
    standProbes()
    findHeat()
    let dead = result.probes.filter { $0.condition == .dead }.map(\.probe)
    let never = dead.filter { analysis.telemetry.probeSamples[$0 - 1] == 0 }
    let lost = dead.filter { analysis.telemetry.probeSamples[$0 - 1] > 0 }
    reportProbes(never, "never gave a usable value; often such channels are not fitted", .note)
    reportProbes(lost, "gave usable values and no longer do", .watch)
    for probe in result.probes where probe.condition == .stuck {
      report(
        FindingRules.probeStuck, magnitude: 1, subject: .probe(probe.probe), confidence: 0.9,
        title: "Probe \(probe.probe) keeps one reading while the others move",
        baseline: "the range of the median probe",
        evidence: [
          Evidence(
            name: "range of its readings",
            value: analysis.telemetry.probeRanges[probe.probe - 1].width, unit: "K",
            reference: RobustStatistics.median(analysis.telemetry.probeRanges.map(\.width)),
            note: "reference: median probe")
        ])
    }
    for probe in result.probes where probe.condition == .live {
      guard let deviation = probe.latestDeviation, deviation > 0 else { continue }
      let onset = warmingOnset(probe.probe - 1)
      report(
        FindingRules.probeHot, magnitude: deviation, subject: .probe(probe.probe),
        since: onset, confidence: 0.8,
        title: "Probe \(probe.probe) reads \(PlainText.number(deviation, digits: 0)) K above the "
          + "others" + (onset.map { ", since \(text.date($0))" } ?? ""),
        baseline: "the median of the live probes in the same rows",
        evidence: [
          Evidence(
            name: "deviation from the median probe, now", value: deviation, unit: "K",
            reference: probe.deviation, note: "reference: over all rows")
        ])
    }
  }

  private mutating func reportProbes(_ probes: [Int], _ what: String, _ limit: Severity) {
    guard !probes.isEmpty else { return }
    report(
      limit == .note ? FindingRules.probeMissing : FindingRules.probeLost,
      magnitude: Double(probes.count) / Double(analysis.probeCount),
      subject: probes.count == 1 ? .probe(probes[0]) : .pack, confidence: 0.8,
      title: "\(probes.count) of \(analysis.probeCount) temperature probes \(what)",
      baseline: "one usable value a probe and row",
      evidence: [
        Evidence(
          name: "probes without usable values", value: Double(probes.count), unit: "",
          reference: 0, note: "probes \(Self.list(probes))")
      ], limit: limit)
  }

  private static func list(_ numbers: [Int]) -> String {
    let shown = numbers.prefix(12).map(String.init).joined(separator: ", ")
    return numbers.count > 12 ? shown + " and more" : shown
  }

  private mutating func standProbes() {
    let tracker = analysis.telemetry
    let edge = min(buckets.count, max(3, buckets.count / 10))
    let medianWidth = RobustStatistics.median(
      tracker.probeRanges.indices.filter { tracker.probeSamples[$0] > 0 }
        .map { tracker.probeRanges[$0].width })
    result.probes = (0..<analysis.probeCount).map { probe in
      var standing = ProbeStanding(probe: probe + 1)
      let samples = tracker.probeSamples[probe]
      standing.validShare = Double(samples) / Double(max(1, tracker.rows))
      standing.deviation = meanDeviation(probe, buckets[...])
      standing.latestDeviation = meanDeviation(probe, buckets.suffix(edge))
      standing.maximum = analysis.tracks.probeMaxima[probe].maximum
      if standing.validShare < 0.05 || standing.latestDeviation == nil {
        standing.condition = .dead
      } else if samples >= Self.fewestValues, medianWidth >= 5,
        tracker.probeRanges[probe].width < 0.5
      {
        standing.condition = .stuck
      }
      return standing
    }
  }

  /// When a probe left its own baseline upwards; nil if it was warm from the start.
  private func warmingOnset(_ probe: Int) -> Double? {
    let clock = analysis.history.clock
    let points = buckets.indices.compactMap { place in
      meanDeviation(probe, buckets[place...place]).map {
        (clock.start(of: buckets[place].index), $0)
      }
    }
    guard points.count >= CellComparison.fewestBuckets else { return nil }
    let baseline = min(40, max(6, points.count / 4))
    let first = points.prefix(baseline).map(\.1)
    let centre = RobustStatistics.median(first)
    // Half a kelvin: half a step of a probe.
    let spread = max(RobustStatistics.scaledMAD(first, about: centre), 0.5)
    let test = DepartureTest.run(
      points.map { $0.1 - centre },
      deviations: Array(repeating: spread, count: points.count), from: baseline, sign: 1)
    return test.map { points[$0.onset].0 }
  }

  private func meanDeviation(_ probe: Int, _ part: ArraySlice<Bucket>) -> Double? {
    var sum = 0.0
    var count = 0.0
    for bucket in part {
      let values = Double(bucket.thermal.deviationCounts[probe])
      if values.isNaN || values == 0 { continue }
      count += values
      sum += Double(bucket.thermal.deviationSums[probe])
    }
    return count > 0 ? sum / count : nil
  }

  private mutating func findHeat() {
    if let high = analysis.tracks.temperature.maximum {
      report(
        FindingRules.hotTemperature, magnitude: high, subject: .pack, confidence: 0.85,
        title: "A probe reached \(PlainText.celsius(high))",
        baseline: "upper operating temperature of lithium-ion cells, 55 °C",
        evidence: [
          Evidence(
            name: "highest temperature in three successive rows", value: high - 273.15,
            unit: "°C", reference: 55)
        ])
    }
    if let rate = analysis.tracks.fastestRise {
      report(
        FindingRules.temperatureRate, magnitude: rate, subject: .pack, confidence: 0.7,
        title: "A probe rose by \(PlainText.number(rate * 60, digits: 1)) K/min",
        baseline: "5 K/min, above what fast charging causes",
        evidence: [
          Evidence(
            name: "fastest sustained rise", value: rate * 60, unit: "K/min", reference: 5,
            note: "over at least 30 s and 3 K")
        ])
    }
    let spreads = result.series.buckets.temperatureSpread.compactMap { $0 }
    guard !spreads.isEmpty else { return }
    let edge = min(spreads.count, max(3, spreads.count / 10))
    let usual = RobustStatistics.median(Array(spreads.suffix(edge)))
    report(
      FindingRules.temperatureSpread, magnitude: usual, subject: .pack, confidence: 0.8,
      title: "Probes lie \(PlainText.number(usual, digits: 0)) K apart",
      baseline: "design goal of 5 K across a pack",
      evidence: [
        Evidence(
          name: "usual spread between probes, now", value: usual, unit: "K", reference: 5,
          note:
            "at first \(PlainText.number(RobustStatistics.median(Array(spreads.prefix(edge))), digits: 1)) K"
        )
      ])
  }
}
