// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The wait for the store is bounded, whatever its throughput: a simulated store and many senders.

import TelemetryGateway
import Testing

@Suite struct PaceLimitTests {
  /// Senders that always have more, each with one parcel under way, before a store that takes all
  /// that waits in one call of `overhead` seconds and `rate(time)` bytes a second.
  ///
  /// - Returns: Waits of the bytes in the second half, sorted, and the share of the time in calls.
  private func waits(
    senders: Int, parcel: Int, overhead: Double, most: Int = 64 << 20,
    rate: (Double) -> Double
  ) -> (sorted: [Double], throughput: Double) {
    var pace = PaceLimit(most: most)
    var time = 0.0
    var underWay: [Double] = []
    var idle = senders
    var waits: [Double] = []
    var stored = 0.0
    while time < 20 {
      // Who may read sends at once, until the limit is reached.
      while idle > 0, underWay.count * parcel < pace.limit {
        underWay.append(time)
        pace.submitted(parcel)
        idle -= 1
      }
      let bytes = underWay.count * parcel
      let end = time + overhead + Double(bytes) / rate(time)
      pace.stored(bytes, from: time, to: end)
      if time > 10 {
        waits += underWay.map { end - $0 }
        stored += Double(bytes)
      }
      idle += underWay.count
      underWay = []
      time = end
    }
    return (waits.sorted(), stored / 10)
  }

  @Test(arguments: [200_000.0, 3e6, 25e6, 400e6])
  func `bytes wait no longer than a quarter of a second, however fast the store is`(rate: Double) {
    let overhead = 0.005
    let (waits, throughput) = waits(
      senders: 4_000, parcel: 14_400, overhead: overhead, rate: { _ in rate })
    let p99 = waits[waits.count * 99 / 100]
    // Below some five megabytes a second the least that may wait is what counts.
    let floor = Double(PaceLimit.least + 14_400) / rate + overhead
    #expect(p99 <= max(0.25, floor))
    // The store is kept busy: the fixed part of a call costs little.
    #expect(throughput >= 0.7 * rate || rate > 100e6)
  }

  @Test func `a store that slows down for a while does not pile up waits`() {
    // While it seals, it has half a core: a second in four.
    let (waits, _) = waits(senders: 4_000, parcel: 14_400, overhead: 0.005) { time in
      time.truncatingRemainder(dividingBy: 4) < 1 ? 12e6 : 25e6
    }
    #expect(waits[waits.count * 99 / 100] <= 0.25)
  }

  @Test func `the limit stays between its ends, and always lets someone in`() {
    var pace = PaceLimit(most: 1)
    #expect(pace.limit == 1)
    #expect(pace.parcels(besides: 0) == 1)
    #expect(pace.parcels(besides: 1) == 0)
    pace = PaceLimit(most: 1 << 30)
    #expect(pace.limit == PaceLimit.least)
    for step in 0..<100 {
      pace.stored(1 << 30, from: Double(step), to: Double(step) + 1e-9)
      #expect(pace.limit <= 1 << 30)
    }
    #expect(pace.limit == 1 << 30)
    // A long call of few bytes brings it down again.
    pace.stored(1_000, from: 200, to: 230)
    #expect(pace.limit == PaceLimit.least)
    // Calls that overlap share their time.
    var two = PaceLimit(most: 1 << 30)
    two.stored(1_000_000, from: 0, to: 1)
    two.stored(1_000_000, from: 0.5, to: 1)
    #expect((two.throughput ?? 0) >= 1e6)
  }
}
