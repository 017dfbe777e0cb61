// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the response to load and the shape over charge say about a cell.

import BatteryDomain
import NumericalMethods

extension AssessmentBuilder {
  mutating func reportResistance(_ cell: Int) {
    guard let whole = load, let recent = recentLoad, whole.meanResistance > 0,
      recent.meanResistance > 0
    else { return }
    // Siblings show the noise of the estimate, so the score among them is the test.
    func share(_ response: LoadResponse) -> Double {
      response.resistance.score[cell] >= Self.outlierScore
        ? response.excess[cell] : 0
    }
    let response = share(recent) > share(whole) ? recent : whole
    let part = share(response)
    guard part > 0 else { return }
    // Scaled to the mean cell, since a group that is read late sees less of each step.
    let excess = part * response.meanResistance
    let score = response.resistance.score[cell]
    let onset = resistanceOnset(cell, groups: whole.groups)
    report(
      FindingRules.cellResistance, magnitude: part, subject: .cell(cell + 1), since: onset,
      confidence: min(0.95, 0.5 + 0.03 * min(score, 15)),
      title: "Cell \(cell + 1) has \(PlainText.percent(part)) more resistance than its siblings "
        + "(+\(PlainText.number(excess * 1000, digits: 2)) mΩ)"
        + (onset.map { ", since \(text.date($0))" } ?? ""),
      baseline: "the median of cells \(response.groupText(cell)), which are read at the same "
        + "instant, over \(response.steps) load steps of at least "
        + "\(PlainText.number(analysis.settings.loadStep, digits: 0)) A",
      evidence: [
        Evidence(
          name: "resistance above its siblings", value: excess * 1000, unit: "mΩ",
          reference: response.meanResistance * 1000, note: "reference: mean resistance of a cell"),
        Evidence(
          name: "the same over all data",
          value: whole.excess[cell] * whole.meanResistance * 1000, unit: "mΩ",
          reference: whole.meanResistance * 1000,
          note: "over \(whole.steps) load steps"),
        Evidence(
          name: "robust z among its siblings", value: score, unit: "",
          reference: Self.outlierScore, note: "reference: outlier limit"),
      ])
  }

  /// When the resistance of a cell left its own baseline; nil if it was high from the start.
  private func resistanceOnset(_ cell: Int, groups: [Range<Int>]) -> Double? {
    var points: [(time: Double, value: Double)] = []
    var sums = LoadSums(cellCount: 0)
    var start: Double?
    for bucket in buckets {
      start = start ?? analysis.history.clock.start(of: bucket.index)
      sums.merge(bucket.load)
      guard sums.steps >= LoadResponse.fewestSteps else { continue }
      if let response = LoadResponse(sums, cellCount: analysis.cellCount, groups: groups),
        let start
      {
        points.append((start, response.resistance.deviation[cell]))
      }
      sums = LoadSums(cellCount: 0)
      start = nil
    }
    guard points.count >= CellComparison.fewestBuckets else { return nil }
    let baseline = min(40, max(5, points.count / 4))
    let first = points.prefix(baseline).map(\.value)
    let centre = RobustStatistics.median(first)
    let spread = max(RobustStatistics.scaledMAD(first, about: centre), 2e-5)
    let test = DepartureTest.run(
      points.map { $0.value - centre },
      deviations: Array(repeating: spread, count: points.count), from: baseline, sign: 1)
    return test.map { points[$0.onset].time }
  }

  mutating func reportCapacity(_ cell: Int) {
    guard let capacity else { return }
    let deficit = capacity.deficit[cell]
    let scores = capacity.scores
    guard deficit > 0, scores.deviation[cell] > 0, capacity.isBelieved(cell) else { return }
    report(
      FindingRules.cellCapacity, magnitude: scores.deviation[cell], subject: .cell(cell + 1),
      confidence: min(0.9, 0.4 + 0.03 * min(scores.score[cell], 15)),
      title: "Cell \(cell + 1) holds about \(PlainText.percent(scores.deviation[cell])) less "
        + "charge than its module",
      baseline: "the median of cells \(moduleText(cell)): the deviation in charge is regressed on "
        + "state of charge within \(CapacityComparison.spans) spans of time",
      evidence: [
        Evidence(
          name: "capacity below its module", value: scores.deviation[cell] * 100, unit: "%",
          reference: 0,
          note: "± \(PlainText.number(capacity.error[cell] * 100, digits: 1)) %"),
        Evidence(
          name: "robust z among its module", value: scores.score[cell], unit: "",
          reference: Self.outlierScore, note: "reference: outlier limit"),
      ])
  }

  mutating func reportScatter(_ cell: Int) {
    guard let whole = load, let recent = recentLoad else { return }
    func ratio(_ response: LoadResponse) -> Double {
      let usual = response.usualScatter[cell]
      return usual > 0 ? response.scatter[cell] / usual : 0
    }
    let response = ratio(recent) > ratio(whole) ? recent : whole
    let scatter = response.scatter[cell]
    guard scatter > 0.005 else { return }
    report(
      FindingRules.cellNoise, magnitude: ratio(response), subject: .cell(cell + 1),
      confidence: 0.7,
      title: "Cell \(cell + 1) reads unsteadily under load: "
        + "\(PlainText.number(scatter * 1000, digits: 1)) mV scatter, "
        + "\(PlainText.number(ratio(response), digits: 1)) times its siblings",
      baseline: "the median scatter of cells \(response.groupText(cell)), which are read at the "
        + "same instant, over \(response.steps) load steps",
      evidence: [
        Evidence(
          name: "scatter that load does not explain", value: scatter * 1000, unit: "mV",
          reference: response.usualScatter[cell] * 1000, note: "reference: median sibling")
      ])
  }
}
