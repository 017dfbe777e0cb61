// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Evidence of the rival explanations, and when one of them is told.

import BatteryDomain
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension SiblingShortDetector {
  /// How much more the cells of each module disagree than the first filter expects, at least 1: what moves
  /// many siblings is the model, and counts for less in all of them.
  mutating func measureScales() {
    normals.removeAll(keepingCapacity: true)
    for module in 0..<window.modules {
      moduleNormals.removeAll(keepingCapacity: true)
      for i in window.cells(of: module) where isMeasured[i] {
        let (values, variances) = filters.innovation(i, measurements[i])
        let normal = values[0] / variances[0].squareRoot()
        normals.append(normal)
        moduleNormals.append(abs(normal))
      }
      guard moduleNormals.count > 2 else {
        scales[module] = 1
        continue
      }
      moduleNormals.sort()
      // A dozen values scatter: a quarter more than one is still as expected.
      scales[module] = 1.48 * RobustStatistics.medianOfSorted(moduleNormals) / 1.25
    }
    guard normals.count > 2 else { return }
    let pack = RobustStatistics.scaledMAD(normals, about: 0)
    for module in 0..<window.modules { scales[module] = max(1, pack, scales[module]) }
  }

  /// Updates every cell and sums its evidence.
  mutating func weigh(length: Double) {
    let kept = exp(-length / limits.memory)
    let most = isResting ? limits.restStep : limits.useStep
    let change = Hypothesis.change.rawValue
    for i in 0..<context.cells where isMeasured[i] {
      let m = measurements[i]
      let scale = scales[i / window.perModule]
      let square = scale * scale
      let (values, variances) = filters.innovation(i, m)
      let totals = variances * square
      let misfits = values * values / totals
      // A leap beyond every explanation is a channel that shifted, once a day; a short goes on.
      if misfits.min() > 49, lastTime - lastShift[i] > 86_400 {
        lastShift[i] = lastTime
        filters.shift(i, by: values)
        continue
      }
      filters.update(i, m, scale: square)
      for k in 1...change {
        let gained = 0.5 * (misfits[0] - misfits[k] - log(totals[k] / totals[0]))
        // No single window decides.
        let step = max(-limits.restStep, min(most, gained))
        evidence[i][k] = max(0, kept * evidence[i][k] + step)
        guard k < change else { continue }
        let ahead = 0.5 * (misfits[change] - misfits[k] - log(totals[k] / totals[change]))
        let lead = leads[i][k] + max(-limits.restStep, min(limits.restStep, ahead))
        leads[i][k] = max(-10, min(10, lead))
      }
    }
  }

  /// Evidence of the cell with the third most.
  private func shared(_ first: Int, _ last: Int) -> Double {
    var most = (0.0, 0.0, 0.0)
    for i in 0..<context.cells {
      var value = 0.0
      for k in first...last { value = max(value, evidence[i][k]) }
      if value > most.0 {
        most = (value, most.0, most.1)
      } else if value > most.1 {
        most = (most.0, value, most.1)
      } else if value > most.2 {
        most.2 = value
      }
    }
    return most.2
  }

  /// Tells what passed its limit.
  mutating func decide(verdicts: inout [Verdict]) {
    let rate = context.cell.capacity / 3_600
    // A short is in one cell. What also the third of its siblings shows is the model or a board.
    let common = (leak: shared(1, 2), change: shared(3, 3))
    for i in 0..<context.cells {
      // A cell told as shorted differs in all that follows from it.
      let change = isShorted[i] ? 0 : evidence[i][3] - common.change
      let fast = evidence[i][1]
      let slow = evidence[i][2]
      let leak = max(fast, slow) - common.leak
      guard max(leak, change) > limits.evidence else { continue }
      let kind = fast > slow ? 1 : 2
      let lead = leads[i][kind]
      if leak > limits.evidence, lead > limits.margin {
        let amperes = filters.value(kind, i, .leak)
        let deviation = filters.deviation(kind, i, .leak)
        guard amperes > limits.leakRate * rate, amperes > limits.significance * deviation else {
          continue
        }
        isShorted[i] = true
        tell(
          .internalShort, i, verdicts: &verdicts,
          evidence: [
            VerdictEvidence("leak current", amperes, "A"),
            VerdictEvidence("standard deviation", deviation, "A"),
            VerdictEvidence(
              "short resistance", place.openVoltage(of: i / window.perModule) / amperes, "Ω"),
            VerdictEvidence("log-likelihood ratio", leak, ""),
            VerdictEvidence("against a change instead", lead, ""),
          ])
      } else if change > limits.evidence, lead < -limits.margin {
        tellChange(i, sum: change, verdicts: &verdicts)
      }
    }
  }

  /// A cell whose capacity or resistance changed: the one that differs most of its limit is told.
  private mutating func tellChange(_ i: Int, sum: Double, verdicts: inout [Verdict]) {
    let kind = Hypothesis.change.rawValue
    let nominal = context.cell.seriesResistance
    let capacity = filters.value(kind, i, .capacity)
    if capacity > limits.capacity, capacity > 3 * filters.deviation(kind, i, .capacity) {
      tell(
        .capacityOutlier, i, verdicts: &verdicts,
        evidence: [
          VerdictEvidence("capacity missing", capacity / (1 + capacity), ""),
          VerdictEvidence("log-likelihood ratio", sum, ""),
        ])
    }
    let ohms = filters.value(kind, i, .series)
    guard ohms > limits.resistance * nominal, ohms > 3 * filters.deviation(kind, i, .series) else {
      return
    }
    // A joint adds resistance that acts at once; an aged cell polarises slowly as well.
    let relative = filters.value(kind, i, .slow)
    let isAged = relative > 0.4 * ohms / nominal
    tell(
      isAged ? .resistanceOutlier : .looseConnection, i, verdicts: &verdicts,
      evidence: [
        VerdictEvidence("added resistance", ohms * 1_000, "mΩ"),
        VerdictEvidence("added slow polarisation", relative, ""),
        VerdictEvidence("log-likelihood ratio", sum, ""),
      ])
  }

  private mutating func tell(
    _ fault: FaultClass, _ cell: Int, verdicts: inout [Verdict], evidence: [VerdictEvidence]
  ) {
    guard told.insert("\(fault.rawValue) \(cell)").inserted else { return }
    verdicts.append(Verdict(fault, at: .cell(cell + 1), time: lastTime, evidence: evidence))
  }
}
