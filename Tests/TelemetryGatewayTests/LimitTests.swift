// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Pace, admission and clock offsets, on clocks that the test moves.

import TelemetryGateway
import Testing

@Suite struct LimitTests {
  @Test func `a bucket lets through its rate and says how long a debt lasts`() {
    var bucket = TokenBucket(rate: 10, burst: 20, at: 100)
    #expect(bucket.take(20, at: 100) == 0)
    #expect(abs(bucket.take(5, at: 100) - 0.5) < 1e-12)
    #expect(abs(bucket.take(5, at: 100.5) - 0.5) < 1e-9)
    #expect(bucket.take(0, at: 101) == 0)
    // A clock that steps back gives nothing.
    #expect(bucket.take(10, at: 90) > 0)
    // However long the pause, no more than the burst is saved.
    #expect(bucket.take(20, at: 1e6) == 0)
    #expect(bucket.take(1, at: 1e6) > 0)
  }

  @Test func `over any stretch no more than rate times time plus burst passes without waiting`() {
    var random = SystemLikeGenerator(state: 3)
    var bucket = TokenBucket(rate: 100, burst: 50, at: 0)
    var time = 0.0
    var passed = 0.0
    for _ in 0..<5_000 {
      time += Double.random(in: 0...0.02, using: &random)
      let count = Double(Int.random(in: 1...8, using: &random))
      let wait = bucket.take(count, at: time)
      passed += count
      time += wait
      #expect(passed <= 50 + 100 * time + 8 + 1e-6)
    }
  }

  private func admission(_ change: (inout Admission.Limits) -> Void) -> Admission {
    var limits = Admission.Limits()
    change(&limits)
    return Admission(limits, at: 0)
  }

  @Test func `counts are kept in all and for each address, and given back`() {
    var gate = admission {
      $0.connections = 3
      $0.connectionsPerAddress = 2
    }
    #expect(gate.arrived("a", at: 0) == .enter)
    #expect(gate.arrived("a", at: 0) == .enter)
    #expect(gate.arrived("a", at: 0) == .refuse(.tooManyFromAddress))
    #expect(gate.arrived("b", at: 0) == .enter)
    #expect(gate.arrived("c", at: 0) == .refuse(.tooMany))
    gate.left("a", at: 1)
    #expect(gate.open == 2)
    #expect(gate.arrived("a", at: 1) == .enter)
    #expect(gate.arrived("b", at: 1) == .refuse(.tooMany))
  }

  @Test func `a storm is let in at a steady pace and its end turned away`() {
    var gate = admission {
      $0.acceptsPerSecond = 100
      $0.acceptBurst = 10
      $0.longestWait = 2
    }
    var waits: [Double] = []
    var refused = 0
    for _ in 0..<1_000 {
      switch gate.arrived("a", at: 0) {
      case .enter: waits.append(0)
      case .wait(let seconds): waits.append(seconds)
      case .refuse(let reason):
        #expect(reason == .storm)
        refused += 1
      }
    }
    #expect(waits.count == 210)
    #expect(refused == 790)
    #expect(waits == waits.sorted())
    #expect(abs((waits.last ?? 0) - 2) < 1e-9)
    // Who comes back later is let in.
    #expect(gate.arrived("a", at: 10) == .enter)
  }

  @Test func `an address that fails again and again waits, a success forgives`() {
    var gate = admission {
      $0.failures = 3
      $0.blockSeconds = 60
    }
    for second in 0..<3 { gate.failed("a", at: Double(second)) }
    #expect(gate.arrived("a", at: 3) == .refuse(.blocked))
    #expect(gate.arrived("b", at: 3) == .enter)
    #expect(gate.arrived("a", at: 63) == .enter)
    gate.failed("b", at: 64)
    gate.failed("b", at: 64)
    gate.succeeded("b")
    gate.failed("b", at: 64)
    #expect(gate.arrived("b", at: 64) == .enter)
  }

  @Test func `failures are forgotten when they no longer count, and many addresses fill no memory`()
  {
    var gate = admission {
      $0.connections = 2_000
      $0.acceptBurst = 1e9
      $0.failures = 1
      $0.blockSeconds = 60
    }
    // Addresses that fail once and never come back, one a second.
    for second in 0..<1_000 {
      let address = "a\(second)"
      _ = gate.arrived(address, at: Double(second))
      gate.failed(address, at: Double(second))
      gate.left(address, at: Double(second))
      #expect(gate.rememberedAddresses <= 121)
    }
    // A flood of them within the time that failures count.
    for number in 0..<20_000 {
      let address = "b\(number)"
      _ = gate.arrived(address, at: 1_000)
      gate.failed(address, at: 1_000)
      gate.left(address, at: 1_000)
    }
    #expect(gate.rememberedAddresses <= gate.remembranceLimit)
    #expect(gate.open == 0)
    // The first of them are still blocked; nobody is for ever.
    #expect(gate.arrived("b0", at: 1_001) == .refuse(.blocked))
    #expect(gate.arrived("c", at: 1_200) == .enter)
    #expect(gate.rememberedAddresses == 1)
  }

  @Test func `the clock offset is the median, so single late reports do not move it`() {
    var clock = ClockOffset()
    #expect(clock.seconds == nil)
    for step in 0..<40 {
      let sample = Double(step)
      // Every third report is half an hour late.
      clock.add(sample: sample, received: sample + (step % 3 == 0 ? 1_800 : 42))
    }
    #expect(clock.seconds == 42)
    // A clock that was set is followed once the window is full of it.
    for step in 0..<ClockOffset.window { clock.add(sample: Double(step), received: Double(step)) }
    #expect(clock.seconds == 0)
  }
}
