// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A small pack that delivers healthy readings, for tests to disturb.

import BMSCore

/// Eight cells, four probes, sensing at 100 Hz with healthy readings that tests disturb.
struct SensingRig {
  typealias Raw = RawSample<8, 4, Double>

  var sensing = Sensing<8, 4, Double>()
  var configuration = SensingConfiguration<8, 4, Double>()
  var sample = PackSample<8, 4, Double>()
  var raw = Raw()
  var milliseconds: UInt64 = 0
  var hasRedundancy = false
  var current = 0.0
  var open = 3.7
  /// Resistance of a cell, in ohms.
  let resistance = 0.001
  private var dither = 0

  init(hasRedundancy: Bool = false) { self.hasRedundancy = hasRedundancy }

  /// One cycle of healthy readings with noise of half a millivolt, changed by `disturb`.
  mutating func step(every interval: UInt64 = 10, _ disturb: (inout Raw) -> Void = { _ in }) {
    milliseconds += interval
    dither += 1
    raw = Raw(timeMilliseconds: milliseconds)
    for index in 0..<8 {
      let noise = 0.0005 * Double((dither * 7 + index * 5) % 3 - 1)
      raw.cellVoltage[index] = open - current * resistance + 0.002 * Double(index) + noise
      if hasRedundancy { raw.redundantCellVoltage[index] = raw.cellVoltage[index] + 0.001 }
    }
    for index in 0..<4 {
      raw.probeTemperature[index] = 298.15 + Double(index) + 0.05 * Double(dither % 3)
    }
    raw.current = current + 0.02 * Double(dither % 3)
    if hasRedundancy { raw.redundantCurrent = raw.current - 0.05 }
    raw.packVoltage = 8 * (open - current * resistance) + 0.056
    raw.linkVoltage = raw.packVoltage
    raw.coolantTemperature = 295
    raw.ambientTemperature = 294
    raw.insulationResistance = 5e6
    raw.feedback = [.positiveClosed, .negativeClosed, .fuseIntact, .interlockClosed]
    disturb(&raw)
    sensing.step(&raw, &configuration, into: &sample)
  }

  mutating func run(_ count: Int, every interval: UInt64 = 10, _ disturb: (inout Raw) -> Void) {
    for _ in 0..<count { step(every: interval, disturb) }
  }

  mutating func settle() { run(20) { _ in } }
}
