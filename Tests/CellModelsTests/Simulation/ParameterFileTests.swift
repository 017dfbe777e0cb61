// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Parameter files: what is read back, and what is refused by name.

import CellModels
import Foundation
import Testing

@Suite("Parameter files")
struct ParameterFileTests {
  /// A complete file with the numbers of Chen2020.
  static func document() -> [String: Any] {
    let p = CellParameters.chen2020
    let grid = (1..<400).map { Double($0) / 400 }
    let salt = (1...160).map { 25 * Double($0) }
    func table(_ x: [Double], _ f: (Double) -> Double) -> [String: [Double]] {
      ["x": x, "y": x.map(f)]
    }
    var values: [String: Any] = [
      "Separator thickness [m]": p.separator.thickness,
      "Separator porosity": p.separator.porosity,
      "Initial concentration in electrolyte [mol.m-3]": 1_000,
      "Cation transference number": 0.2594,
      "Electrolyte diffusivity [m2.s-1]": table(salt, p.electrolyte.diffusivity.value),
      "Electrolyte conductivity [S.m-1]": table(salt, p.electrolyte.conductivity.value),
      "Electrode height [m]": 0.065, "Electrode width [m]": 1.58,
      "Nominal cell capacity [A.h]": 5, "Lower voltage cut-off [V]": 2.5,
      "Upper voltage cut-off [V]": 4.2, "Negative electrode Young's modulus [Pa]": 1.5e10,
    ]
    for (side, e) in [("Negative", p.negative), ("Positive", p.positive)] {
      let name = "\(side) electrode"
      values["\(name) thickness [m]"] = e.thickness
      values["\(name) porosity"] = e.porosity
      values["\(name) active material volume fraction"] = e.activeFraction
      values["\(side) particle radius [m]"] = e.particleRadius
      values["Maximum concentration in \(name.lowercased()) [mol.m-3]"] = e.maximumConcentration
      values["Initial concentration in \(name.lowercased()) [mol.m-3]"] = e.initialConcentration
      values["\(name) conductivity [S.m-1]"] = e.conductivity
      values["\(side) particle diffusivity [m2.s-1]"] = e.diffusivity.value(0.5)
      values["\(name) OCP [V]"] = table(grid, e.openCircuitPotential.value)
      values["\(name) exchange-current density [A.m-2]"] = table([0.1, 0.5, 0.9]) { x in
        e.reactionRate * e.maximumConcentration * (1_000 * x * (1 - x)).squareRoot()
      }
    }
    return values
  }

  static func read(_ values: [String: Any]) throws -> CellParameters {
    try CellParameters(json: JSONSerialization.data(withJSONObject: values))
  }

  @Test("A file with the numbers of a set gives its discharge")
  func reading() throws {
    let set = try Self.read(Self.document())
    let own = CellParameters.chen2020
    let coarse = CellResolution(negative: 8, separator: 3, positive: 6, particleModes: 6)
    let read = discharge(try PorousElectrodeModel(set, resolution: coarse), set, rate: 1)
    let direct = discharge(try PorousElectrodeModel(own, resolution: coarse), own, rate: 1)
    #expect(read.difference(from: direct) < 2e-4)
    #expect(abs(read.end / direct.end - 1) < 1e-4)
    let nested = try Self.read(["set": "mine", "scalars": Self.document()])
    #expect(nested.name == "mine")
    #expect(nested.nominalCapacity == 18_000)
  }

  @Test(
    "What is wrong is named",
    arguments: [
      "Separator porosity", "Negative electrode OCP [V]", "Cation transference number",
      "Positive electrode exchange-current density [A.m-2]",
    ])
  func missing(key: String) throws {
    var values = Self.document()
    values[key] = nil
    #expect(throws: ParameterError.missing(key: key)) { try Self.read(values) }
    values[key] = "0.3 mm"
    #expect {
      try Self.read(values)
    } throws: { error in
      guard case .unsupported(key, _)? = error as? ParameterError else { return false }
      return true
    }
  }

  @Test("Unknown keys, impossible values and broken files are refused")
  func refusing() throws {
    var values = Self.document()
    values["Negative electrode porosty"] = 0.25
    #expect(
      throws: ParameterError.unknown(
        key: "Negative electrode porosty", nearest: "Negative electrode porosity")
    ) {
      try Self.read(values)
    }
    values = Self.document()
    values["Negative electrode porosity"] = 1.2
    #expect(throws: ParameterError.self) { try Self.read(values) }
    values = Self.document()
    values["Negative electrode OCP [V]"] = ["x": [0.5, 0.4], "y": [1.0, 2.0]]
    #expect(throws: ParameterError.self) { try Self.read(values) }
    values["Negative electrode OCP [V]"] = ["x": [0.5, 0.6], "y": [1.0]]
    #expect(throws: ParameterError.self) { try Self.read(values) }
    for text in ["", "[1, 2]", "{\"scalars\": 3", "nonsense"] {
      #expect(throws: ParameterError.self) { try CellParameters(json: Data(text.utf8)) }
    }
  }

  /// A complete file with the numbers of Chen2020Composite.
  static func compositeDocument() throws -> [String: Any] {
    let first = CellParameters.chen2020Composite.negative
    let second = try #require(first.second)
    var values = Self.document()
    for key in values.keys where key.contains("egative") {
      for word in ["fraction", "radius", "aximum", "OCP", "exchange", "diffusivity"]
      where key.contains(word) {
        values[key] = nil
      }
    }
    let grid = (1..<1_000).map { Double($0) / 1_000 }
    func table(_ f: (Double) -> Double) -> [String: [Double]] { ["x": grid, "y": grid.map(f)] }
    func fill(
      _ prefix: String, _ fraction: Double, _ radius: Double, _ maximum: Double,
      _ initial: Double, _ diffusivity: Double, _ rate: Double
    ) {
      let name = "\(prefix): Negative electrode"
      values["\(name) active material volume fraction"] = fraction
      values["\(prefix): Negative particle radius [m]"] = radius
      values["\(prefix): Maximum concentration in negative electrode [mol.m-3]"] = maximum
      values["\(prefix): Initial concentration in negative electrode [mol.m-3]"] = initial
      values["\(prefix): Negative particle diffusivity [m2.s-1]"] = diffusivity
      values["\(prefix): SEI resistivity [Ohm.m]"] = 2e5
      values["\(name) exchange-current density [A.m-2]"] = table { x in
        rate * maximum * (1_000 * x * (1 - x)).squareRoot()
      }
    }
    fill(
      "Primary", first.activeFraction, first.particleRadius, first.maximumConcentration,
      first.initialConcentration, first.diffusivity.value(0.5), first.reactionRate)
    fill(
      "Secondary", second.activeFraction, second.particleRadius, second.maximumConcentration,
      second.initialConcentration, second.diffusivity.value(0.5), second.reactionRate)
    values["Primary: Negative electrode OCP [V]"] = table(first.openCircuitPotential.value)
    values["Secondary: Negative electrode lithiation OCP [V]"] = table(
      second.lithiationPotential.value)
    values["Secondary: Negative electrode delithiation OCP [V]"] = table(
      second.delithiationPotential.value)
    return values
  }

  @Test("A file with two materials gives the discharge of the set with the same numbers")
  func composite() throws {
    let own = CellParameters.chen2020Composite
    var values = try Self.compositeDocument()
    let set = try Self.read(values)
    #expect(set.negative.second?.hysteresisRate == 15)
    let coarse = CellResolution(negative: 6, separator: 3, positive: 6, particleModes: 5)
    var voltages: [Double] = []
    for p in [set, own] {
      var simulation = CellSimulation(
        try PorousElectrodeModel(p, resolution: coarse), negative: 0.85, positive: 0.3,
        temperature: 298.15)
      let end = simulation.run(.current(5), duration: 1_500)
      #expect(end == .duration)
      voltages.append(simulation.observe().voltage)
    }
    #expect(abs(voltages[0] - voltages[1]) < 5e-4)
    let key = "Secondary: Negative particle radius [m]"
    values[key] = nil
    #expect(throws: ParameterError.missing(key: key)) { try Self.read(values) }
    values[key] = -1
    #expect(throws: ParameterError.self) { try Self.read(values) }
  }
}
