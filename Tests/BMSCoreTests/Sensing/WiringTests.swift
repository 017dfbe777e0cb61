// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Open and exchanged wires, reversed current sensors, zero calibration, temperatures from few probes.

import BMSCore
import Testing

@Suite("Wiring, zero and temperature field")
struct WiringTests {
  @Test("An open sense wire flags the two cells beside it, an empty cell only itself")
  func openWire() {
    var rig = SensingRig()
    rig.settle()
    rig.run(10) {
      $0.cellVoltage[3] = 0.05
      $0.cellVoltage[4] = 7.35
    }
    #expect(rig.sample.cellVoltage[3].quality.contains(.openWire))
    #expect(rig.sample.cellVoltage[4].quality.contains(.openWire))
    #expect(rig.sample.cellVoltage[2].quality.isEmpty)
    #expect(rig.sample.cellVoltage[5].quality.isEmpty)
    var shorted = SensingRig()
    shorted.settle()
    shorted.run(10) { $0.cellVoltage[3] = 0.05 }
    #expect(!shorted.sample.cellVoltage[3].quality.contains(.openWire))
    #expect(shorted.sample.cellVoltage[4].quality.isEmpty)
  }

  @Test("Exchanged sense wires are named, from the first sample on")
  func exchangedWires() {
    var rig = SensingRig()
    rig.step {
      $0.cellVoltage[2] = 7.4
      $0.cellVoltage[3] = -3.7
      $0.cellVoltage[4] = 7.4
    }
    for index in 2...4 { #expect(rig.sample.cellVoltage[index].quality.contains(.swapped)) }
    #expect(rig.sample.cellVoltage[1].quality.isEmpty)
    #expect(rig.sample.cellVoltage[5].quality.isEmpty)
  }

  @Test("Channels exchanged in one of two paths are named")
  func exchangedChannels() {
    var rig = SensingRig(hasRedundancy: true)
    rig.run(10) {
      $0.cellVoltage[6] += 0.05
      $0.redundantCellVoltage[6] += 0.05
      let kept = $0.cellVoltage[6]
      $0.cellVoltage[6] = $0.cellVoltage[5]
      $0.cellVoltage[5] = kept
    }
    #expect(rig.sample.cellVoltage[5].quality.contains(.swapped))
    #expect(rig.sample.cellVoltage[6].quality.contains(.swapped))
    #expect(rig.sample.cellVoltage[4].quality.isEmpty)
  }

  @Test("A current sensor that counts the wrong way is found within four steps of the load")
  func polarity() {
    for isReversed in [false, true] {
      var rig = SensingRig()
      rig.configuration.cellVoltage.medianWidth = 1
      rig.settle()
      for step in 0..<5 {
        rig.current = step % 2 == 0 ? 60 : 0
        rig.run(20) { if isReversed { $0.current = -$0.current } }
      }
      #expect(rig.sample.current.quality.contains(.swapped) == isReversed)
    }
  }

  @Test(
    "The zero of the current is learnt while all contactors read open, never while one is closed")
  func zero() {
    var rig = SensingRig()
    rig.run(1000) { $0.current = 0.7 }
    #expect(rig.sensing.zero.record.applied == 0)
    #expect(abs(rig.sample.current.value - 0.7) < 1e-9)
    rig.run(1000) {
      $0.current = 0.7
      $0.feedback = [.positiveClosed]
    }
    #expect(rig.sensing.zero.record.applied == 0)
    rig.run(1000) {
      $0.current = 0.7
      $0.feedback = []
    }
    #expect(rig.sensing.zero.record.applied == 1)
    #expect(abs(rig.sample.current.value) < 1e-9)
    #expect(abs(rig.sensing.zero.record.change - 0.7) < 1e-9)
  }

  @Test("An offset beyond the bound is refused and recorded, not learnt")
  func boundedZero() {
    var rig = SensingRig()
    rig.run(1000) {
      $0.current = 3
      $0.feedback = []
    }
    #expect(rig.sensing.zero.record.applied == 0 && rig.sensing.zero.record.refused >= 1)
    #expect(abs(rig.sensing.zero.record.refusedOffset - 3) < 1e-9)
    #expect(abs(rig.sample.current.value - 3) < 1e-9)
  }

  @Test("With open contactors the current sensor nearer to zero is believed")
  func voteAtOpenContactors() {
    var rig = SensingRig(hasRedundancy: true)
    rig.run(100) { $0.feedback = [] }
    rig.run(100) {
      $0.feedback = []
      $0.current = 35
    }
    #expect(rig.sample.current.quality == .substituted)
    #expect(abs(rig.sample.current.value) < 0.2)
  }

  @Test("A pack voltage that does not match its cells is flagged; a missing one is their sum")
  func sum() {
    var rig = SensingRig()
    rig.settle()
    rig.run(5) { $0.packVoltage += 4 }
    #expect(rig.sample.packVoltage.quality.contains(.disagrees))
    rig.run(5) { $0.packVoltage = .nan }
    #expect(rig.sample.packVoltage.quality == .substituted)
    #expect(abs(rig.sample.packVoltage.value - 29.656) < 0.01)
  }

  @Test(
    "Temperatures follow the gains; lost probes are replaced and cells that lean on them flagged")
  func field() {
    var rig = SensingRig()
    rig.configuration.probeTemperature.lowPassSeconds = 0
    rig.configuration.temperatureGain[0] = [0.5, 0.5, 0, 0]
    rig.configuration.temperatureGain[1] = [0.7, 0, 0, 0]
    rig.configuration.temperatureFromCoolant[1] = 0.3
    rig.run(40) { for index in 0..<4 { $0.probeTemperature[index] = 300 + Double(index) } }
    #expect(abs(rig.sample.cellTemperature[0].value - 300.5) < 1e-6)
    #expect(abs(rig.sample.cellTemperature[1].value - (0.7 * 300 + 0.3 * 295)) < 1e-6)
    rig.run(40) {
      for index in 0..<4 { $0.probeTemperature[index] = index == 1 ? .nan : 300 + Double(index) }
    }
    // The mean of the other three stands in: (300 + 302 + 303) / 3.
    #expect(abs(rig.sample.cellTemperature[0].value - (150 + 0.5 * 905 / 3)) < 1e-6)
    #expect(rig.sample.cellTemperature[0].quality == .substituted)
    #expect(rig.sample.cellTemperature[2].quality == .missing)
    #expect(rig.sample.cellTemperature[4].quality.isEmpty)
  }

  @Test("The heat of the cells warms them over their surface")
  func heat() {
    var rig = SensingRig()
    rig.configuration.heatSeconds = 10
    rig.configuration.temperatureFromHeat[3] = 1e-4
    rig.current = 100
    for _ in 0..<6000 { rig.step() }
    let probe = rig.sample.probeTemperature[1].value
    #expect(abs(rig.sample.cellTemperature[3].value - probe - 1) < 0.02)
  }
}
