// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Lithium plated during a charge shows as a plateau in the rest after it.

import BatteryDomain
import NumericalMethods

/// Finds cells that stay above their siblings for half an hour after a charge and then fall back: the
/// plateau of lithium that strips (von Lüders et al. 2017, doi:10.1016/j.jpowsour.2016.12.084).
///
/// Diffusion relaxes from the first minute; a plateau holds, and ends. Compared are the means of the
/// difference to the siblings at 10–25 and at 90–125 minutes of rest, and at
/// 150–185 minutes.
struct RelaxationRule: Sendable {
  private let cells: Int
  private var endOfCharge = Double.nan
  private var wasCharging = false
  private var early: [Double]
  private var late: [Double]
  private var last: [Double]
  private var earlyCount = 0
  private var lastCount = 0
  private var lateCount = 0

  init(_ context: DetectorContext) {
    cells = context.cells
    early = Array(repeating: 0, count: context.cells)
    late = early
    last = early
  }

  mutating func ingest(_ reading: PackReading) -> RuleFinding? {
    if reading.mode == .charging {
      wasCharging = true
      endOfCharge = .nan
      return nil
    }
    guard reading.mode == .parked else {
      wasCharging = false
      endOfCharge = .nan
      return nil
    }
    if wasCharging {
      wasCharging = false
      endOfCharge = reading.time
      for cell in 0..<cells {
        early[cell] = 0
        late[cell] = 0
        last[cell] = 0
      }
      earlyCount = 0
      lateCount = 0
      lastCount = 0
    }
    guard !endOfCharge.isNaN else { return nil }
    let rest = reading.time - endOfCharge
    let isEarly = rest > 600 && rest < 1_500
    let isLate = rest > 5_400 && rest < 7_500
    let isLast = rest > 9_000 && rest < 11_100
    if isEarly || isLate || isLast {
      let known = reading.cellVoltage.filter { $0 > 0.5 }
      guard known.count == cells else { return nil }
      let median = RobustStatistics.median(known)
      for cell in 0..<cells {
        let difference = reading.cellVoltage[cell] - median
        if isEarly { early[cell] += difference }
        if isLate { late[cell] += difference }
        if isLast { last[cell] += difference }
      }
      earlyCount += isEarly ? 1 : 0
      lateCount += isLate ? 1 : 0
      lastCount += isLast ? 1 : 0
      return nil
    }
    guard rest >= 11_100 else { return nil }
    endOfCharge = .nan
    guard earlyCount >= 2, lateCount >= 2, lastCount >= 2 else { return nil }
    var falls = [Double](repeating: 0, count: cells)
    for cell in 0..<cells {
      falls[cell] = early[cell] / Double(earlyCount) - late[cell] / Double(lateCount)
    }
    let middle = RobustStatistics.median(falls)
    let spread = RobustStatistics.scaledMAD(falls, about: middle)
    guard let worst = falls.indices.max(by: { falls[$0] < falls[$1] }) else { return nil }
    let fall = falls[worst] - middle
    // A plateau ends; a leak goes on falling.
    let further = late[worst] / Double(lateCount) - last[worst] / Double(lastCount)
    guard fall > 0.0032, fall > 7 * spread, further < 0.3 * fall else { return nil }
    return RuleFinding(
      fault: .plating, subject: .cell(worst + 1),
      evidence: [VerdictEvidence("plateau after the charge", fall, "V")])
  }
}
