// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Probe places and gains against a simulated pack whose temperatures are known.

import BMSCore
import NumericalMethods
import OnboardConfiguration
import PackModels
import StructuredInput
import Testing

@Suite("Places of temperature probes")
struct SensorPlacementTests {
  /// Twenty-four prismatic cells in two rows on a cold plate.
  private func model() throws -> PackHeatModel {
    let document = try InputDocument(
      """
      cell: ncm-25ah
      series: 24
      arrangement: {type: stack, columns: 12, gap_mm: 1}
      cooling: {plate_w_per_m2k: 120, coolant_celsius: 25}
      """, file: "pack.yaml")
    let pack = try #require(PackDescription(reading: document.root))
    return PackHeatModel(pack)
  }

  /// Steady temperatures over the coolant for cells whose heat, cooling and surroundings differ.
  private func truth(
    _ model: PackHeatModel, current: Double, resistance: Double,
    _ random: inout Xoshiro256
  ) throws -> [Double] {
    let n = model.count
    let common = 1 + 0.3 * random.nextNormal()
    let inside = 2 * random.nextNormal()
    let outside = 10 * random.nextNormal()
    var matrix = model.conductances
    var heat = [Double](repeating: 0, count: n)
    for cell in 0..<n {
      let cooling = max(0.1, 1 + 0.3 * random.nextNormal())
      matrix[cell * n + cell] += (cooling - 1) * model.coolant[cell]
      let own = max(0, common + 0.3 * random.nextNormal())
      heat[cell] = own * resistance * current * current
      // Coolant and air stand off the sensor of the coolant.
      heat[cell] += cooling * model.coolant[cell] * inside + model.air[cell] * (inside + outside)
    }
    let factor = try DenseSolvers.cholesky(matrix, size: n)
    return DenseSolvers.solve(choleskyFactor: factor, size: n, heat)
  }

  private func error(
    _ placement: SensorPlacement, _ model: PackHeatModel, seed: UInt64
  ) throws -> Double {
    var random = Xoshiro256(seed: seed)
    let current = 50.0
    var square = 0.0
    let runs = 200
    for _ in 0..<runs {
      let cells = try truth(model, current: current, resistance: 0.002, &random)
      let readings = placement.places.map { cells[$0] + 0.5 * random.nextNormal() }
      for cell in cells.indices {
        var value = placement.heat[cell] * current * current
        for (probe, reading) in readings.enumerated() {
          value += placement.gains[cell][probe] * reading
        }
        square += (value - cells[cell]) * (value - cells[cell])
      }
    }
    return (square / Double(runs * model.count)).squareRoot()
  }

  @Test("Chosen places beat evenly spread and crowded ones, and err as predicted")
  func reconstruction() throws {
    let model = try model()
    let doubt = HeatUncertainty(current: 50, resistance: 0.002)
    let chosen = try SensorPlacement(model, probes: 4, uncertainty: doubt)
    #expect(Set(chosen.places).count == 4)
    let crowded = try SensorPlacement(model, probes: 4, uncertainty: doubt, at: [0, 1, 2, 3])
    let even = try SensorPlacement(model, probes: 4, uncertainty: doubt, at: [0, 6, 12, 18])
    #expect(chosen.rootMeanSquare <= even.rootMeanSquare)
    #expect(chosen.rootMeanSquare < crowded.rootMeanSquare)
    let reached = try error(chosen, model, seed: 3)
    let nearby = try error(crowded, model, seed: 3)
    #expect(reached < nearby)
    // The conductances of the truth vary, which the linear prediction takes only to first order.
    #expect(abs(reached / chosen.rootMeanSquare - 1) < 0.25)
    #expect(reached < 0.6 * chosen.prior)
  }

  @Test("Each further probe lowers the predicted error, and all weights sum to one")
  func monotone() throws {
    let model = try model()
    let doubt = HeatUncertainty(current: 50, resistance: 0.002)
    let placement = try SensorPlacement(model, probes: 8, uncertainty: doubt)
    var before = placement.prior
    for value in placement.progress {
      #expect(value < before)
      before = value
    }
    for cell in 0..<model.count {
      let sum = placement.gains[cell].reduce(0, +) + placement.coolantWeights[cell]
      #expect(abs(sum - 1) < 1e-9)
    }
  }

  @Test("The greedy choice of two places is within a tenth of the best of all pairs")
  func nearBest() throws {
    let model = try model()
    let doubt = HeatUncertainty(current: 50, resistance: 0.002)
    let greedy = try SensorPlacement(model, probes: 2, uncertainty: doubt).rootMeanSquare
    var best = Double.infinity
    for a in 0..<model.count {
      for b in 0..<a {
        let pair = try SensorPlacement(model, probes: 2, uncertainty: doubt, at: [a, b])
        best = min(best, pair.rootMeanSquare)
      }
    }
    #expect(greedy <= 1.1 * best)
  }

  @Test("Gains go into the configuration, and the core reads cells by them")
  func inTheCore() throws {
    let model = try model()
    let doubt = HeatUncertainty(current: 50, resistance: 0.002)
    let placement = try SensorPlacement(model, probes: 4, uncertainty: doubt)
    let image = try PackImage(PackConfiguration<24, 4, Double>()).changed(by: placement)
    let pack: PackConfiguration<24, 4, Double> = try image.configuration()
    var core = PackController(pack)
    // A pack of one temperature, coolant included, is read as that temperature.
    var raw = RawSample<24, 4, Double>()
    for step in 0..<20 {
      raw.timeMilliseconds = UInt64(step * 100)
      for cell in 0..<24 { raw.cellVoltage[cell] = 3.7 }
      for probe in 0..<4 { raw.probeTemperature[probe] = 301 }
      raw.coolantTemperature = 301
      raw.current = 0
      _ = core.step(raw)
    }
    for cell in 0..<24 { #expect(abs(core.sample.cellTemperature[cell].value - 301) < 0.05) }
  }
}
