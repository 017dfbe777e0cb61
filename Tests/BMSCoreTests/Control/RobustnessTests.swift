// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Random input never traps, always leaves a declared state, and deadlines are kept.

import BMSCore
import TestSupport
import Testing

@Suite("Robustness of diagnosis and control")
struct RobustnessTests {
  /// Any bit pattern of single precision, half of them NaN, infinite, huge or zero on purpose.
  func number<R: RandomNumberGenerator>(_ generator: inout R) -> Float {
    switch UInt8.random(in: 0..<8, using: &generator) {
    case 0: .nan
    case 1: .infinity
    case 2: -.greatestFiniteMagnitude
    case 3: 0
    case 4: 3.7
    default: Float(bitPattern: generator.next())
    }
  }

  func reading<R: RandomNumberGenerator>(_ generator: inout R) -> Measured<Float> {
    let flags =
      UInt8.random(in: 0..<4, using: &generator) == 0
      ? Quality(rawValue: generator.next()) : []
    return Measured(number(&generator), quality: flags)
  }

  func sample<R: RandomNumberGenerator>(_ generator: inout R) -> PackSample<4, 2, Float> {
    var sample = PackSample<4, 2, Float>()
    sample.timeMilliseconds = generator.next()
    sample.interval = number(&generator)
    for cell in 0..<4 { sample.cellVoltage[cell] = reading(&generator) }
    for probe in 0..<2 { sample.probeTemperature[probe] = reading(&generator) }
    for cell in 0..<4 { sample.cellTemperature[cell] = reading(&generator) }
    sample.current = reading(&generator)
    sample.packVoltage = reading(&generator)
    sample.linkVoltage = reading(&generator)
    sample.insulationResistance = reading(&generator)
    sample.coolantTemperature = reading(&generator)
    sample.ambientTemperature = reading(&generator)
    sample.pressure = reading(&generator)
    sample.gas = reading(&generator)
    sample.acoustic = reading(&generator)
    sample.link = LinkFaults(rawValue: generator.next())
    sample.feedback = SwitchFeedback(rawValue: generator.next())
    sample.request = Request(rawValue: UInt8.random(in: 0..<5, using: &generator)) ?? .off
    sample.clockJumped = Bool.random(using: &generator)
    return sample
  }

  func estimate<R: RandomNumberGenerator>(_ generator: inout R) -> PackEstimate<4, Float> {
    var estimate = PackEstimate<4, Float>()
    estimate.stateOfCharge = number(&generator)
    for cell in 0..<4 {
      estimate.cellStateOfCharge[cell] = number(&generator)
      estimate.cellCapacity[cell] = number(&generator)
      estimate.cellResistanceRatio[cell] = number(&generator)
      estimate.internalShortResistance[cell] = number(&generator)
    }
    for horizon in 0..<3 {
      estimate.dischargePower[horizon] = number(&generator)
      estimate.chargePower[horizon] = number(&generator)
      estimate.dischargeCurrent[horizon] = number(&generator)
      estimate.chargeCurrent[horizon] = number(&generator)
    }
    estimate.platingIndicator = number(&generator)
    estimate.livenessCounter = generator.next()
    estimate.isConverged = Bool.random(using: &generator)
    return estimate
  }

  @Test(
    "Random samples and estimates never trap and always leave commands inside their ranges",
    arguments: [UInt64(1), 2, 3, 4])
  func random(_ seed: UInt64) {
    var generator = Seeded(seed)
    var table = DiagnosisConfiguration<Float>(version: 1, cells: 4)
    var configuration = ControlConfiguration<Float>()
    var diagnosis = Diagnosis<4, 2, Float>()
    var control = Control<4, 2, Float>()
    let current = table[.dischargeOverCurrent].limit.operating
    let charge = table[.chargeOverCurrent].limit.operating
    for _ in 0..<Repetitions.of(200, long: 1500) {
      var sample = sample(&generator)
      var estimate = estimate(&generator)
      diagnosis.step(
        &sample, estimate: &estimate, commands: &control.commands, configuration: &table)
      control.step(
        &sample, estimate: &estimate, diagnosis: &diagnosis, table: &table,
        configuration: &configuration)
      let commands = control.commands
      #expect(commands.dischargeCurrentLimit >= 0 && commands.dischargeCurrentLimit <= current)
      #expect(commands.chargeCurrentLimit >= 0 && commands.chargeCurrentLimit <= charge)
      #expect(commands.dischargePowerLimit >= 0 && commands.chargePowerLimit >= 0)
      for duty in [
        commands.heater, commands.pump, commands.fan, commands.chiller, commands.torqueLimit,
      ] { #expect(duty >= 0 && duty <= 1) }
      for cell in 0..<4 { #expect(commands.balancing[cell].isFinite) }
      #expect(commands.contactors == ContactorMachine.command(in: commands.state))
      #expect(diagnosis.state.worst <= .safety)
    }
    // Input of this kind can end in nothing but open contactors, and the log says why.
    #expect(control.commands.contactors.isEmpty)
    #expect(diagnosis.state.worst == .safety)
    #expect(diagnosis.state.tripCount > 0)
    #expect(control.commands.dischargeCurrentLimit == 0)
  }

  @Test(
    "Random faults at random times: once a deadline has passed no main path conducts",
    arguments: Array(UInt64(10)..<Repetitions.of(13, long: 22)))
  func deadlines(_ seed: UInt64) {
    var generator = Seeded(seed)
    let requests: [Request] = [.standby, .drive, .charge]
    var bench = Bench.connected(requests[Int.random(in: 0..<3, using: &generator)])
    bench.obeysLimits = Bool.random(using: &generator)
    bench.load = Double.random(in: -40...120, using: &generator)
    let causes = FaultClass.all.filter { FaultInjection.of($0).connected }
    let cycle = Repetitions.of([20, 20, 50, 50], long: [5, 10, 20, 50])[
      Int.random(in: 0..<4, using: &generator)]
    for _ in 0..<4 {
      let injection = FaultInjection.of(
        causes[Int.random(in: 0..<causes.count, using: &generator)])
      injection.prepare(&bench)
      let start = bench.uptime
      for _ in 0..<(6000 / cycle) {
        injection.drive(&bench, Double(bench.uptime - start) / 1000)
        bench.step(milliseconds: cycle)
        if bench.uptime > bench.diagnosis.state.openDeadlineMilliseconds {
          #expect(
            !bench.control.commands.contactors.contains(.positive)
              || bench.control.commands.firePyroFuse)
        }
      }
      if Bool.random(using: &generator) {
        bench.request = requests[Int.random(in: 0..<3, using: &generator)]
      }
    }
  }
}
