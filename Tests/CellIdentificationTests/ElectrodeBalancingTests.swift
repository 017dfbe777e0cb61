// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Windows of stoichiometries found again in open-circuit curves.

import CellIdentification
import CellModels
import Foundation
import Testing

@Suite("Electrode balancing")
struct ElectrodeBalancingTests {
  /// An open-circuit curve of a window, with an error like that of a slow test.
  private func curve(
    _ set: CellParameters, _ window: ElectrodeBalance, noise: Double
  ) -> MonotoneCurve {
    var random = Random(seed: 3)
    return MonotoneCurve(count: 201) { z in
      set.openCircuitVoltage(
        negative: window.negativeStoichiometry(at: z), positive: window.positiveStoichiometry(at: z)
      ) + noise * random.normal()
    }
  }

  @Test("A window comes out as put in", arguments: ["chen2020", "marquis2019"], [0, 1e-3])
  func recovery(name: String, noise: Double) throws {
    let set = try #require(CellParameters.named(name))
    let window = ElectrodeBalance(
      negative: (0.06, name == "chen2020" ? 0.87 : 0.8), positive: (0.93, 0.45))
    let found = try ElectrodeBalancing(
      curve(set, window, noise: noise), capacity: 9_000, potentials: set)
    let pairs = [
      (found.balance.negative.empty, window.negative.empty),
      (found.balance.negative.full, window.negative.full),
      (found.balance.positive.empty, window.positive.empty),
      (found.balance.positive.full, window.positive.full),
    ]
    for (k, pair) in pairs.enumerated() {
      #expect(abs(pair.0 - pair.1) < (noise > 0 ? 0.01 : 1e-3), "\(k): \(pair)")
    }
    #expect(found.rootMeanSquare < 1.2 * noise + 3e-4)
    // The hosts hold the charge in their windows.
    let cell = found.apply(to: set, cutOff: 2.5...4.2)
    let hosts = cell.hostCapacity
    let charge = 96_485.332_12 * hosts.negative
    #expect(
      abs(
        charge * (found.balance.negative.full - found.balance.negative.empty) / 9_000 - 1) < 1e-9)
  }

  @Test("A curve of other materials is refused by name")
  func refused() throws {
    let flat = MonotoneCurve(count: 201) { 1.5 + 0.2 * $0 }
    do {
      _ = try ElectrodeBalancing(flat, capacity: 9_000, potentials: .chen2020)
      Issue.record("no window of these materials has 1.5 V")
    } catch {
      #expect(error.description.contains("--base"))
    }
  }
}
