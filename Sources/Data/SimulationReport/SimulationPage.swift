// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A cell simulation as a page: headline, figures at a glance, sections.

import BatteryDomain
import CellModels
import Foundation
import Quantities
package import ReportPages

/// A cell simulation as a page.
package struct SimulationPage: Sendable {
  let record: SimulationRecord
  /// Options of the run in words, such as `SEI ec-reaction`.
  let options: [String]

  /// Creates a page.
  ///
  /// - Parameters:
  ///   - record: What the run reported.
  ///   - options: Options in words, beyond model, parameters and temperature.
  package init(_ record: SimulationRecord, options: [String] = []) {
    self.record = record
    self.options = options
  }

  /// The page.
  package func page() -> ReportPage {
    ReportPage(
      kind: "cell simulation", title: title, lead: lead, severity: severity, tiles: tiles,
      sections: [timeSection, insideSection, cycleSection, stepSection, setUpSection]
        .compactMap { $0 },
      notes: [
        "Discharge current is positive. The plating margin is the smallest potential of the negative "
          + "electrode against lithium in the electrolyte; below 0 lithium can plate.",
        "A simulation is as right as its parameters: compare with measurements of your cell before "
          + "you rely on it.",
      ])
  }

  var experiment: Experiment { record.experiment }

  private var title: String {
    let first = record.steps.first?.text ?? experiment.blocks.first?.steps.first?.text ?? "no step"
    let others = max(record.stepCount, 1) - 1
    let more = others == 0 ? "" : " and \(others) more step\(others == 1 ? "" : "s")"
    return
      "\(experiment.parameters.name), \(experiment.model.rawValue.uppercased()): \(first)\(more)"
  }

  /// The last step, if the run could not go on after it.
  private var stop: Experiment.StepResult? {
    guard let last = record.steps.last, last.end.isFinal else { return nil }
    return last
  }

  private var severity: Severity? {
    if stop != nil { return .act }
    return (lowestMargin ?? 1) < 0 ? .watch : nil
  }

  private var lowestMargin: Double? {
    record.curves.platingMargin.lazy.filter(\.isFinite).min()
  }

  private var duration: Double { record.steps.last?.time ?? record.curves.time.last ?? 0 }

  private var charge: (out: Double, back: Double) {
    if let first = record.cycles.first {
      // A cycle that was leapt over counts as the mean of its neighbours.
      var (sum, before) = ((out: 0.0, back: 0.0), first)
      for cycle in record.cycles {
        let leapt = Double(max(0, cycle.cycle - before.cycle - 1))
        sum.out += cycle.discharged + leapt * 0.5 * (cycle.discharged + before.discharged)
        sum.back += cycle.charged + leapt * 0.5 * (cycle.charged + before.charged)
        before = cycle
      }
      return sum
    }
    return record.steps.reduce((0, 0)) { ($0.0 + max(0, $1.charge), $0.1 + max(0, -$1.charge)) }
  }

  /// The result in plain words.
  private var lead: String {
    var sentences: [String] = []
    if let stop {
      sentences.append(
        "The run stopped at \(DisplayText.duration(stop.time)) in \u{201C}\(stop.text)\u{201D}: "
          + "\(stop.end.words).")
    }
    let (out, back) = charge
    var moved: [String] = []
    if out > 0.5 { moved.append("\(ampereHours(out)) came out") }
    if back > 0.5 { moved.append("\(ampereHours(back)) went in") }
    if moved.isEmpty { moved = ["no charge moved"] }
    sentences.append(
      "\(sentence(moved.joined(separator: " and "))) in \(DisplayText.duration(duration)).")
    if let low = record.curves.temperature.min(), let high = record.curves.temperature.max() {
      sentences.append(
        high - low < 0.05
          ? "The cell stayed at \(celsius(high))."
          : "Its temperature went from \(celsius(low)) to \(celsius(high)).")
    }
    if let margin = lowestMargin {
      sentences.append(
        margin < 0
          ? "The negative electrode fell to \(millivolts(margin)) against lithium: plating is possible."
          : "The negative electrode stayed \(millivolts(margin)) above lithium or more: no plating."
      )
    }
    if let first = record.cycles.first, let last = record.cycles.last, record.cycles.count > 1,
      first.discharged > 0, last.discharged > 0
    {
      sentences.append(
        "Cycle \(last.cycle) gave \(DisplayText.percent(last.discharged / first.discharged)) of the "
          + "charge of cycle \(first.cycle).")
    }
    if let last = record.cycles.last, record.leaptCycles > 0 {
      sentences.append(
        "\(DisplayText.count(record.cycles.count)) of \(DisplayText.count(last.cycle)) cycles were "
          + "computed and the others leapt over; that makes the lithium lost uncertain by "
          + DisplayText.quantity(
            last.lostLithiumError * PhysicalConstants.faraday / 3.6, "mAh") + ".")
    }
    return sentences.joined(separator: " ")
  }

  private var tiles: [ReportPage.Tile] {
    var tiles = [ReportPage.Tile(DisplayText.duration(duration), "simulated")]
    let (out, back) = charge
    if out > 0.5 { tiles.append(.init(ampereHours(out), "discharged")) }
    if back > 0.5 { tiles.append(.init(ampereHours(back), "charged")) }
    if let high = record.curves.temperature.max() {
      tiles.append(.init(celsius(high), "highest temperature"))
    }
    if let margin = lowestMargin {
      tiles.append(.init(millivolts(margin), "smallest plating margin"))
    }
    if let last = record.cycles.last, record.cycles.count > 1 {
      tiles.append(.init(DisplayText.count(last.cycle), "cycles"))
    }
    return tiles
  }

  func ampereHours(_ coulombs: Double) -> String {
    DisplayText.quantity(coulombs / 3_600, "Ah")
  }
  func celsius(_ kelvin: Double) -> String {
    DisplayText.quantity((Temperature(kelvin).celsius * 10).rounded() / 10, "°C")
  }
  private func millivolts(_ volts: Double) -> String {
    DisplayText.quantity(volts * 1_000, "mV")
  }
  private func sentence(_ words: String) -> String {
    words.prefix(1).uppercased() + words.dropFirst()
  }
}

extension StepEnd {
  /// Whether no step can follow.
  package var isFinal: Bool {
    switch self {
    case .impossible, .failed, .event(.electrolyteDepleted), .event(.criticalPlating),
      .alreadyPast(.criticalPlating), .event(.lithiumDepleted), .event(.crackedThrough):
      true
    default: false
    }
  }

  /// How the step ended, in words.
  package var words: String {
    switch self {
    case .duration: "full duration"
    case .event(let event): event.words
    case .alreadyPast(.criticalPlating): CellEvent.criticalPlating.words
    case .alreadyPast(let event): "skipped, already past the " + event.words
    case .impossible: "the cell cannot deliver this"
    case .failed: "the solver could not go on"
    }
  }
}

extension CellEvent {
  /// What happened, in words.
  package var words: String {
    switch self {
    case .lowerVoltage: "lower voltage limit"
    case .upperVoltage: "upper voltage limit"
    case .currentBelow: "current limit"
    case .electrolyteDepleted: "electrolyte depleted"
    case .temperatureAbove: "temperature limit"
    case .platingPossible: "plating limit"
    case .criticalPlating: "critical current density of plating exceeded, a dendrite starts"
    case .lithiumDepleted: "lithium metal used up"
    case .crackedThrough: "particles cracked through"
    }
  }
}
