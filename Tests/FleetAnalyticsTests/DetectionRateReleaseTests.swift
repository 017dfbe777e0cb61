// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Detection and false-alarm rates over seeded packs of ninety cells; needs release speed.

import BatteryDomain
import FleetAnalytics
import Foundation
import Testing

@Suite(.enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct DetectionRateReleaseTests {
  /// Packs of four kinds: one module, modules of different charge, fast sampling, few wide cells.
  static func pack(_ seed: Int) -> SyntheticPack {
    var pack = SyntheticPack()
    pack.seed = UInt64(seed)
    switch seed % 4 {
    case 1: pack.modules = [(0, 0), (30, 0.008), (50, -0.004)]
    case 2: (pack.interval, pack.days) = (10, 12)
    case 3: (pack.cellCount, pack.spread) = (14, 0.006)
    default: break
    }
    return pack
  }

  static func assess(_ pack: SyntheticPack) -> VehicleAssessment {
    var analysis = VehicleAnalysis(identity: "synthetic")
    analysis.ingest(pack.batch())
    return analysis.assessment()
  }

  @Test("sixty healthy packs raise nothing to act on and at most one thing to watch")
  func falseAlarms() {
    var watched: [String] = []
    var acted: [String] = []
    for seed in 1...60 {
      for finding in Self.assess(Self.pack(seed)).findings {
        if finding.severity == .watch { watched.append("\(seed): \(finding.title)") }
        if finding.severity > .watch { acted.append("\(seed): \(finding.title)") }
      }
    }
    #expect(acted.isEmpty, "\(acted)")
    #expect(watched.count <= 1, "\(watched)")
  }

  @Test("the right element ranks first in at least nineteen of twenty faulty packs")
  func detection() {
    var missed: [String] = []
    var delays: [Double] = []
    for seed in 1...20 {
      var pack = Self.pack(4 * seed + seed % 2)
      let cell = (seed * 37) % pack.cellCount
      pack.fault =
        seed % 2 == 0
        ? .leak(cell: cell, fromDay: 15, current: 0.01)
        : .drop(cell: cell, day: 22, charge: 0.03)
      let assessment = Self.assess(pack)
      let first = assessment.findings.first
      if first?.subject != .cell(cell + 1) || first?.severity != .act {
        missed.append("\(seed): \(first?.title ?? "nothing")")
      } else if let since = first?.since {
        delays.append((since - pack.start) / 86_400 - (seed % 2 == 0 ? 15 : 22))
      }
    }
    #expect(missed.count <= 1, "\(missed)")
    // The onset may lie a few days late where the drift is slow, never much before the fault.
    #expect(delays.allSatisfy { $0 > -2 && $0 < 6 }, "\(delays)")
  }
}
