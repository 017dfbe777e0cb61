// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How long the longest cycle of a large pack takes, told apart from what else the machine does.

import AllocationCounter
import BMSCore
import ClosedLoop
import Foundation
import Testing

/// Enabled in release runs.
@Suite(
  "Time of the control cycle",
  .enabled(
    if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1",
    "set ANODYNE_RELEASE_TESTS=1 and build in release mode"))
struct CycleTimeReleaseTests {
  /// Least time of every tick over repeated equal runs, in nanoseconds.
  ///
  /// The loop is deterministic: tick by tick each run does the same work, so the least of several
  /// runs is the work, and what is above it was the machine.
  static func ticks<let cells: Int, let probes: Int, Real: CoreReal>(
    _ loop: () -> ClosedLoop<cells, probes, Real>, seconds: UInt32, runs: Int
  ) -> [UInt32] {
    let clock = ContinuousClock()
    var least: [UInt32] = []
    for run in 0..<runs {
      var loop = loop()
      let count = Int(seconds * 1000 / loop.period)
      if run == 0 { least = [UInt32](repeating: .max, count: count) }
      for tick in 0..<count {
        loop.prepare(faultAfter: seconds - 8)
        let begin = clock.now
        loop.decide()
        let taken = begin.duration(to: clock.now)
        let nanoseconds = UInt32(clamping: taken.components.attoseconds / 1_000_000_000)
        least[tick] = min(least[tick], nanoseconds)
      }
    }
    return least
  }

  static func line(_ name: String, _ ticks: [UInt32]) -> (text: String, worst: Double) {
    let sorted = ticks.sorted()
    func share(_ part: Double) -> Double {
      Double(sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))]) / 1000
    }
    let worst = Double(sorted.last ?? 0) / 1000
    let at = ticks.firstIndex(of: sorted.last ?? 0) ?? -1
    let text = String(
      format: "cycle %@: median %.1f, 99 %% %.1f, 99.9 %% %.1f, worst %.1f µs (tick %d of %d)",
      name, share(0.5), share(0.99), share(0.999), worst, at, ticks.count)
    return (text, worst)
  }

  /// A large pack whose rests are short, so that what runs at rest and balancing take part.
  static func busy() -> ClosedLoop<96, 24, Float> {
    ClosedLoop(period: 1) {
      $0.diagnosis.settings.restSettlingSeconds = 2
      $0.control.balancing.turnMilliseconds = 1000
      $0.control.balancing.pauseMilliseconds = 100
      $0.control.balancing.planSeconds = 5
      $0.control.balancing.tolerance = 0.001
    }
  }

  @Test("96 cells and 24 probes at 1 ms allocate nothing, from closing to a trip with its evidence")
  func allocations() {
    var loop = Self.busy()
    var allocated = 0
    for _ in 0..<98_000 {
      loop.prepare(faultAfter: 90)
      let before = anodyne_allocation_count()
      loop.decide()
      allocated += anodyne_allocation_count() - before
    }
    print("cycle 96 cells, 24 probes, Float: \(allocated) allocations in 98,000 ticks")
    #expect(anodyne_allocation_count() >= 0 && allocated == 0)
    #expect(loop.core.diagnosis.evidence.first.trip.number > 0)
  }

  @Test("96 cells and 24 probes at 1 ms: the worst tick takes at most 20 µs, cell filters included")
  func worstTick() {
    let ticks = Self.ticks(
      { Self.busy() }, seconds: 98, runs: 6)
    let found = Self.line("96 cells, 24 probes, Float", ticks)
    print(found.text)
    #expect(found.worst <= 20, "\(found.text)")
  }
}
