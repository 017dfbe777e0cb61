// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tunnels, duplicates, breaks and clocks, without a network.

import FleetSimulator
import TelemetryCodec
import Testing

@Suite("A vehicle's way to the gateway")
struct RadioPathTests {
  private func report(_ time: Int) throws -> Frame {
    let identifier = try #require(UniqueIdentifier("ANSIM000000000001"))
    let wire = try #require(WireTime(unixSeconds: Int64(1_767_225_600 + time)))
    return try Frame(
      edition: .edition2016, command: .realTimeReport, identifier: identifier,
      unit: .report(Report(time: wire, items: [])))
  }

  /// Ten days of a report every ten seconds.
  private func walk(_ conditions: RadioConditions, seed: UInt64) throws -> [RadioPath.Step] {
    var path = RadioPath(conditions: conditions, start: 0, seed: seed)
    var steps: [RadioPath.Step] = []
    for time in stride(from: 0, to: 864_000, by: 10) {
      steps += path.take(try report(time), at: Double(time))
    }
    return steps + path.finish()
  }

  @Test("a good radio sends everything once, in order, as it is")
  func good() throws {
    let steps = try walk(RadioConditions(), seed: 1)
    #expect(steps == (try stride(from: 0, to: 864_000, by: 10).map { .send(try report($0)) }))
  }

  @Test("no report is lost in tunnels; those that waited are reissued with the same data")
  func tunnels() throws {
    var conditions = RadioConditions()
    conditions.tunnelsPerDay = 10
    conditions.tunnel = 60...600
    let steps = try walk(conditions, seed: 2)
    var times: [Int64: Int] = [:]
    var reissued = 0
    for case .send(let frame) in steps {
      times[frame.time?.unixSeconds ?? 0, default: 0] += 1
      if frame.command == .reissuedReport { reissued += 1 }
    }
    #expect(times.count == 86_400 && times.values.allSatisfy { $0 == 1 })
    // About 100 tunnels of 60…600 s, log-uniform mean 234 s: 2,300 reports of one every 10 s.
    #expect((1_000...4_500).contains(reissued))
  }

  @Test("duplicates are the same bytes, as often as asked for")
  func duplicates() throws {
    var conditions = RadioConditions()
    conditions.duplicateShare = 0.01
    let steps = try walk(conditions, seed: 3)
    var sent: Set<Frame> = []
    var count = 0
    for step in steps {
      switch step {
      case .send(let frame): sent.insert(frame)
      case .duplicate(let frame):
        count += 1
        #expect(sent.contains(frame))
      case .interrupt: Issue.record("nothing breaks here")
      }
    }
    // 864 expected; six standard deviations.
    #expect((690...1_040).contains(count))
  }

  @Test("the connection breaks as often as asked for, and the same seed breaks the same")
  func breaks() throws {
    var conditions = RadioConditions()
    conditions.breaksPerDay = 20
    let steps = try walk(conditions, seed: 4)
    #expect((110...300).contains(steps.count { $0 == .interrupt }))
    #expect(steps == (try walk(conditions, seed: 4)))
    #expect(steps != (try walk(conditions, seed: 5)))
  }

  @Test("a clock runs wrong by its rate and is set back")
  func clock() {
    var conditions = RadioConditions()
    conditions.clockOffset = 10
    conditions.clockDrift = 100
    var free = RadioPath(conditions: conditions, start: 0, seed: 6)
    let offset = free.clock(at: 0)
    let rate = (free.clock(at: 1e6) - 1e6 - offset) / 1e6
    #expect(offset != 0 && rate != 0)
    #expect(abs(free.clock(at: 2e6) - 2e6 - offset - 2e6 * rate) < 1e-6)
    conditions.clockSetsPerDay = 24
    var set = RadioPath(conditions: conditions, start: 0, seed: 6)
    // Set every hour on average, the error stays near that at the start.
    #expect(abs(set.clock(at: 1e6) - 1e6 - offset) < abs(1e6 * rate) / 10)
  }
}
