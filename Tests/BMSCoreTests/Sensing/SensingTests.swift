// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the measuring chain believes, flags, votes and replaces.

import BMSCore
import TestSupport
import Testing

@Suite("Sensing")
struct SensingTests {
  @Test("Healthy readings come through without a flag, whatever the load does")
  func healthy() {
    for hasRedundancy in [false, true] {
      var rig = SensingRig(hasRedundancy: hasRedundancy)
      var flagged = 0
      for step in 0..<2000 {
        rig.current = Double((step / 37) % 5) * 40 - 60
        rig.open = 3.7 - 1e-5 * Double(step)
        rig.step()
        for index in 0..<8 where !rig.sample.cellVoltage[index].quality.isEmpty { flagged += 1 }
        for index in 0..<4 where !rig.sample.probeTemperature[index].quality.isEmpty {
          flagged += 1
        }
        for index in 0..<8 where !rig.sample.cellTemperature[index].quality.isEmpty { flagged += 1 }
        if !rig.sample.current.quality.isEmpty || !rig.sample.packVoltage.quality.isEmpty {
          flagged += 1
        }
      }
      #expect(flagged == 0)
    }
  }

  @Test("6.06 V and −58.8 °C are never passed on as data")
  func impossibleReadings() {
    var rig = SensingRig()
    rig.settle()
    rig.run(300) {
      $0.cellVoltage[3] = 6.06
      $0.probeTemperature[1] = 273.15 - 58.8
    }
    #expect(rig.sample.cellVoltage[3].quality.contains(.outOfRange))
    #expect(!rig.sample.cellVoltage[3].isUsable && !rig.sample.probeTemperature[1].isUsable)
    #expect(abs(rig.sample.cellVoltage[3].value - 3.7) < 0.02)
    #expect(rig.sensing.cell[3].health.episodes == 1)
    #expect(rig.sensing.cell[3].health.flagged == 300)
    #expect(rig.sensing.cell[2].health.flagged == 0)
  }

  @Test("A spike of one sample moves nothing, with three and with five samples of median")
  func spike() {
    for width in [UInt8(3), 5] {
      var rig = SensingRig()
      rig.configuration.cellVoltage.medianWidth = width
      rig.configuration.cellVoltage.greatestRate = 0
      rig.settle()
      rig.step { $0.cellVoltage[2] = 4.4 }
      #expect(abs(rig.sample.cellVoltage[2].value - 3.704) < 0.001)
      rig.step()
      #expect(abs(rig.sample.cellVoltage[2].value - 3.704) < 0.001)
    }
  }

  @Test("A median of five holds against two spikes in a row, one of three does not")
  func twoSpikes() {
    var shown: [Double] = []
    for width in [UInt8(3), 5] {
      var rig = SensingRig()
      rig.configuration.cellVoltage.medianWidth = width
      rig.configuration.cellVoltage.greatestRate = 0
      rig.settle()
      rig.run(2) { $0.cellVoltage[2] = 4.4 }
      shown.append(rig.sample.cellVoltage[2].value)
    }
    #expect(shown[0] == 4.4 && shown[1] < 3.71)
  }

  @Test("A leap faster than physics is flagged, and believed once it has stayed")
  func leap() {
    var rig = SensingRig()
    rig.settle()
    rig.step { $0.probeTemperature[0] = 320 }
    #expect(rig.sample.probeTemperature[0].quality.contains(.rateTooHigh))
    #expect(rig.sample.probeTemperature[0].value < 299)
    rig.run(95) { $0.probeTemperature[0] = 320 }
    #expect(!rig.sample.probeTemperature[0].isUsable)
    rig.run(60) { $0.probeTemperature[0] = 320 }
    #expect(rig.sample.probeTemperature[0].quality.isEmpty)
    #expect(abs(rig.sample.probeTemperature[0].value - 320) < 0.5)
  }

  @Test("A cell that really collapses is believed at once when both paths see it")
  func corroborated() {
    var rig = SensingRig(hasRedundancy: true)
    rig.settle()
    rig.run(2) {
      $0.cellVoltage[4] = 2.1
      $0.redundantCellVoltage[4] = 2.101
    }
    #expect(rig.sample.cellVoltage[4].quality.isEmpty)
    #expect(abs(rig.sample.cellVoltage[4].value - 2.1) < 0.01)
  }

  @Test("A channel that stands still while its siblings move is frozen; a still pack is not")
  func frozen() {
    var rig = SensingRig()
    rig.run(500) {
      for index in 0..<8 { $0.cellVoltage[index] = 3.7 }
      for index in 0..<4 { $0.probeTemperature[index] = 298 }
    }
    #expect(rig.sample.cellVoltage[1].quality.isEmpty)
    #expect(rig.sample.probeTemperature[1].quality.isEmpty)
    var moving = SensingRig()
    moving.settle()
    for step in 0..<200 {
      moving.open = 3.7 - 0.0005 * Double(step)
      moving.step { $0.cellVoltage[1] = 3.702 }
    }
    #expect(moving.sample.cellVoltage[1].quality.contains(.frozen))
    #expect(moving.sample.cellVoltage[0].quality.isEmpty)
    for step in 200..<240 {
      moving.open = 3.7 - 0.0005 * Double(step)
      moving.step()
    }
    #expect(moving.sample.cellVoltage[1].quality.isEmpty)
  }

  @Test("A current that stands still while the cells answer to a load is frozen")
  func frozenCurrent() {
    var rig = SensingRig()
    rig.settle()
    rig.current = 100
    rig.run(5) { $0.current = 0.02 }
    // A sensor that answers every hundred milliseconds is not frozen.
    #expect(rig.sample.current.quality.isEmpty)
    rig.run(35) { $0.current = 0.02 }
    #expect(rig.sample.current.quality.contains(.frozen))
  }

  @Test("Cells read in turn, and one code that comes twice in telemetry, are not frozen")
  func notFrozen() {
    // Two front ends refresh in turn, every ten milliseconds; the load leaps between them.
    var rig = SensingRig()
    var held = Array(repeating: 3.7, count: 8)
    for cycle in 0..<400 {
      rig.current = cycle % 40 < 20 ? 0 : 120
      rig.step(every: 1) {
        for index in 0..<8 {
          if cycle % 10 == index { held[index] = $0.cellVoltage[index] }
          $0.cellVoltage[index] = held[index]
        }
      }
      #expect((0..<8).allSatisfy { !rig.sample.cellVoltage[$0].quality.contains(.frozen) })
    }
    // Rows of ten seconds whose cells are read at different moments: one lies in the step before.
    var slow = SensingRig()
    slow.configuration.cellVoltage.greatestRate = 0
    slow.configuration.longestIntervalMilliseconds = 60_000
    var last = 3.7
    for row in 0..<60 {
      slow.current = Double((row * 7) % 5) * 40
      slow.step(every: 10_000) {
        if row % 6 == 5 { $0.cellVoltage[2] = last }
        last = $0.cellVoltage[2]
      }
      #expect(!slow.sample.cellVoltage[2].quality.contains(.frozen))
    }
  }

  @Test("A channel frozen under a load that comes back again and again is found")
  func frozenUnderSwings() {
    var rig = SensingRig()
    rig.settle()
    for step in 0..<60 {
      rig.current = step % 20 < 10 ? 0 : 40
      rig.step { $0.cellVoltage[1] = 3.702 }
    }
    #expect(rig.sample.cellVoltage[1].quality.contains(.frozen))
    #expect(rig.sample.cellVoltage[0].quality.isEmpty)
  }

  @Test("Of two paths the one that leaps is outvoted, under load as well")
  func leapingPath() {
    for faulty in ["primary", "redundant"] {
      var rig = SensingRig(hasRedundancy: true)
      rig.configuration.cellVoltage.medianWidth = 1
      rig.settle()
      // The load sets in at the same moment as the fault.
      rig.current = 80
      rig.run(50) {
        if faulty == "primary" {
          $0.cellVoltage[5] += 0.11
        } else {
          $0.redundantCellVoltage[5] += 0.11
        }
      }
      #expect(rig.sample.cellVoltage[5].isUsable)
      #expect(rig.sample.cellVoltage[5].quality.contains(.substituted) == (faulty == "primary"))
      #expect(abs(rig.sample.cellVoltage[5].value - (3.7 - 0.08 + 0.01)) < 0.003)
    }
  }

  @Test("Two paths that drift apart cannot be told apart: the value is flagged")
  func driftingPath() {
    var rig = SensingRig(hasRedundancy: true)
    rig.settle()
    for step in 0..<400 { rig.step { $0.cellVoltage[5] += 1e-4 * Double(step) } }
    #expect(rig.sample.cellVoltage[5].quality.contains(.disagrees))
    #expect(!rig.sample.cellVoltage[5].isUsable)
  }

  @Test("A lost path is replaced by the other, and says so")
  func lostPath() {
    var rig = SensingRig(hasRedundancy: true)
    rig.settle()
    rig.run(10) {
      $0.cellVoltage[0] = .nan
      $0.current = .nan
    }
    #expect(rig.sample.cellVoltage[0].quality == .substituted)
    #expect(rig.sample.current.quality == .substituted)
    #expect(rig.sample.cellVoltage[0].isUsable)
  }

  @Test("Front-end errors flag every value they carried, and no other")
  func linkFaults() {
    var rig = SensingRig()
    rig.settle()
    rig.step { $0.link = .frontEndChecksum }
    #expect(rig.sample.cellVoltage[7].quality.contains(.linkFault))
    #expect(rig.sample.probeTemperature[3].quality.contains(.linkFault))
    #expect(rig.sample.current.quality.isEmpty)
    rig.step { $0.link = .currentSensorSilent }
    #expect(!rig.sample.current.isUsable && rig.sample.cellVoltage[7].quality.isEmpty)
  }

  @Test("A jump of the clock is noticed and gives no interval")
  func clock() {
    var rig = SensingRig()
    rig.settle()
    rig.milliseconds += 3_600_000
    rig.step()
    #expect(rig.sample.clockJumped && rig.sample.interval == 0)
    rig.step()
    #expect(!rig.sample.clockJumped && rig.sample.interval == 0.01)
    rig.milliseconds -= 500
    rig.step()
    #expect(rig.sample.clockJumped && rig.sample.interval == 0)
  }

  @Test("Any bits as readings: no trap, and every usable value is finite and in range")
  func anyBits() {
    var generator = Seeded(11)
    var rig = SensingRig(hasRedundancy: true)
    var usable = 0
    for _ in 0..<3000 {
      rig.step(every: UInt64.random(in: 0...20_000, using: &generator)) { raw in
        for index in 0..<8 {
          raw.cellVoltage[index] = Double(bitPattern: generator.next())
          raw.redundantCellVoltage[index] = Double(bitPattern: generator.next())
        }
        for index in 0..<4 { raw.probeTemperature[index] = Double(bitPattern: generator.next()) }
        raw.current = Double(bitPattern: generator.next())
        raw.redundantCurrent = Double(bitPattern: generator.next())
        raw.packVoltage = Double(bitPattern: generator.next())
        raw.insulationResistance = Double(bitPattern: generator.next())
        raw.timeMilliseconds = generator.next()
      }
      for index in 0..<8 {
        let value = rig.sample.cellVoltage[index]
        #expect(value.value.isFinite && rig.sample.cellTemperature[index].value.isFinite)
        if value.isUsable {
          usable += 1
          #expect(value.value >= -0.3 && value.value <= 5)
        }
      }
      #expect(rig.sample.current.value.isFinite && rig.sample.packVoltage.value.isFinite)
      #expect(rig.sample.interval >= 0 && rig.sample.interval <= 10)
    }
    // Half of all bit patterns are numbers next to zero, which an empty cell could show.
    #expect(usable > 0)
  }
}
