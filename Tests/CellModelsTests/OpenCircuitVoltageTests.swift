// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Open-circuit curves: published values, monotone, smooth, invertible.

import CellModels
import Foundation
import Quantities
import TestSupport
import Testing

@Suite("Open-circuit voltage")
struct OpenCircuitVoltageTests {
  @Test("the curve passes through its values, rises and keeps a continuous slope")
  func curve() {
    let curve = MonotoneCurve(values: [0, 0.1, 0.1, 0.8, 1])
    for (place, value) in [0, 0.1, 0.1, 0.8, 1].enumerated() {
      #expect((curve.value(at: Double(place) / 4) - value).magnitude < 1e-15)
    }
    var before = -1.0
    for step in -100...1_100 {
      let place = Double(step) / 1_000
      let value = curve.value(at: place)
      #expect(value >= before)
      before = value
      let difference = (curve.value(at: place + 1e-6) - curve.value(at: place - 1e-6)) / 2e-6
      #expect((difference - curve.derivative(at: place)).magnitude < 2e-4)
    }
  }

  @Test("the curve of a function converges with the square of the spacing or better")
  func convergence() {
    func error(_ count: Int) -> Double {
      let curve = MonotoneCurve(count: count) { exp($0) }
      return (0...1_000).map {
        (curve.value(at: Double($0) / 1_000) - exp(Double($0) / 1_000)).magnitude
      }
      .max() ?? 1
    }
    #expect(error(41) < error(21) / 3.5)
    #expect(error(201) < 1e-5)
  }

  @Test("the LG M50 rests at its voltage limits when empty and full")
  func chenLimits() {
    let open = Chen2020.openCircuit
    #expect((open.curve.value(at: 1) - 4.2).magnitude < 2e-3)
    #expect((open.curve.value(at: 0) - 2.5).magnitude < 5e-3)
    // The reversible capacity of the electrodes is close to the nominal 5 Ah.
    #expect((Chen2020.capacity.ampereHours - 5.15).magnitude < 0.1)
  }

  @Test("the iron phosphate cell has its plateau between 3.2 V and 3.35 V")
  func pradaPlateau() {
    let open = Prada2013.openCircuit
    #expect((open.curve.value(at: 1) - 3.6).magnitude < 0.02)
    #expect((open.curve.value(at: 0) - 2).magnitude < 0.02)
    for percent in stride(from: 30, through: 95, by: 5) {
      let voltage = open.curve.value(at: Double(percent) / 100)
      #expect((3.2...3.35).contains(voltage))
    }
    #expect((Prada2013.capacity.ampereHours - 2.3).magnitude < 0.1)
  }

  @Test("grids follow the electrode functions within a millivolt away from the steep ends")
  func grids() {
    for step in 0...997 {
      let state = 0.03 + 0.94 * Double(step) / 997
      let balance = Chen2020.balance
      let exact =
        Chen2020.positivePotential(balance.positiveStoichiometry(at: state))
        - Chen2020.negativePotential(balance.negativeStoichiometry(at: state))
      #expect((Chen2020.openCircuit.curve.value(at: state) - exact).magnitude < 5e-4)
    }
  }

  @Test("state of charge and voltage invert each other")
  func inverse() {
    for percent in 1...99 {
      let state = Double(percent) / 100
      let voltage = Chen2020.openCircuit.voltage(at: state, temperature: 298.15)
      #expect(
        (Chen2020.openCircuit.stateOfCharge(at: Voltage(voltage)) - state).magnitude < 1e-9)
    }
  }

  @Test("the entropy coefficient shifts the voltage with temperature")
  func entropy() {
    let open = OpenCircuitVoltage(
      curve: MonotoneCurve(values: [3, 4]),
      entropyCoefficient: MonotoneCurve(values: [-1e-4, 3e-4]))
    #expect((open.voltage(at: 0.5, temperature: 308.15) - 3.501).magnitude < 1e-12)
    #expect(open.voltage(at: 0.5, temperature: 298.15) == 3.5)
  }

  @Test(
    "electrode functions agree with the tabulated published set",
    .enabled(
      if: FileManager.default.fileExists(
        atPath: Datasets.root.deletingLastPathComponent()
          .appending(path: "parameters/Chen2020.json").path),
      Comment(rawValue: Datasets.skipMessage)),
    arguments: ["Chen2020", "Prada2013"])
  func tables(set: String) throws {
    let file = Datasets.root.deletingLastPathComponent()
      .appending(path: "parameters/\(set).json")
    let root = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    let tables = try #require(root["tables"] as? [String: Any])
    let functions: [(String, (Double) -> Double)] =
      set == "Chen2020"
      ? [("Negative", Chen2020.negativePotential), ("Positive", Chen2020.positivePotential)]
      : [("Negative", Prada2013.negativePotential), ("Positive", Prada2013.positivePotential)]
    for (name, function) in functions {
      let table = try #require(tables["\(name) electrode OCP [V]"] as? [String: Any])
      let x = try #require(table["x"] as? [Double])
      let y = try #require(table["y"] as? [Double])
      #expect(x.count > 100)
      for (place, value) in zip(x, y) {
        // The tables are rounded to eight digits.
        #expect((function(place) - value).magnitude < 1e-7)
      }
    }
  }
}
