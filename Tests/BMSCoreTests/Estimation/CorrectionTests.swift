// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Corrections of the count by rest and by an empty cell, with cause and size, and the state of function.

import BMSCore
import Testing

@Suite("Corrections of the counted charge")
struct CorrectionTests {
  private func resets(_ pack: EstimatedCells<Double>, _ cause: ResetCause) -> [ChargeReset<Double>]
  {
    let log = pack.estimator.counter.resets
    return (0..<log.count).compactMap { log[age: $0] }.filter { $0.cause == cause }
  }

  @Test("Woken after hours of rest, the open-circuit voltage corrects the count by its error")
  func wake() throws {
    var pack = EstimatedCells<Double>(truth: 0.6, assumed: 0.7)
    pack.step(current: 1, seconds: 1)
    #expect(abs(pack.estimate.countedStateOfCharge - 0.7) < 0.01)
    // Two looks at the parked pack, an hour apart.
    pack.step(current: 0, seconds: 3_600)
    pack.step(current: 0, seconds: 3_600)
    let reset = try #require(resets(pack, .restVoltage).last)
    #expect(abs(reset.size + 0.1) < 0.03, "\(reset.size)")
    #expect(abs(pack.estimate.countedStateOfCharge - pack.truth.mean) < 0.02)
  }

  @Test("A cell at its lower voltage under a small load is empty, and the count says so")
  func empty() throws {
    var pack = EstimatedCells<Double>(truth: 0.06, assumed: 0.16)
    for _ in 0..<1_100 where resets(pack, .fullDischarge).isEmpty {
      pack.step(current: 1, seconds: 1)
    }
    let reset = try #require(resets(pack, .fullDischarge).last)
    #expect(reset.size < -0.05, "\(reset.size)")
    #expect(abs(pack.estimate.countedStateOfCharge - pack.truth.mean) < 0.02)
  }

  @Test("The state of function is the share of the required power that is there")
  func function() {
    var strong = EstimatedCells<Double>(truth: 0.8, assumed: 0.8) { $0.requiredPower = 10 }
    var weak = EstimatedCells<Double>(truth: 0.8, assumed: 0.8) { $0.requiredPower = 10_000 }
    for _ in 0..<60 {
      strong.step(current: 2, seconds: 1)
      weak.step(current: 2, seconds: 1)
    }
    #expect(strong.estimate.stateOfFunction == 1)
    let share = weak.estimate.dischargePower[1] / 10_000
    #expect(share > 0 && share < 1)
    #expect(abs(weak.estimate.stateOfFunction - share) < 0.02 * share)
  }
}
