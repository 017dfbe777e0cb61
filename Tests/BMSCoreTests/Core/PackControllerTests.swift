// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The whole core on bad ground: lost input, a stopped clock, damaged images, any bits.

import BMSCore
import ClosedLoop
import TestSupport
import Testing

@Suite("Pack controller")
struct PackControllerTests {
  typealias Loop = ClosedLoop<8, 4, Double>

  /// A sample in which nothing arrived while the vehicle drives.
  static func nothing(at time: UInt64) -> RawSample<8, 4, Double> {
    var raw = RawSample<8, 4, Double>(timeMilliseconds: time)
    raw.request = .drive
    return raw
  }

  @Test("Lost input: nothing allowed at once, open after the grace, never closed again by itself")
  func lostInput() {
    var loop = Loop(period: 100)
    loop.run(seconds: 4)
    #expect(loop.core.commands.state == .closed)
    loop.run(seconds: 1) { $0 = Self.nothing(at: $0.timeMilliseconds) }
    #expect(loop.core.supervisor.reason.contains(.inputNotTrusted))
    #expect(loop.core.commands.dischargeCurrentLimit == 0)
    #expect(loop.core.commands.chargeCurrentLimit == 0)
    #expect(loop.core.commands.torqueLimit == 0 && loop.core.commands.warning == .safety)
    loop.run(seconds: 7) { $0 = Self.nothing(at: $0.timeMilliseconds) }
    #expect(loop.core.commands.contactors.isEmpty)
    let closings = loop.closings
    // The readings come back while the vehicle still asks to drive.
    loop.run(seconds: 5)
    #expect(loop.closings == closings)
    #expect(loop.core.commands.contactors.isEmpty)
  }

  @Test("A stopped clock ends in the safe state")
  func stoppedClock() {
    var loop = Loop(period: 100)
    loop.run(seconds: 4)
    var held: UInt64?
    loop.run(seconds: 10) {
      if held == nil { held = $0.timeMilliseconds }
      $0.timeMilliseconds = held ?? 0
      $0.request = .drive
    }
    #expect(loop.core.supervisor.reason.contains(.clockStopped))
    #expect(loop.core.commands.contactors.isEmpty)
    #expect(loop.core.commands.dischargeCurrentLimit == 0)
  }

  @Test("A damaged image makes no core, a whole one makes the same core")
  func image() throws {
    var configuration = PackConfiguration<8, 4, Double>()
    configuration.version = 77
    var bytes = [UInt8](repeating: 0, count: PackConfiguration<8, 4, Double>.imageByteCount)
    var span = bytes.mutableSpan
    _ = try configuration.encode(into: &span)
    let core = try PackController<8, 4, Double>(image: bytes.span)
    #expect(core.configuration.version == 77)
    bytes[100] ^= 4
    var refusal: ConfigurationError?
    do throws(ConfigurationError) {
      _ = try PackController<8, 4, Double>(image: bytes.span)
    } catch {
      refusal = error
    }
    guard case .checksum = refusal else {
      Issue.record("refused as \(String(describing: refusal))")
      return
    }
  }

  @Test(
    "Any bits as samples: never a trap, and the end is the declared safe state",
    arguments: [UInt64(1), 2])
  func anyBits(seed: UInt64) {
    var generator = Seeded(seed)
    var loop = ClosedLoop<8, 4, Float>(period: 100)
    loop.run(seconds: 3)
    let isSmooth = seed % 2 == 0
    var time = UInt64(3_000)
    loop.run(seconds: 12) { raw in
      // Half of the runs have a sane clock, so that timers and deadlines run.
      time &+= isSmooth ? 100 : generator.next() >> UInt64.random(in: 0..<64, using: &generator)
      raw = Self.anything(&generator, time: time)
    }
    let commands = loop.core.commands
    #expect(commands.contactors.isEmpty)
    #expect(commands.dischargeCurrentLimit == 0 && commands.chargeCurrentLimit == 0)
    #expect(commands.dischargePowerLimit == 0 && commands.chargePowerLimit == 0)
    #expect(commands.torqueLimit == 0 && commands.heater == 0)
    #expect((0..<8).allSatisfy { commands.balancing[$0] == 0 })
    #expect(commands.pump.isFinite && commands.fan.isFinite && commands.chiller.isFinite)
  }

  static func anything(_ generator: inout Seeded, time: UInt64) -> RawSample<8, 4, Float> {
    var raw = RawSample<8, 4, Float>(timeMilliseconds: time)
    func number() -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) }
    for index in 0..<8 {
      raw.cellVoltage[index] = number()
      raw.redundantCellVoltage[index] = number()
    }
    for index in 0..<4 { raw.probeTemperature[index] = number() }
    raw.current = number()
    raw.redundantCurrent = number()
    raw.packVoltage = number()
    raw.linkVoltage = number()
    raw.insulationResistance = number()
    raw.coolantTemperature = number()
    raw.ambientTemperature = number()
    raw.pressure = number()
    raw.gas = number()
    raw.acoustic = number()
    let flags = generator.next()
    raw.link = LinkFaults(rawValue: UInt8(truncatingIfNeeded: flags))
    raw.feedback = SwitchFeedback(rawValue: UInt8(truncatingIfNeeded: flags >> 8))
    raw.request = Request(rawValue: UInt8((flags >> 16) % 5)) ?? .off
    return raw
  }

  @Test("The digest repeats, and one changed millivolt in one sample changes it")
  func digest() {
    var first = Loop(period: 100)
    var second = Loop(period: 100)
    var other = Loop(period: 100)
    first.run(seconds: 2)
    second.run(seconds: 2)
    other.run(seconds: 1)
    var isFirst = true
    other.run(seconds: 1) {
      if isFirst { $0.cellVoltage[3] += 0.001 }
      isFirst = false
    }
    #expect(first.digest == second.digest)
    #expect(first.digest != other.digest)
  }
}
