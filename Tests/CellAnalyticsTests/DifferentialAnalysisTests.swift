// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Peaks of incremental capacity and differential voltage stay where they are.

import CellAnalytics
import Foundation
import NumericalMethods
import Testing

@Suite struct DifferentialAnalysisTests {
  @Test(
    "peaks of incremental capacity move by less than 2 mV plus the noise",
    arguments: [0.0, 0.001, 0.003])
  func peakPositions(noise: Double) throws {
    let cell = SyntheticCell(resistance: 0, width: 0.015)
    var random = Xoshiro256(seed: 3)
    var rows = TestRows()
    for number in 1...2 { rows.addCycle(cell, number: number, rate: 0.1, every: 20) }
    for row in rows.voltage.indices { rows.voltage[row] += noise * random.nextNormal() }
    let peaks = try #require(rows.assessment().cycles.last).incrementalCapacityPeaks
    for truth in cell.peaks {
      let nearest = try #require(
        peaks.min { abs($0.position - truth) < abs($1.position - truth) })
      #expect(abs(nearest.position - truth) < 0.002 + noise)
    }
  }

  @Test("the area under dQ/dV is the charge moved")
  func area() throws {
    var rows = TestRows()
    for number in 1...2 { rows.addCycle(SyntheticCell(), number: number, rate: 0.2) }
    let curve = try #require(
      rows.assessment().curves.first { $0.kind == .incrementalCapacity && $0.isDischarge })
    let spacing = curve.x[1] - curve.x[0]
    let area = curve.y.reduce(0, +) * spacing
    #expect(abs(area / 7200 - 1) < 0.01)
  }

  @Test("a peak between two points of the grid is found below the spacing")
  func subGrid() throws {
    let truth = 3.614_2
    let values = (0..<200).map { index in
      let x = 3.4 + 0.002 * Double(index) - truth
      return exp(-x * x / 2 / 0.02 / 0.02)
    }
    let peak = try #require(CurvePeak.find(in: values, start: 3.4, spacing: 0.002).first)
    #expect(abs(peak.position - truth) < 2e-5)
    #expect(abs(peak.height - 1) < 1e-4)
  }

  @Test("differential voltage has its valleys where incremental capacity has its peaks")
  func differentialVoltage() throws {
    let cell = SyntheticCell()
    let charge = (0...2000).map { Double($0) * 3.6 }
    let voltage = charge.map { cell.voltage(at: 1 - $0 / 7200) }
    let result = try #require(
      DifferentialAnalysis.differentialVoltage(charge: charge, voltage: voltage))
    // Between the two phases the voltage is steepest: at the share of 3.7 V.
    let truth = 7200 * (1 - cell.share(at: 3.7))
    let nearest = try #require(
      result.peaks.min { abs($0.position - truth) < abs($1.position - truth) })
    #expect(abs(nearest.position - truth) < 0.01 * 7200)
  }

  @Test("thermal voltammetry is the ratio of the slopes")
  func thermal() throws {
    let time = (0...1000).map { Double($0) }
    let voltage = time.map { 4.2 - 0.001 * $0 }
    let temperature = time.map { 298 + 0.004 * $0 }
    let result = try #require(
      DifferentialAnalysis.thermalVoltammetry(
        time: time, voltage: voltage, temperature: temperature))
    for ratio in result.ratio { #expect(abs(ratio + 4) < 1e-6) }
  }
}
