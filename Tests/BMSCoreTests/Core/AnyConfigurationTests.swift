// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Any bits as samples in both number types, under configurations drawn at random.

import BMSCore
import ClosedLoop
import TestSupport
import Testing

@Suite("Any samples under any configuration")
struct AnyConfigurationTests {
  /// What one run over random bits must leave behind.
  private func expectSafe<Real: CoreReal>(
    _ commands: ActuatorCommands<8, Real>, _ comment: Comment
  ) {
    #expect(commands.contactors.isEmpty, comment)
    #expect(commands.dischargeCurrentLimit == 0 && commands.chargeCurrentLimit == 0, comment)
    #expect(commands.dischargePowerLimit == 0 && commands.chargePowerLimit == 0, comment)
    #expect(commands.torqueLimit == 0 && commands.heater == 0, comment)
    #expect((0..<8).allSatisfy { commands.balancing[$0] == 0 }, comment)
    for duty in [commands.pump, commands.fan, commands.chiller] {
      #expect(duty >= 0 && duty <= 1, comment)
    }
  }

  /// The first rule a cycle breaks that must hold whatever came in; nil where none is.
  private func violation<Real: CoreReal>(_ core: PackController<8, 4, Real>) -> String? {
    let commands = core.commands
    let limits = [
      commands.dischargeCurrentLimit, commands.chargeCurrentLimit, commands.dischargePowerLimit,
      commands.chargePowerLimit, commands.chargeVoltageLimit, commands.balancingHeat,
    ]
    if !limits.allSatisfy({ $0.isFinite && $0 >= 0 }) { return "limits \(limits)" }
    if !(0...1).contains(commands.torqueLimit) { return "torque \(commands.torqueLimit)" }
    if !(0..<8).allSatisfy({ commands.balancing[$0].isFinite }) { return "balancing" }
    if !(0...1).contains(core.estimate.stateOfCharge) { return "charge" }
    guard !core.supervisor.reason.isEmpty else { return nil }
    if limits[0] != 0 || limits[1] != 0 { return "current allowed in the safe state" }
    return commands.warning == .safety ? nil : "no warning in the safe state"
  }

  /// Random bits of a number type, every fourth one a number that means something.
  private func number<Real: CoreReal>(_ generator: inout Seeded) -> Real {
    let bits = generator.next()
    switch bits & 15 {
    case 0: return .nan
    case 1: return .infinity
    case 2: return Real(3.7)
    case 3: return Real(298)
    default:
      return Real.self == Float.self
        ? Real(Float(bitPattern: UInt32(truncatingIfNeeded: bits >> 32)))
        : Real(Double(bitPattern: generator.next()))
    }
  }

  private func anything<Real: CoreReal>(
    _ generator: inout Seeded, time: UInt64
  ) -> RawSample<8, 4, Real> {
    var raw = RawSample<8, 4, Real>(timeMilliseconds: time)
    for index in 0..<8 {
      raw.cellVoltage[index] = number(&generator)
      raw.redundantCellVoltage[index] = number(&generator)
    }
    for index in 0..<4 { raw.probeTemperature[index] = number(&generator) }
    raw.current = number(&generator)
    raw.redundantCurrent = number(&generator)
    raw.packVoltage = number(&generator)
    raw.linkVoltage = number(&generator)
    raw.insulationResistance = number(&generator)
    raw.coolantTemperature = number(&generator)
    raw.ambientTemperature = number(&generator)
    raw.pressure = number(&generator)
    raw.gas = number(&generator)
    raw.acoustic = number(&generator)
    let flags = generator.next()
    raw.link = LinkFaults(rawValue: UInt8(truncatingIfNeeded: flags))
    raw.feedback = SwitchFeedback(rawValue: UInt8(truncatingIfNeeded: flags >> 8))
    raw.request = Request(rawValue: UInt8((flags >> 16) % 5)) ?? .off
    return raw
  }

  /// Feeds random bits for a time that every grace of the supervision fits in.
  private func play<Real: CoreReal>(
    _ loop: inout ClosedLoop<8, 4, Real>, _ generator: inout Seeded, seconds: UInt32
  ) -> String? {
    let hasClock = Bool.random(using: &generator)
    var time = UInt64(loop.cycle) * 100
    var found: String?
    for _ in 0..<seconds * 10 {
      time &+= hasClock ? 100 : generator.next() >> UInt64.random(in: 0..<64, using: &generator)
      loop.prepare()
      loop.raw = anything(&generator, time: time)
      loop.decide()
      loop.note()
      found = found ?? violation(loop.core)
    }
    return found
  }

  private func isSafe<Real: CoreReal>(_ type: Real.Type, seed: UInt64) {
    var generator = Seeded(seed)
    var loop = ClosedLoop<8, 4, Real>(period: 100)
    loop.run(seconds: 3)
    let broken = play(&loop, &generator, seconds: Repetitions.of(10, long: 60))
    #expect(broken == nil, "seed \(seed)")
    expectSafe(loop.core.commands, "seed \(seed)")
  }

  @Test("Random bits end in the declared safe state, in single and in double precision")
  func bits() {
    for seed in UInt64(1)...UInt64(Repetitions.of(2, long: 20)) {
      isSafe(Float.self, seed: seed)
      isSafe(Double.self, seed: seed)
    }
  }

  /// A configuration with fields drawn at random that the core itself accepts; nil where it does not.
  private func drawn<Real: CoreReal>(
    _ type: Real.Type, _ generator: inout Seeded
  ) -> PackConfiguration<8, 4, Real>? {
    var configuration = PackConfiguration<8, 4, Real>()
    var draw = RandomFields(
      generator: generator,
      share: [0.0005, 0.002, 0.01][
        Int.random(in: 0..<3, using: &generator)])
    configuration.visit(&draw)
    generator = draw.generator
    // Longer graces than the run lasts are no fault.
    configuration.supervision.toleratedMilliseconds %= 500
    configuration.supervision.graceMilliseconds %= 1_000
    configuration.supervision.driveGraceMilliseconds =
      configuration.supervision.graceMilliseconds
      + configuration.supervision.driveGraceMilliseconds % 1_000
    configuration.supervision.forceMilliseconds %= 1_000
    configuration.supervision.stoppedClockCycles = 5
    configuration.diagnosis.facts.cycleMilliseconds = 100
    var bytes = [UInt8](repeating: 0, count: PackConfiguration<8, 4, Real>.imageByteCount)
    var span = bytes.mutableSpan
    do throws(ConfigurationError) {
      _ = try configuration.encode(into: &span)
      return try PackConfiguration(image: bytes.span)
    } catch {
      return nil
    }
  }

  private func survives<Real: CoreReal>(_ type: Real.Type, seed: UInt64) -> Bool {
    var generator = Seeded(seed)
    guard let configuration = drawn(type, &generator) else { return false }
    // A healthy pack first, so that timers, filters and contactors are under way.
    var loop = ClosedLoop<8, 4, Real>(period: 100) { $0 = configuration }
    loop.run(seconds: 5)
    let broken =
      violation(loop.core) ?? play(&loop, &generator, seconds: Repetitions.of(6, long: 30))
    #expect(broken == nil, "seed \(seed)")
    #expect(loop.core.commands.contactors.isEmpty, "seed \(seed)")
    #expect(loop.core.commands.dischargeCurrentLimit == 0, "seed \(seed)")
    #expect(loop.core.commands.chargeCurrentLimit == 0, "seed \(seed)")
    return true
  }

  @Test("Whatever configuration the core accepts, random bits neither trap nor leave it closed")
  func configurations() {
    var accepted = 0
    for seed in UInt64(1)...UInt64(Repetitions.of(10, long: 400)) {
      if survives(Float.self, seed: seed) { accepted += 1 }
      if survives(Double.self, seed: seed &+ 1_000_000) { accepted += 1 }
    }
    // Enough of them pass the checks for the test to mean something.
    #expect(accepted >= Repetitions.of(2, long: 100), "\(accepted) accepted")
  }
}

/// Replaces a share of the fields by numbers of their ranges, ends included.
struct RandomFields: ConfigurationVisitor {
  var generator: Seeded
  var share: Double

  private mutating func isChosen() -> Bool { Double.random(in: 0..<1, using: &generator) < share }

  private mutating func draw(_ range: ClosedRange<Double>) -> Double {
    switch UInt8.random(in: 0..<4, using: &generator) {
    case 0: return range.lowerBound
    case 1: return range.upperBound
    default:
      let share = Double.random(in: 0...1, using: &generator)
      return range.lowerBound * (1 - share) + range.upperBound * share
    }
  }

  mutating func number<Real: CoreReal>(
    _ value: inout Real, _ key: StaticString, unit: StaticString, in range: ClosedRange<Double>,
    _ meaning: StaticString
  ) {
    if isChosen() { value = Real(Float(draw(range))) }
  }
  mutating func integer<I: FixedWidthInteger>(
    _ value: inout I, _ key: StaticString, in range: ClosedRange<UInt32>, _ meaning: StaticString
  ) {
    guard isChosen() else { return }
    value = I(clamping: UInt32.random(in: range, using: &generator))
  }
  mutating func flag(_ value: inout Bool, _ key: StaticString, _ meaning: StaticString) {
    if isChosen() { value.toggle() }
  }
  mutating func numbers<let n: Int, Real: CoreReal>(
    _ values: inout InlineArray<n, Real>, _ key: StaticString, unit: StaticString,
    in range: ClosedRange<Double>, _ meaning: StaticString
  ) {
    for place in values.indices where isChosen() { values[place] = Real(Float(draw(range))) }
  }
  mutating func integers<let n: Int, I: FixedWidthInteger>(
    _ values: inout InlineArray<n, I>, _ key: StaticString, in range: ClosedRange<UInt32>,
    _ meaning: StaticString
  ) {
    for place in values.indices where isChosen() {
      values[place] = I(clamping: UInt32.random(in: range, using: &generator))
    }
  }
  mutating func matrix<let rows: Int, let columns: Int, Real: CoreReal>(
    _ values: inout InlineArray<rows, InlineArray<columns, Real>>, _ key: StaticString,
    unit: StaticString, in range: ClosedRange<Double>, _ meaning: StaticString
  ) {
    for row in values.indices {
      for column in values[row].indices where isChosen() {
        values[row][column] = Real(Float(draw(range)))
      }
    }
  }
  mutating func part<P: ConfigurationPart>(
    _ part: inout P, _ key: StaticString, _ meaning: StaticString
  ) { part.visit(&self) }
  mutating func parts<let n: Int, P: ConfigurationPart>(
    _ parts: inout InlineArray<n, P>, _ key: StaticString, _ meaning: StaticString
  ) { for place in parts.indices { parts[place].visit(&self) } }
}
