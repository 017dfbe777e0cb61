// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Random packs, housings and triggers: each run ends with a named outcome and a closed balance.

import Foundation
import NumericalMethods
import PackModels
import Testing

/// Some dozens in debug builds; thousands in ``RandomPackReleaseTests``.
@Suite struct RandomPackTests {
  @Test(arguments: [false, true])
  func `random packs end with a named outcome and a closed balance`(housed: Bool) {
    var generator = Xoshiro256(seed: 20_261_121)
    for index in 0..<12 {
      var pack = RandomPacks.any(using: &generator, housed: housed)
      pack.duration = min(pack.duration, 400)
      pack.nodesPerCell = min(pack.nodesPerCell, 4)
      _ = RandomPacks.check(pack, "pack \(index)")
    }
  }
}

private let isEnabled = ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] != nil
private let isLong = ProcessInfo.processInfo.environment["SLOW_TESTS"] != nil

/// 10,000 random packs in housings and 10,000 without with `SLOW_TESTS=1`, hundreds otherwise.
@Suite(.enabled(if: isEnabled), .serialized) struct RandomPackReleaseTests {
  @Test(.timeLimit(.minutes(30)), arguments: [false, true])
  func `thousands of random packs end with a named outcome and a closed balance`(housed: Bool) {
    let count = isLong ? 10_000 : 800
    var generator = Xoshiro256(seed: 20_261_121)
    var outcomes: [PackOutcome: Int] = [:]
    for index in 0..<count {
      let pack = RandomPacks.any(using: &generator, housed: housed)
      outcomes[RandomPacks.check(pack, "pack \(index)"), default: 0] += 1
    }
    print("random packs, in housings \(housed): \(outcomes)")
    // A run that stops on its way is rare.
    let all = isLong ? PackOutcome.allCases : [.noRunaway, .contained, .wholePack]
    #expect(all.allSatisfy { (outcomes[$0] ?? 0) > 0 })
  }
}
