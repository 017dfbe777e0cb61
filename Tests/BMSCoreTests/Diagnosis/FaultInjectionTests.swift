// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Every fault class is provoked through the whole diagnosis and control, detected and answered in time.

import BMSCore
import Testing

@Suite("Fault injection into the onboard core")
struct FaultInjectionTests {
  /// Runs an injection to its level.
  ///
  /// - Returns: The bench then, and the time it took in seconds; nil if it was never reached.
  func provoke(_ fault: FaultClass, request: Request? = nil) -> (bench: Bench, seconds: Double)? {
    let injection = FaultInjection.of(fault)
    var bench =
      injection.connected
      ? Bench.connected(request ?? (injection.request == .off ? .standby : injection.request))
      : Bench()
    if !injection.connected { bench.run(seconds: 0.1) }
    #expect(bench.diagnosis.state.worst == .within, "\(bench.diagnosis.state.cause)")
    bench.request = request ?? injection.request
    injection.prepare(&bench)
    let start = bench.uptime
    while Double(bench.uptime - start) / 1000 < injection.within + 0.05 {
      injection.drive(&bench, Double(bench.uptime - start) / 1000)
      bench.step(milliseconds: injection.cycle)
      if bench[fault] >= injection.level {
        return (bench, Double(bench.uptime - start) / 1000)
      }
    }
    return nil
  }

  @Test(
    "Each cause is detected within its time and named with value, limit and version",
    arguments: FaultClass.all)
  func detected(_ fault: FaultClass) throws {
    let injection = FaultInjection.of(fault)
    let (bench, seconds) = try #require(provoke(fault), "\(fault) was not detected")
    #expect(seconds <= injection.within + 0.001)
    let trip = try #require(
      bench.trips.last { $0.fault == fault && $0.level >= injection.level })
    let row = bench.table[fault]
    #expect(trip.limitVersion == 7)
    #expect(trip.limit == row.limit[trip.level])
    #expect(row.side == .upper ? trip.value > trip.limit : trip.value < trip.limit)
    #expect(trip.reaction == row.reaction[trip.level])
    #expect(bench.control.commands.warning >= injection.level)
  }

  @Test(
    "Contactors are open before the deadline of each fault that asks for it",
    arguments: FaultClass.all)
  func answered(_ fault: FaultClass) throws {
    let injection = FaultInjection.of(fault)
    let reaction = Bench().table[fault].reaction[injection.level]
    var (bench, _) = try #require(provoke(fault))
    guard !reaction.isDisjoint(with: [.open, .disconnect, .openAtStandstill]) else {
      // Nothing asks to open: what was closed stays closed.
      if injection.connected, injection.request != .off, reaction != [] {
        bench.run(seconds: 0.5)
        #expect(bench.state == .closed)
      }
      return
    }
    let trip = try #require(bench.trips.last { $0.fault == fault })
    let limit = bench.uptime + UInt64(bench.table[fault].reactMilliseconds)
    #expect(trip.deadlineMilliseconds <= limit)
    let opened = bench.run(
      until: { !$0.conducts || $0.control.commands.firePyroFuse }, within: 60,
      every: injection.cycle)
    #expect(opened)
    #expect(bench.uptime <= limit + UInt64(injection.cycle), "\(fault)")
    // No re-engagement while the fault lasts, whatever is asked for.
    for request in [Request.off, .standby, .drive, .charge] {
      bench.request = request
      for _ in 0..<100 {
        bench.step(milliseconds: injection.cycle)
        if bench.diagnosis.state.reaction.isDisjoint(with: .opening) { break }
        #expect(bench.control.commands.contactors.isDisjoint(with: [.positive, .precharge]))
      }
    }
  }

  @Test(
    "A driven vehicle is warned and limited before contactors open, and they open by the deadline",
    arguments: [
      FaultClass.communicationLoss, .interlock, .dischargeOverTemperature, .cellUnderVoltage,
      .untrustedInput, .vehicleBusLoss,
    ])
  func graceWhileDriving(_ fault: FaultClass) throws {
    var (bench, _) = try #require(provoke(fault, request: .drive))
    bench.load = 20
    let row = bench.table[fault]
    let deadline = bench.diagnosis.state.openDeadlineMilliseconds
    #expect(deadline <= bench.uptime + UInt64(row.reactMilliseconds + row.driveGraceMilliseconds))
    // Still closed for most of the grace, with a warning and less torque.
    bench.run(seconds: Double(row.driveGraceMilliseconds) / 1000 * 0.5, every: 50)
    #expect(bench.state == .closed)
    #expect(bench.control.commands.warning == .safety)
    #expect(bench.control.commands.torqueLimit <= bench.configuration.limpTorque)
    let opened = bench.run(until: { !$0.conducts }, within: 60)
    #expect(opened)
    #expect(bench.uptime <= deadline)
  }

  @Test(
    "What opens at standstill never opens while driving, and opens when the vehicle stands",
    arguments: [FaultClass.insulation, .internalShort, .openWire, .sumDisagreement])
  func standstill(_ fault: FaultClass) throws {
    var (bench, _) = try #require(provoke(fault, request: .drive))
    bench.run(seconds: 30, every: 100)
    #expect(bench.state == .closed)
    bench.request = .standby
    let opened = bench.run(until: { !$0.conducts }, within: 2)
    #expect(opened)
  }

  @Test("A healthy pack that drives, charges, rests and sleeps trips nothing")
  func healthy() {
    var bench = Bench.connected(.drive)
    for second in 0..<300 {
      bench.load = second % 20 < 12 ? 60 : -20
      for cell in 0..<6 { bench.cells[cell] = 3.7 - 0.001 * bench.current + 0.002 * Double(cell) }
      bench.estimate.stateOfCharge -= bench.current * 1 / 3600 / 50
      bench.run(seconds: 1, every: 50)
    }
    bench.request = .charge
    bench.load = -30
    bench.run(seconds: 120, every: 50)
    bench.request = .off
    bench.load = 0
    bench.run(seconds: 30, every: 50)
    bench.request = .sleep
    bench.run(seconds: 7200, every: 10_000)
    #expect(bench.trips.isEmpty, "\(bench.trips.map(\.fault))")
    #expect(bench.state == .asleep)
  }
}
