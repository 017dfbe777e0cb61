// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// BPX files and expressions in parameter files: what is read, and what is refused by name.

import CellModels
import Foundation
import Testing

@Suite("BPX files and expressions")
struct BPXFileTests {
  /// Chen2020 as a BPX 1.1 document: expressions, constants and one table.
  static func document() -> [String: Any] {
    let set = CellParameters.chen2020
    let full = set.initialStoichiometries
    let empty = (negative: 0.026346, positive: 0.853975)
    let faraday = 96_485.332_12
    func electrode(
      _ e: PorousElectrodeParameters, least: Double, most: Double, ocp: Any
    ) -> [String: Any] {
      [
        "Thickness [m]": e.thickness, "Porosity": e.porosity,
        "Transport efficiency": pow(e.porosity, 1.5), "Conductivity [S.m-1]": e.conductivity,
        "Minimum stoichiometry": least, "Maximum stoichiometry": most,
        "Maximum concentration [mol.m-3]": e.maximumConcentration,
        "Particle radius [m]": e.particleRadius,
        "Surface area per unit volume [m-1]": 3 * e.activeFraction / e.particleRadius,
        "Diffusivity [m2.s-1]": e.diffusivity.value(0.5), "OCP [V]": ocp,
        "Reaction rate constant [mol.m-2.s-1]":
          e.reactionRate * e.maximumConcentration * 1_000.0.squareRoot() / faraday,
        "Reaction rate constant activation energy [J.mol-1]": e.reactionActivationEnergy,
      ]
    }
    let grid = (1..<400).map { Double($0) / 400 }
    return [
      "Header": [
        "BPX": "1.1.1", "Title": "LG M50", "Model": "DFN",
        "References": "doi:10.1149/1945-7111/ab9050",
      ],
      "Parameterisation": [
        "Cell": [
          "Electrode area [m2]": set.electrodeArea, "External surface area [m2]": 0.00531,
          "Volume [m3]": 2.42e-5,
          "Number of electrode pairs connected in parallel to make a cell": 1,
          "Lower voltage cut-off [V]": 2.5, "Upper voltage cut-off [V]": 4.2,
          "Nominal cell capacity [A.h]": 5, "Reference temperature [K]": 298.15,
          "Density [kg.m-3]": 2_500, "Specific heat capacity [J.K-1.kg-1]": 900,
        ],
        "Electrolyte": [
          "Cation transference number": 0.2594,
          "Diffusivity [m2.s-1]": "8.794e-11*(x/1000)**2 - 3.972e-10*(x/1000) + 4.862e-10",
          "Diffusivity activation energy [J.mol-1]": 17_000,
          "Conductivity [S.m-1]": "0.1297*(x/1000)**3 - 2.51*(x/1000)**1.5 + 3.329*(x/1000)",
        ],
        "Negative electrode": electrode(
          set.negative, least: empty.negative, most: full.negative,
          ocp: "1.9793 * exp(-39.3631*x) + 0.2482 - 0.0909 * tanh(29.8538 * (x - 0.1234)) - "
            + "0.04478 * tanh(14.9159 * (x - 0.2769)) - 0.0205 * tanh(30.4444 * (x - 0.6103))"),
        "Positive electrode": electrode(
          set.positive, least: full.positive, most: empty.positive,
          ocp: ["x": grid, "y": grid.map(set.positive.openCircuitPotential.value)]),
        "Separator": [
          "Thickness [m]": 1.2e-5, "Porosity": 0.47, "Transport efficiency": pow(0.47, 1.5),
        ],
      ],
      "State": [
        "Initial conditions": ["Initial electrolyte concentration [mol.m-3]": 1_000],
        "Thermal environment": [
          "Ambient temperature [K]": 298.15, "Heat transfer coefficient [W.m-2.K-1]": 12,
        ],
      ],
    ]
  }

  static func change(_ part: String, _ key: String, to value: Any?) -> [String: Any] {
    var document = document()
    var sections = document["Parameterisation"] as? [String: Any] ?? [:]
    var section = sections[part] as? [String: Any] ?? [:]
    section[key] = value
    sections[part] = section
    document["Parameterisation"] = sections
    return document
  }

  @Test("A BPX file with the numbers of Chen2020 gives its discharge")
  func reading() throws {
    let set = try ParameterFileTests.read(Self.document())
    let own = CellParameters.chen2020
    #expect(set.name == "LG M50" && set.source == "doi:10.1149/1945-7111/ab9050")
    #expect(abs(set.negative.activeFraction - 0.75) < 1e-12)
    #expect(abs(set.positive.bruggemanElectrolyte - 1.5) < 1e-12)
    #expect(abs(set.negative.reactionRate / own.negative.reactionRate - 1) < 1e-9)
    #expect(set.negative.reactionActivationEnergy == 35_000)
    #expect(set.electrolyte.diffusivity.activationEnergy == 17_000)
    #expect(
      set.heat?.transferCoefficient == 12 && abs(set.heatCapacity - 2_500 * 900 * 2.42e-5) < 1e-9)
    for x in stride(from: 0.02, to: 1, by: 0.01) {
      let (read, direct) = (set.negative.openCircuitPotential, own.negative.openCircuitPotential)
      #expect(abs(read.value(x) - direct.value(x)) < 1e-12)
    }
    let coarse = CellResolution(negative: 8, separator: 3, positive: 6, particleModes: 6)
    let read = discharge(try PorousElectrodeModel(set, resolution: coarse), set, rate: 1)
    let direct = discharge(try PorousElectrodeModel(own, resolution: coarse), own, rate: 1)
    #expect(read.difference(from: direct) < 5e-4)
    #expect(abs(read.end / direct.end - 1) < 2e-4)
  }

  @Test("Files of version 0 keep their salt and temperatures in other sections")
  func legacy() throws {
    var document = Self.change("Electrolyte", "Initial concentration [mol.m-3]", to: 1_000)
    document["State"] = nil
    document["Header"] = ["BPX": 0.4, "Model": "DFN"]
    let set = try ParameterFileTests.read(document)
    #expect(set.name == "BPX" && set.electrolyte.initialConcentration == 1_000)
    #expect(set.heat?.transferCoefficient == CellHeatParameters().transferCoefficient)
  }

  @Test("What is wrong in a BPX file is named with its section")
  func refusing() throws {
    func error(_ document: [String: Any]) -> String {
      do {
        _ = try ParameterFileTests.read(document)
        return ""
      } catch {
        return "\(error)"
      }
    }
    let typo = error(Self.change("Separator", "Porosty", to: 0.4))
    #expect(typo.contains("Separator: Porosty") && typo.contains("did you mean \"Porosity\"?"))
    #expect(
      error(Self.change("Separator", "Porosity", to: 1.2))
        == "parameter \"Separator: Porosity\" is 1.2; allowed: above 0, at most 1")
    #expect(
      error(Self.change("Negative electrode", "Particle radius [m]", to: nil))
        == "parameter \"Negative electrode: Particle radius [m]\" is missing")
    #expect(
      error(Self.change("Negative electrode", "OCP [V]", to: "1 + system(x)")).contains("system"))
    #expect(
      error(Self.change("Negative electrode", "Particle", to: ["A": [:]])).contains(
        "Particle: A: Surface area"))
    #expect(error(["Header": ["BPX": "1.0.0"]]).contains("\"Parameterisation\" is missing"))
  }

  @Test("Expressions have Python's precedence and refuse what they do not know")
  func expressions() throws {
    func value(_ text: String) throws -> Double {
      var document = ParameterFileTests.document()
      document["Negative electrode OCP [V]"] = text
      return try ParameterFileTests.read(document).negative.openCircuitPotential.value(0.5)
    }
    let cases: [(String, Double)] = [
      ("-sto**2 + 1", 0.75), ("2**3**2 - 512 + x", 0.5), ("2**-1*x", 0.25), ("1 - 2 - 3 + x", -3.5),
      ("8/4/2", 1), ("np.exp(0*x) + pybamm.tanh(0)", 1), ("1e-1 + 1E+1*x + .5", 5.6),
      ("sqrt(x*2) * (1 + log10(100)) - abs(-x)", 2.5), ("--x", 0.5), ("3*-x", -1.5),
    ]
    for (text, expected) in cases {
      #expect(abs(try value(text) - expected) < 1e-12, "\(text)")
    }
    for text in ["x +", "(x", "x)", "y", "exp x", "2 x", "import os", "x**", "", "1e", "x;1"] {
      #expect(throws: ParameterError.self, "\(text)") { try value(text) }
    }
    var deep = String(repeating: "(", count: 5_000) + "x" + String(repeating: ")", count: 5_000)
    #expect(throws: ParameterError.self) { try value(deep) }
    deep = String(repeating: "x**", count: 5_000) + "x"
    #expect(throws: ParameterError.self) { try value(deep) }
  }

  @Test("Exchange currents are read as expressions; wrong units and near keys are named")
  func names() throws {
    var document = ParameterFileTests.document()
    document["Positive electrode exchange-current density [A.m-2]"] =
      "3.42e-6 * c_e**0.5 * c_s_surf**0.5 * (c_s_max - c_s_surf)**0.5"
    document["Electrolyte conductivity activation energy [J.mol-1]"] = 17_000
    let set = try ParameterFileTests.read(document)
    #expect(abs(set.positive.reactionRate / 3.42e-6 - 1) < 1e-9)
    #expect(set.electrolyte.conductivity.activationEnergy == 17_000)
    document["Separator thickness [m]"] = nil
    document["Separator thickness [um]"] = 12
    #expect {
      try ParameterFileTests.read(document)
    } throws: {
      "\($0)" == "parameter \"Separator thickness [um]\": has another unit; allowed: "
        + "\"Separator thickness [m]\""
    }
    document["Separator thickness [um]"] = nil
    document["Seperator thickness [m]"] = 1.2e-5
    #expect {
      try ParameterFileTests.read(document)
    } throws: {
      "\($0)".contains(
        "\"Seperator thickness [m]\" is unknown; did you mean \"Separator thickness [m]\"?")
    }
  }
}
