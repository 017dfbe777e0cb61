// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What was acknowledged survives power cuts, failing flushes and full disks at random points.

import Foundation
import TelemetryStore
import TestSupport
import Testing

/// Rounds of the long form; the short form keeps the suite quick.
private let rounds = ProcessInfo.processInfo.environment["SLOW_TESTS"] == "1" ? 120 : 12

@Suite struct CrashTests {
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `nothing acknowledged is lost when the power fails`(seed: UInt64) async throws {
    var harness = try CrashHarness(seed: seed)
    var random = Seeded(seed &+ 100)
    for _ in 0..<rounds {
      try await harness.round(.power(at: Int.random(in: 1...120, using: &random)))
    }
    #expect(harness.crashes == rounds && harness.acknowledgedCount > 10 * rounds)
  }

  @Test(arguments: 1...2 as ClosedRange<UInt64>)
  func `nothing acknowledged is lost when flushes fail`(seed: UInt64) async throws {
    var harness = try CrashHarness(seed: seed &+ 1_000)
    var random = Seeded(seed &+ 200)
    for _ in 0..<rounds {
      try await harness.round(.sync(at: Int.random(in: 1...60, using: &random)))
    }
    #expect(harness.acknowledgedCount > 5 * rounds)
  }

  @Test(arguments: 1...2 as ClosedRange<UInt64>)
  func `nothing acknowledged is lost when the disk is full`(seed: UInt64) async throws {
    var harness = try CrashHarness(seed: seed &+ 2_000)
    var random = Seeded(seed &+ 300)
    for _ in 0..<rounds {
      try await harness.round(.full(at: Int.random(in: 1...60, using: &random)))
    }
    #expect(harness.acknowledgedCount > 10 * rounds)
  }

  @Test func `the judge finds the loss when nothing is flushed`() async throws {
    var harness = try CrashHarness(seed: 9, syncs: false)
    var random = Seeded(400)
    await #expect(throws: CrashHarness.Verdict.self) {
      for _ in 0..<40 {
        try await harness.round(.power(at: Int.random(in: 40...120, using: &random)))
      }
    }
  }
}
