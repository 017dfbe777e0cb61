// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The filter on a curve that tells little: the plateau of an iron phosphate cell with hysteresis.

import BMSCore
import Testing

@Suite("Filters on a flat curve")
struct FlatCurveTests {
  /// 100 A·h, 1 mΩ, a loop of ±8 mV, and between 15 and 90 % a slope of 0.7 mV for each per cent at most.
  static func circuit() -> CellCircuit<Double> {
    var circuit = CellCircuit<Double>(
      capacity: 360_000, lowerVoltage: 2.5, upperVoltage: 3.65, resistance: 0.001)
    let points: [(Double, Double)] = [
      (0, 2.6), (0.03, 3.0), (0.08, 3.15), (0.15, 3.23), (0.3, 3.275), (0.4, 3.287), (0.6, 3.293),
      (0.7, 3.325), (0.9, 3.333), (0.97, 3.34), (1, 3.55),
    ]
    for k in 0...100 {
      let z = Double(k) / 100
      let next = points.firstIndex { $0.0 >= z && $0.0 > 0 } ?? points.count - 1
      let (low, high) = (points[next - 1], points[next])
      circuit.openCircuit[k] = low.1 + (high.1 - low.1) * (z - low.0) / (high.0 - low.0)
      circuit.hysteresis[k] = 0.008
    }
    return circuit
  }

  /// Drives between 65 and 35 % with a sensor off by an offset; the filter is told the true start.
  ///
  /// - Returns: Errors with the deviations the filter stated, one a minute.
  func errors(offset: Double, hours: Int, seed: UInt64) -> [(error: Double, deviation: Double)] {
    var configuration = EstimationConfiguration(circuit: Self.circuit())
    configuration.currentOffset = 0.5
    var truth = configuration.circuit
    truth.capacity = 360_000
    var cell = AverageCell<Double>()
    cell.start(
      stateOfCharge: 0.6, deviation: 0.02, temperature: 298.15, configuration: &configuration)
    var noise = Noise(seed)
    var z = 0.6
    var loop = 0.0
    var current = 0.0
    var charges = false
    var found: [(error: Double, deviation: Double)] = []
    for second in 0..<(hours * 3_600) {
      if second % 20 == 0 {
        if z < 0.35 { charges = true } else if z > 0.65 { charges = false }
        current = (charges ? -30 : 30) + 60 * noise.next()
      }
      z -= current / 360_000
      let decay = Double.exponential(-50 * abs(current) / 360_000)
      loop = (current > 0 ? -1.0 : 1.0) + (loop - (current > 0 ? -1.0 : 1.0)) * decay
      let open = truth.openCircuitVoltage(z, temperature: 298.15)
      let voltage = open + 0.008 * loop - 0.001 * current + 0.001 * noise.next()
      _ = cell.stepExtended(
        FilterInput(
          current: current + offset, interval: 1, temperature: 298.15, voltage: voltage),
        configuration: &configuration)
      if second % 60 == 59 {
        found.append((abs(cell.stateOfCharge - z), cell.stateOfChargeDeviation))
      }
    }
    return found
  }

  @Test(
    "On the plateau the stated doubt holds the error, whichever way the current sensor is off",
    arguments: [0.5, -0.5, 0])
  func plateau(offset: Double) {
    let found = errors(offset: offset, hours: Repetitions.of(3, long: 12), seed: 3)
    let held = found.filter { $0.error <= 2 * $0.deviation }.count
    #expect(Double(held) >= 0.95 * Double(found.count), "\(held) of \(found.count)")
    #expect(found.allSatisfy { $0.error < 0.02 })
  }

  @Test(
    "A cell that rests on the plateau loses certainty, and gains it only where the curve is steep")
  func rest() {
    var configuration = EstimationConfiguration(circuit: Self.circuit())
    configuration.currentOffset = 0.5
    func deviation(at z: Double) -> Double {
      var cell = AverageCell<Double>()
      cell.start(
        stateOfCharge: z, deviation: 0.05, temperature: 298.15, configuration: &configuration)
      let voltage = configuration.circuit.openCircuitVoltage(z, temperature: 298.15)
      for _ in 0..<1_440 {
        _ = cell.stepExtended(
          FilterInput(current: 0, interval: 5, temperature: 298.15, voltage: voltage),
          configuration: &configuration)
      }
      return cell.stateOfChargeDeviation
    }
    let flat = deviation(at: 0.5)
    let steep = deviation(at: 0.05)
    #expect(flat > 0.04, "\(flat)")
    #expect(steep < 0.02, "\(steep)")
  }
}
