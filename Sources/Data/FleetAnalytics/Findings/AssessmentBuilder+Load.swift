// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the response to load and the shape over charge say about a cell.

import BatteryDomain

extension AssessmentBuilder {
  /// Ratio of an estimate to its standard error from which it is believed.
  static let believedRatio = 5.0

  mutating func reportResistance(_ cell: Int) {
    guard let load, load.meanResistance > 0 else { return }
    let excess = load.resistance.deviation[cell]
    let score = load.resistance.score[cell]
    guard excess > 0, score >= Self.outlierScore, excess >= Self.believedRatio * load.error[cell]
    else { return }
    report(
      FindingRules.cellResistance, magnitude: excess / load.meanResistance,
      subject: .cell(cell + 1), confidence: min(0.95, 0.5 + 0.03 * min(score, 15)),
      title: "Cell \(cell + 1) has \(PlainText.percent(excess / load.meanResistance)) more "
        + "resistance than its module (+\(PlainText.number(excess * 1000, digits: 2)) mΩ)",
      baseline: "the median of cells \(moduleText(cell)) over \(load.steps) load steps of at least "
        + "\(PlainText.number(analysis.settings.loadStep, digits: 0)) A",
      evidence: [
        Evidence(
          name: "resistance above its module", value: excess * 1000, unit: "mΩ",
          reference: load.meanResistance * 1000,
          note: "± \(PlainText.number(load.error[cell] * 1000, digits: 3)) mΩ; reference: mean cell"
        ),
        Evidence(
          name: "robust z among its module", value: score, unit: "",
          reference: Self.outlierScore, note: "reference: outlier limit"),
      ])
  }

  mutating func reportCapacity(_ cell: Int) {
    guard let capacity else { return }
    let deficit = capacity.deficit[cell]
    let scores = SiblingScores(capacity.deficit, groups: comparison.modules, floor: 0.005)
    guard deficit > 0, scores.deviation[cell] > 0, scores.score[cell] >= Self.outlierScore,
      deficit >= Self.believedRatio * capacity.error[cell]
    else { return }
    report(
      FindingRules.cellCapacity, magnitude: scores.deviation[cell], subject: .cell(cell + 1),
      confidence: min(0.9, 0.4 + 0.03 * min(scores.score[cell], 15)),
      title: "Cell \(cell + 1) holds about \(PlainText.percent(scores.deviation[cell])) less "
        + "charge than its module",
      baseline: "the median of cells \(moduleText(cell)): the deviation in charge is regressed on "
        + "state of charge",
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
    guard let load else { return }
    let group = comparison.modules[comparison.moduleOfCell[cell]]
    let usual = CellMatrix.median(group.map { load.scatter[$0] })
    let scatter = load.scatter[cell]
    guard usual > 0, scatter > 0.005 else { return }
    report(
      FindingRules.cellNoise, magnitude: scatter / usual, subject: .cell(cell + 1),
      confidence: 0.7,
      title: "Cell \(cell + 1) reads unsteadily under load: "
        + "\(PlainText.number(scatter * 1000, digits: 1)) mV scatter, "
        + "\(PlainText.number(scatter / usual, digits: 1)) times its module",
      baseline: "the median scatter of cells \(moduleText(cell)) over \(load.steps) load steps",
      evidence: [
        Evidence(
          name: "scatter that load does not explain", value: scatter * 1000, unit: "mV",
          reference: usual * 1000, note: "reference: median of its module")
      ])
  }
}
