// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The whole core in a closed loop: closes, drives, charges, trips, and allocates nothing.

import AllocationCounter
import BMSCore
import ClosedLoop
import Foundation
import Testing

@Suite(
  "Pack controller in a closed loop",
  .enabled(
    if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1",
    "set ANODYNE_RELEASE_TESTS=1 and build in release mode"))
struct PackControllerReleaseTests {
  typealias Loop = ClosedLoop<8, 4, Double>

  @Test("A healthy pack closes, drives, charges and opens on request, and nothing trips")
  func healthy() {
    var loop = Loop(period: 10)
    loop.run(seconds: 95)
    #expect(loop.core.diagnosis.state.worst < .recommended)
    #expect(loop.core.supervisor.seen.isEmpty)
    // Once for the request off at 80 s; closed again at 85 s.
    #expect(loop.openings == 1 && loop.closings == 2)
    #expect(loop.core.commands.state == .closed)
    #expect(loop.core.commands.dischargeCurrentLimit > 0)
    #expect(loop.core.estimate.livenessCounter > 800)
  }

  @Test("A leaking, heating cell is tripped with its evidence and the contactors open")
  func fault() {
    var loop = Loop(period: 10)
    loop.run(seconds: 55, faultAfter: 20)
    #expect(loop.core.diagnosis.state.worst == .safety)
    #expect(!loop.core.commands.contactors.contains(.positive))
    let trip = loop.core.diagnosis.state.lastTrip
    #expect(trip.number > 0 && trip.value.isFinite)
  }

  @Test("Single and double precision take the same decisions on the same drive")
  func precision() {
    var single = ClosedLoop<8, 4, Float>(period: 10)
    var double = ClosedLoop<8, 4, Double>(period: 10)
    single.run(seconds: 70)
    double.run(seconds: 70)
    #expect(single.core.commands.state == double.core.commands.state)
    #expect(single.closings == double.closings && single.openings == double.openings)
    let charge = Double(single.core.estimate.stateOfCharge)
    #expect(abs(charge - double.core.estimate.stateOfCharge) < 0.005)
  }

  @Test("A cycle allocates nothing")
  func allocations() {
    var loop = Loop(period: 10)
    loop.run(seconds: 3)
    let before = anodyne_allocation_count()
    var after = before
    for _ in 0..<1000 {
      loop.prepare()
      loop.decide()
    }
    after = anodyne_allocation_count()
    #expect(before >= 0 && after == before)
  }
}
