// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What is wrong with the readings themselves: lost, stuck, beyond limits.

import BatteryDomain
import Cleaning
import NumericalMethods

extension AssessmentBuilder {
  mutating func findReadings() {
    let tracker = analysis.telemetry
    guard tracker.rows > 0 else { return }
    let rows = Double(tracker.rows)
    for cell in tracker.cellSamples.indices where tracker.cellSamples[cell] > 0 {
      let lost = 1 - Double(tracker.cellSamples[cell]) / rows
      report(
        FindingRules.cellLost, magnitude: lost, subject: .cell(cell + 1), confidence: 0.9,
        title: "Cell \(cell + 1) has no usable voltage in \(PlainText.percent(lost)) of the rows",
        baseline: "one usable value a row",
        evidence: [
          Evidence(
            name: "rows without a usable voltage", value: lost * 100, unit: "%", reference: 0,
            note: "of \(tracker.rows) rows")
        ])
    }
    reportLosses()
    let missing = tracker.cellSamples.indices.filter { tracker.cellSamples[$0] == 0 }
    report(
      FindingRules.cellMissing,
      magnitude: Double(missing.count) / Double(max(1, analysis.cellCount)), subject: .pack,
      confidence: 0.8,
      title: "\(missing.count) of \(analysis.cellCount) cell-voltage channels never gave a usable "
        + "value",
      baseline: "one usable value a cell and row",
      evidence: [
        Evidence(
          name: "channels without usable values", value: Double(missing.count), unit: "",
          reference: 0,
          note: "cells \(missing.prefix(12).map { String($0 + 1) }.joined(separator: ", "))")
      ])
    let widths = tracker.cellRanges.map(\.width)
    for cell in stuckCells {
      // Frozen from the first rows on has no onset.
      let run = tracker.stillness[cell]
      let since = run.rows < tracker.cellSamples[cell] ? run.since : nil
      let moved = since == nil ? RobustStatistics.median(widths) : run.meanHigh - run.meanLow
      report(
        FindingRules.cellStuck, magnitude: widths[cell], subject: .cell(cell + 1), since: since,
        confidence: 0.95,
        title: "The reading of cell \(cell + 1) does not move"
          + (since.map { ", since \(text.date($0))" } ?? ""),
        baseline: "the range of the \(since == nil ? "median" : "mean") cell over the same rows, "
          + "\(PlainText.number(moved * 1000, digits: 0)) mV",
        evidence: [
          Evidence(
            name: "range of its readings",
            value: (since == nil ? widths[cell] : run.high - run.low) * 1000, unit: "mV",
            reference: moved * 1000,
            note: "over \(since == nil ? tracker.cellSamples[cell] : run.rows) rows")
        ])
    }
    let unusable = max(
      result.telemetry.unusableCellShare,
      analysis.cellCount == 0 ? 1 : 0)
    report(
      FindingRules.telemetryGaps, magnitude: unusable, subject: .pack, confidence: 0.95,
      title: "\(PlainText.percent(unusable, digits: 2)) of the cell voltages cannot be used, in "
        + "\(tracker.rowsWithUnusableCells) of \(tracker.rows) rows",
      baseline: "one usable value a cell and row",
      evidence: [
        Evidence(
          name: "unusable cell voltages", value: unusable * 100, unit: "%", reference: 0,
          note: "missing, sentinels, out of range or isolated spikes"),
        Evidence(
          name: "gaps", value: Double(tracker.gaps), unit: "",
          note: "longest \(PlainText.duration(tracker.longestGap))"),
      ])
    findFrozenPack()
    findRowsOutOfTime()
    findLimits()
  }

  /// Cell readings that all stand still while the pack voltage moves: among themselves they look
  /// perfectly alike.
  private mutating func findFrozenPack() {
    let tracker = analysis.telemetry
    let fitted = tracker.cellSamples.indices.filter { tracker.cellSamples[$0] > 0 }
    guard let fewest = fitted.map({ tracker.cellSamples[$0] }).min(),
      fewest >= StillRun.fewestRows,
      fitted.allSatisfy({ tracker.cellRanges[$0].width < StillRun.width })
    else { return }
    let pack = result.series.packVoltage.mean.sorted()
    let movement =
      RobustStatistics.quantileOfSorted(pack, 0.95) - RobustStatistics.quantileOfSorted(pack, 0.05)
    let perCell = movement / Double(fitted.count)
    guard perCell.isFinite else { return }
    report(
      FindingRules.packStuck, magnitude: perCell, subject: .pack, confidence: 0.9,
      title: "No cell reading moves while the pack voltage moves by "
        + "\(PlainText.number(movement, digits: 1)) V",
      baseline: "the movement of the pack voltage over the same rows, divided by the cells",
      evidence: [
        Evidence(
          name: "movement of the pack voltage per cell", value: perCell * 1000, unit: "mV",
          reference: StillRun.movement * 1000, note: "5 to 95 % of the pack voltage"),
        Evidence(
          name: "widest range of a cell reading",
          value: (fitted.map { tracker.cellRanges[$0].width }.max() ?? 0) * 1000, unit: "mV",
          reference: StillRun.width * 1000, note: "over \(fewest) rows or more"),
      ])
  }

  /// Rows that cleaning had to leave out: what little is left must not pass for a quiet vehicle.
  private mutating func findRowsOutOfTime() {
    let rows = analysis.counts
    guard rows.received >= 20 else { return }
    let share = Double(rows.late + rows.untimed) / Double(rows.received)
    // A few late rows are the way of a link that resends, and are in the counts.
    guard share >= 0.2 else { return }
    report(
      FindingRules.telemetryGaps, magnitude: share, subject: .pack, confidence: 0.95,
      title: "\(PlainText.percent(share)) of the rows are out of order of time and were left out",
      baseline: "times that increase from row to row",
      evidence: [
        Evidence(
          name: "rows older than a row before them", value: Double(rows.late), unit: "",
          reference: 0, note: "of \(rows.received) rows; sort them by time and analyse again"),
        Evidence(name: "rows without a time", value: Double(rows.untimed), unit: "", reference: 0),
      ])
  }

  /// Cells whose reading was good and has gone for good: cleaning knows when.
  private mutating func reportLosses() {
    for loss in analysis.cleaning.losses where loss.quantity == .cellVoltage && loss.lasts {
      let subject = Subject.cell(loss.element + 1)
      guard
        !findings.contains(where: { $0.subject == subject && $0.kind == FindingRules.cellLost.kind }
        )
      else { continue }
      report(
        FindingRules.cellLost, magnitude: 1, subject: subject, since: loss.since,
        confidence: 0.9,
        title: "Cell \(loss.element + 1) has had no usable voltage since "
          + text.date(loss.since),
        baseline: "one usable value a row",
        evidence: [
          Evidence(
            name: "rows without a usable voltage", value: Double(loss.rows), unit: "",
            reference: 0, note: "in one run to the end of the data"),
          Evidence(name: "last usable voltage", value: loss.lastGood, unit: "V"),
        ])
    }
  }

  private mutating func findLimits() {
    if let high = analysis.tracks.cellVoltage.maximum {
      report(
        FindingRules.overvoltage, magnitude: high, subject: .pack, confidence: 0.9,
        title: "A cell reached \(PlainText.number(high, digits: 3)) V",
        baseline: "upper voltage of lithium-ion cells with a graphite anode, at most 4.35 V",
        evidence: [
          Evidence(
            name: "highest cell voltage in three successive rows", value: high, unit: "V",
            reference: 4.35)
        ])
    }
    let means = result.series.cellVoltage.mean
    if let low = analysis.tracks.cellVoltage.minimum, low < 2.0,
      RobustStatistics.median(means) > 2.8
    {
      report(
        FindingRules.undervoltage, magnitude: 2.0 - low, subject: .pack, confidence: 0.8,
        title: "A cell fell to \(PlainText.number(low, digits: 3)) V",
        baseline: "lower voltage of lithium-ion cells with a graphite anode, at least 2.0 V",
        evidence: [
          Evidence(
            name: "lowest cell voltage in three successive rows", value: low, unit: "V",
            reference: 2.0)
        ])
    }
  }
}
