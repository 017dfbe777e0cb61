// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One physical or electrical cause for every fault class, applied to the bench.

import BMSCore

/// How a fault is provoked, and what it must lead to.
struct FaultInjection {
  /// Level the cause must reach.
  var level: FaultLevel
  /// Longest time until that level, in seconds.
  var within: Double
  /// Cycle time of the run, in milliseconds.
  var cycle = 10
  /// What the vehicle asks for.
  var request = Request.standby
  /// Starts with closed contactors.
  var connected = true
  /// Prepares the bench once.
  var prepare: (inout Bench) -> Void = { _ in }
  /// Called before every cycle with the time since the start, in seconds.
  var drive: (inout Bench, Double) -> Void = { _, _ in }
}

extension FaultInjection {
  static func sample(
    _ level: FaultLevel = .safety, within: Double, request: Request = .standby,
    connected: Bool = true, _ change: @escaping (inout Bench.Sample) -> Void
  ) -> FaultInjection {
    FaultInjection(
      level: level, within: within, cycle: within < 10 ? 10 : 100, request: request,
      connected: connected,
      prepare: { $0.disturb = { sample, _ in change(&sample) } })
  }

  static func flag(_ quality: Quality) -> FaultInjection {
    sample(within: 65) { $0.cellVoltage[4].quality = quality }
  }

  /// A cause for a fault class.
  static func of(_ fault: FaultClass) -> FaultInjection {
    switch fault {
    case .cellOverVoltage, .cellUnderVoltage, .packOverVoltage, .packUnderVoltage,
      .chargeOverCurrent, .dischargeOverCurrent, .currentLimitIgnored, .voltageSpread,
      .externalShort:
      electrical(fault)
    case .chargeOverTemperature, .dischargeOverTemperature, .chargeUnderTemperature,
      .dischargeUnderTemperature, .temperatureRise, .temperatureSpread, .coolingFailure,
      .stuckActuator, .thermalEvent:
      thermal(fault)
    case .openWire: flag(.openWire)
    case .sensorOutOfRange: flag(.outOfRange)
    case .sensorFrozen: flag(.frozen)
    case .redundantDisagreement: flag(.disagrees)
    case .channelSwapped: flag(.swapped)
    case .insulation, .interlock, .contactorWeld, .contactorNoClose, .fuseBlown,
      .prechargeVoltage, .prechargeCurrent:
      switching(fault)
    case .internalShort, .selfDischarge, .balancingSurplus, .restDrift, .looseConnection,
      .lithiumPlating, .suddenDrop:
      cell(fault)
    default: measuring(fault)
    }
  }

  private static func electrical(_ fault: FaultClass) -> FaultInjection {
    switch fault {
    case .cellOverVoltage: sample(within: 3.5) { $0.cellVoltage[2] = Measured(4.2801) }
    case .cellUnderVoltage: sample(within: 3.5) { $0.cellVoltage[5] = Measured(2.6999) }
    case .packOverVoltage: sample(within: 3.5) { $0.packVoltage = Measured(25.681) }
    case .packUnderVoltage: sample(within: 3.5) { $0.packVoltage = Measured(16.199) }
    case .chargeOverCurrent:
      sample(within: 1, request: .charge) { $0.current = Measured(-55.1) }
    case .dischargeOverCurrent: sample(within: 1) { $0.current = Measured(160.1) }
    case .currentLimitIgnored:
      FaultInjection(
        level: .safety, within: 15, cycle: 100,
        prepare: { bench in
          bench.estimate.dischargeCurrent = InlineArray(repeating: 10)
          bench.obeysLimits = false
          bench.load = 26
        })
    case .voltageSpread:
      sample(within: 10) {
        $0.cellVoltage[1] = Measured(3.85)
        $0.cellVoltage[3] = Measured(3.549)
      }
    default:
      FaultInjection(
        level: .safety, within: 0.005, cycle: 1,
        prepare: { bench in
          bench.disturb = { sample, _ in
            sample.current = Measured(900)
            sample.packVoltage = Measured(15)
            sample.linkVoltage = Measured(1)
          }
        })
    }
  }

  private static func thermal(_ fault: FaultClass) -> FaultInjection {
    switch fault {
    case .chargeOverTemperature:
      sample(within: 3, request: .charge) { $0.probeTemperature[1] = Measured(318.16) }
    case .dischargeOverTemperature:
      sample(within: 3) { $0.probeTemperature[1] = Measured(333.16) }
    case .chargeUnderTemperature:
      sample(within: 3, request: .charge) { $0.probeTemperature[2] = Measured(273.14) }
    case .dischargeUnderTemperature:
      sample(within: 3) { $0.probeTemperature[2] = Measured(253.14) }
    case .temperatureRise:
      FaultInjection(
        level: .safety, within: 60, cycle: 100,
        drive: { bench, time in bench.probes[0] = 298.15 + 1.3 * time })
    case .temperatureSpread: sample(within: 10) { $0.probeTemperature[0] = Measured(313.16) }
    case .coolingFailure:
      FaultInjection(
        level: .safety, within: 3600, cycle: 1000,
        prepare: { $0.pretend = { $0.pump = 1 } },
        drive: { bench, time in
          bench.probes = Array(repeating: 298.15 + min(15, 0.04 * time), count: 3)
        })
    case .stuckActuator:
      FaultInjection(
        level: .recommended, within: 1200, cycle: 1000, request: .off, connected: false,
        drive: { bench, time in
          let rise = 3000 / bench.table.facts.heatCapacity * time
          bench.probes = Array(repeating: 283.15 + rise, count: 3)
          bench.disturb = { sample, _ in sample.coolantTemperature = Measured(278.15) }
        })
    default:
      FaultInjection(
        level: .safety, within: 15,
        drive: { bench, time in bench.probes[0] = min(340 + 1.5 * time, 420) })
    }
  }

  private static func switching(_ fault: FaultClass) -> FaultInjection {
    switch fault {
    case .insulation:
      sample(within: 10) { $0.insulationResistance = Measured(99 * $0.packVoltage.value) }
    case .interlock: sample(within: 0.5) { $0.feedback.remove(.interlockClosed) }
    case .fuseBlown: sample(within: 0.5) { $0.feedback.remove(.fuseIntact) }
    case .contactorWeld:
      FaultInjection(
        level: .safety, within: 5, request: .off, prepare: { $0.welded = .positiveClosed })
    case .contactorNoClose:
      FaultInjection(
        level: .safety, within: 1, connected: false, prepare: { $0.stuckOpen = .negativeClosed })
    case .prechargeVoltage:
      FaultInjection(
        level: .safety, within: 3, connected: false,
        prepare: { bench in bench.disturb = { sample, _ in sample.linkVoltage = Measured(12) } })
    default:
      FaultInjection(
        level: .safety, within: 1, connected: false,
        prepare: { bench in
          bench.disturb = { sample, _ in
            if sample.feedback.contains(.prechargeClosed) { sample.current = Measured(4) }
          }
        })
    }
  }

  private static func cell(_ fault: FaultClass) -> FaultInjection {
    switch fault {
    case .suddenDrop:
      FaultInjection(
        level: .safety, within: 3, prepare: { $0.cells[2] = 3.29 })
    case .internalShort:
      FaultInjection(
        level: .safety, within: 15, cycle: 100,
        prepare: { $0.estimate.internalShortResistance[4] = 9.9 })
    case .selfDischarge:
      FaultInjection(
        level: .safety, within: 20_000, cycle: 10_000, request: .off, connected: false,
        drive: { bench, time in bench.cells[1] = 3.7 - 0.4 * time / 86_400 })
    case .balancingSurplus:
      FaultInjection(
        level: .recommended, within: 6 * 86_400, cycle: 60_000, request: .off, connected: false,
        prepare: { bench in
          bench.configuration.balancing.hardware = .none
          bench.pretend = { commands in
            // 0.6 % of 50 A·h a day out of every cell but the third.
            for cell in 0..<6 where cell != 2 { commands.balancing[cell] = 0.3 / 24 }
          }
        })
    case .restDrift:
      FaultInjection(
        level: .safety, within: 86_400, cycle: 60_000, request: .off, connected: false,
        prepare: { $0.configuration.balancing.hardware = .none },
        drive: { bench, time in bench.estimate.cellStateOfCharge[1] = 0.5 - 0.06 * time / 86_400 })
    case .looseConnection:
      FaultInjection(
        level: .safety, within: 60, cycle: 100,
        drive: { bench, time in
          bench.load = Int(time * 2) % 2 == 0 ? 40 : 10
          let flows = bench.current
          bench.disturb = { sample, _ in
            for cell in 0..<6 {
              let resistance = cell == 3 ? 0.0045 : 0.001
              sample.cellVoltage[cell].value = 3.7 - resistance * sample.current.value
            }
            _ = flows
          }
        })
    default:
      FaultInjection(
        level: .recommended, within: 5, prepare: { $0.estimate.platingIndicator = 0.61 })
    }
  }

  private static func measuring(_ fault: FaultClass) -> FaultInjection {
    switch fault {
    case .sensorStuck:
      FaultInjection(
        level: .recommended, within: 10,
        drive: { bench, time in
          for cell in 0..<6 where cell != 3 { bench.cells[cell] = 3.7 - min(0.02 * time, 0.09) }
        })
    case .currentOffset:
      sample(.recommended, within: 15, request: .off, connected: false) {
        $0.current = Measured(1.2)
      }
    case .sumDisagreement: sample(within: 12) { $0.packVoltage.value += 0.91 }
    case .communicationLoss: sample(within: 2) { $0.link.insert(.frontEndSilent) }
    case .vehicleBusLoss: sample(within: 6) { $0.link.insert(.vehicleBusSilent) }
    case .frontEndChecksum: sample(within: 6) { $0.link.insert(.frontEndChecksum) }
    case .stateOfChargeJump:
      FaultInjection(level: .recommended, within: 1, prepare: { $0.estimate.stateOfCharge = 0.7 })
    case .clockJump: sample(within: 2) { $0.clockJumped = true }
    case .storageCorruption:
      sample(.recommended, within: 1) { $0.link.insert(.storedStateCorrupt) }
    case .estimatorDead:
      FaultInjection(
        level: .safety, within: 35, cycle: 100,
        prepare: { $0.disturb = { _, estimate in estimate.livenessCounter = 5 } })
    default: sample(within: 3) { $0.current = Measured(0, quality: .missing) }
    }
  }
}
