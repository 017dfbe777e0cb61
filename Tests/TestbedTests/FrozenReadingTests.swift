// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A frozen channel is told once its siblings move, whatever the resolution; a still pack is not.

import BatteryDomain
import NumericalMethods
import Testbed
import Testing

struct FrozenReadingTests {
  private let context = DetectorContext(
    cell: .lfp150Ah, cells: 24, cellsPerModule: 12, probes: 4)

  /// Verdicts on voltage sensors of a pack whose noise, step and use are given in volts.
  private func verdicts(noise: Double, step: Double, use: Double, frozen: Int?, cycles: Int)
    -> [Verdict]
  {
    var detector = RuleDetector(context)
    var random = Xoshiro256(seed: 7)
    var reading = PackReading(cells: 24, probes: 4)
    reading.contactorsCommanded = false
    reading.contactorsClosed = false
    reading.probeTemperature = [290, 290, 290, 290]
    var verdicts: [Verdict] = []
    for cycle in 0..<cycles {
      reading.time = 300 * Double(cycle)
      for cell in 0..<24 where cell != frozen || cycle == 0 {
        let load = use * Double(cycle * cycle % 7)
        let value = 3.3 + 0.000_37 * Double(cell) - load + noise * random.nextNormal()
        reading.cellVoltage[cell] = (value / step).rounded() * step
      }
      reading.packVoltage = reading.cellVoltage.reduce(0, +)
      detector.ingest(reading, verdicts: &verdicts)
    }
    return verdicts.filter { $0.fault == .voltageSensor }
  }

  @Test(arguments: [(0.000_7, 0.001), (0.000_2, 0.000_1), (0.000_3, 0.001)])
  func `A frozen channel is named within a hundred readings in use`(noise: Double, step: Double)
    throws
  {
    let found = verdicts(noise: noise, step: step, use: 0.004, frozen: 5, cycles: 100)
    #expect(found.map(\.subject) == [.cell(6)])
  }

  @Test(arguments: [(0.000_7, 0.001), (0.000_2, 0.001), (0.0, 0.001), (0.000_05, 0.005)])
  func `A sound pack at rest or in use is not called frozen, even behind a coarse converter`(
    noise: Double, step: Double
  ) {
    for use in [0.0, 0.004] {
      #expect(verdicts(noise: noise, step: step, use: use, frozen: nil, cycles: 2_000).isEmpty)
    }
  }
}
