// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How well forecasts of the end of life hold on measured cells; prints the table of the docs.

import CellAnalytics
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: NASACapacityReleaseTests.isEnabled)) struct LifeValidationReleaseTests {
  /// Cells with the capacity at which life ends, in coulombs; nil is 80 % of the baseline.
  static let cells: [(path: String, endOfLife: Double?)] = [
    ("nasa_pcoe/discharge_csv/B0005.csv", 1.4 * 3600),
    ("nasa_pcoe/discharge_csv/B0006.csv", 1.4 * 3600),
    ("nasa_pcoe/mat/B0047.mat", nil),
    ("calce_cs2/CS2_35.csv", nil), ("calce_cs2/CS2_36.csv", nil),
  ]

  @Test("forecasts tighten towards the end of life, and their intervals are reported honestly")
  func table() throws {
    var errors: [LifeForecast.Method: [Double]] = [:]
    var covered: [LifeForecast.Method: (hits: Int, count: Int)] = [:]
    var lateErrors: [Double] = []
    for cell in Self.cells where Datasets.has(cell.path) {
      var settings = CellTestSettings()
      settings.endOfLifeCapacity = cell.endOfLife
      let series = try #require(try analyse(cell.path, settings: settings).series)
      let end = Double(try #require(series.endOfLifeCycle))
      for share in [0.4, 0.6, 0.8] {
        var part = series.prefix(through: (end * share).rounded())
        part.endOfLife = series.endOfLife
        for forecast in LifeForecast.all(for: part, seed: 1) {
          let error = (forecast.endOfLife - end) / end
          let hit = forecast.lower <= end && forecast.upper >= end
          errors[forecast.method, default: []].append(abs(error))
          let old = covered[forecast.method] ?? (0, 0)
          covered[forecast.method] = (old.hits + (hit ? 1 : 0), old.count + 1)
          if share == 0.8 { lateErrors.append(abs(error)) }
          print(
            "LIFE \(cell.path) true \(Int(end)) from \(Int(part.cycle.last ?? 0))",
            forecast.method.rawValue, Int(forecast.endOfLife),
            "[\(Int(forecast.lower)), \(Int(forecast.upper))]", hit ? "covered" : "missed")
        }
      }
    }
    guard !lateErrors.isEmpty else { return }
    for (method, values) in errors {
      let mean = values.reduce(0, +) / Double(values.count)
      let hits = covered[method] ?? (0, 0)
      print("LIFE-SUMMARY", method.rawValue, String(format: "%.3f", mean), hits.hits, hits.count)
    }
    // At four fifths of life the median method is within a quarter of the life.
    let sorted = lateErrors.sorted()
    #expect(sorted[sorted.count / 2] < 0.25)
  }

  @Test("circuits fit measured spectra; the share that fits closely is printed")
  func spectra() throws {
    var deviations: [Double] = []
    var ohmic: [Double] = []
    for folder in ["20degC", "25degC", "30degC"] {
      for charge in stride(from: 20, through: 95, by: 5) {
        let path = "eis_lfp_soc_temperature/\(folder)/n2-D\(charge)-1h.txt"
        guard Datasets.has(path) else { continue }
        let result = try #require(try analyse(path).impedance.first)
        if let resistance = result.ohmicResistance { ohmic.append(resistance) }
        if let fit = result.fit { deviations.append(fit.relativeDeviation) }
      }
    }
    guard !ohmic.isEmpty else { return }
    let sorted = deviations.sorted()
    print(
      "EIS spectra", ohmic.count, "fitted", deviations.count, "close",
      deviations.filter { $0 < 0.03 }.count, "median",
      sorted.isEmpty ? -1 : sorted[sorted.count / 2],
      "ohmic", ohmic.min() ?? 0, ohmic.max() ?? 0)
    // A 0.2 mΩ cell between 20 and 30 °C: the crossing varies by a fifth over charge and warmth.
    #expect((ohmic.max() ?? 0) / (ohmic.min() ?? 1) < 1.3)
  }
}
