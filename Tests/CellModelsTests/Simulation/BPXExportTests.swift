// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Sets as BPX files and back: the same numbers and the same discharge; all faults of a file.

import CellModels
import Foundation
import Testing

@Suite("BPX export and the check of files")
struct BPXExportTests {
  static let expressible = ["chen2020", "ecker2015", "marquis2019", "okane2022", "prada2013"]

  @Test("A named set comes back with its numbers and its 1C discharge", arguments: expressible)
  func roundTrip(name: String) throws {
    let own = try #require(CellParameters.named(name))
    let read = try CellParameters(json: own.bpx())
    #expect(read.name == own.name && read.source == own.source)
    for (a, b) in [(read.negative, own.negative), (read.positive, own.positive)] {
      #expect(a.thickness == b.thickness && a.porosity == b.porosity)
      #expect(a.particleRadius == b.particleRadius)
      #expect(a.maximumConcentration == b.maximumConcentration)
      #expect(a.initialConcentration == b.initialConcentration)
      #expect(a.reactionActivationEnergy == b.reactionActivationEnergy)
      #expect(a.diffusivity.activationEnergy == b.diffusivity.activationEnergy)
      // Converted by the format: equal to rounding.
      #expect(abs(a.activeFraction / b.activeFraction - 1) < 1e-15)
      #expect(abs(a.reactionRate / b.reactionRate - 1) < 1e-15)
      #expect(a.porosity == 1 || abs(a.bruggemanElectrolyte / b.bruggemanElectrolyte - 1) < 1e-14)
      let effective = b.conductivity * pow(b.activeFraction, b.bruggemanElectrode)
      #expect(abs(a.conductivity / effective - 1) < 1e-15 && a.bruggemanElectrode == 0)
      #expect((a.mechanics == nil) == (b.mechanics == nil))
      #expect(a.mechanics?.crackDensity == b.mechanics?.crackDensity)
      for x in stride(from: 0.0, through: 1, by: 1.0 / 2_000) {
        let (u, v) = (a.openCircuitPotential.value(x), b.openCircuitPotential.value(x))
        #expect(abs(u - v) < 1e-6, "potential at \(x)")
      }
    }
    #expect(read.electrodeArea == own.electrodeArea)
    #expect(abs(read.nominalCapacity / own.nominalCapacity - 1) < 1e-15)
    #expect(abs(read.heatCapacity - own.heatCapacity) <= 1e-14 * own.heatCapacity)
    #expect(read.interphase?.resistivity == own.interphase?.resistivity)
    #expect(read.plating?.rateConstant == own.plating?.rateConstant)
    let coarse = CellResolution(negative: 8, separator: 3, positive: 6, particleModes: 6)
    let after = discharge(try PorousElectrodeModel(read, resolution: coarse), read, rate: 1)
    let before = discharge(try PorousElectrodeModel(own, resolution: coarse), own, rate: 1)
    #expect(before.voltages.count > 50)
    #expect(after.difference(from: before) < 5e-5)
    #expect(abs(after.end / before.end - 1) < 1e-5)
  }

  @Test("A file of expressions and tables comes back to the last bit, and a second time the same")
  func files() throws {
    let read = try ParameterFileTests.read(BPXFileTests.document())
    let first = try read.bpx()
    let again = try CellParameters(json: first)
    for x in stride(from: 0.003, to: 1, by: 0.007) {
      #expect(
        again.negative.openCircuitPotential.value(x) == read.negative.openCircuitPotential.value(x))
      #expect(
        again.positive.openCircuitPotential.value(x) == read.positive.openCircuitPotential.value(x))
      #expect(
        again.electrolyte.conductivity.value(3_000 * x)
          == read.electrolyte.conductivity.value(3_000 * x))
    }
    let text = try #require(String(data: first, encoding: .utf8))
    #expect(text.contains("exp(") && text.contains("** 1.5"))
    #expect(!text.contains("x1"))
  }

  @Test(
    "Functions that BPX does not know are written as tables",
    arguments: ["0.5 - 0.1*log(x + 0.1)", "0.5 - 0.1*np.sqrt(x)"])
  func foreignFunctions(text: String) throws {
    var document = ParameterFileTests.document()
    document["Negative electrode OCP [V]"] = text
    document["Lower voltage cut-off [V]"] = 3.2
    document["Upper voltage cut-off [V]"] = 3.8
    let own = try ParameterFileTests.read(document)
    let file = try #require(String(data: own.bpx(), encoding: .utf8))
    #expect(!file.contains("log(") && !file.contains("sqrt("))
    let read = try CellParameters(json: Data(file.utf8))
    for x in stride(from: 0.01, to: 1, by: 0.0137) {
      let (u, v) = (read.negative.openCircuitPotential, own.negative.openCircuitPotential)
      #expect(abs(u.value(x) - v.value(x)) < 1e-6)
    }
  }

  @Test("What BPX cannot say is refused by name")
  func refusing() throws {
    for (name, word) in [("argyrodite-nmc811", "ArgyroditeNMC811")] {
      let set = try #require(CellParameters.named(name))
      #expect {
        try set.bpx()
      } throws: {
        "\($0)".contains(word)
      }
    }
    var half = CellParameters.chen2020
    half.pairCount = 1.5
    #expect(throws: ParameterError.self) { try half.bpx() }
    var odd = CellParameters.chen2020
    odd.ambientTemperature = .nan
    #expect(throws: ParameterError.self) { try odd.bpx() }
    odd = .chen2020
    odd.name = "a \"b\" \\ \n ü"
    #expect(try CellParameters(json: odd.bpx()).name == odd.name)
  }

  private func faults(_ object: [String: Any]) throws -> [String] {
    CellParameters.faults(json: try JSONSerialization.data(withJSONObject: object))
      .map(\.description)
  }

  @Test("A check tells all faults of a file with PyBaMM's names")
  func check() throws {
    var document = ParameterFileTests.document()
    #expect(try faults(document).isEmpty)
    document["Separator porosity"] = 1.2
    document["Positive electrode thickness [m]"] = nil
    document["Positive electrode thickness [um]"] = 75.6
    document["Nominal cell capacity [A.h]"] = "five"
    document["Unheard of"] = 1
    let found = try faults(document)
    #expect(found.count == 4, "\(found)")
    for word in ["Separator porosity", "[um]", "Nominal cell capacity", "Unheard of"] {
      #expect(found.filter { $0.contains(word) }.count == 1, "\(word): \(found)")
    }
  }

  @Test("A check tells all faults of a BPX file")
  func checkBPX() throws {
    var document = BPXFileTests.document()
    #expect(try faults(document).isEmpty)
    var sections = try #require(document["Parameterisation"] as? [String: Any])
    var separator = try #require(sections["Separator"] as? [String: Any])
    separator["Porosty"] = separator.removeValue(forKey: "Porosity")
    sections["Separator"] = separator
    var cell = try #require(sections["Cell"] as? [String: Any])
    cell["Lower voltage cut-off [V]"] = nil
    sections["Cell"] = cell
    var negative = try #require(sections["Negative electrode"] as? [String: Any])
    negative["Particle radius [m]"] = nil
    sections["Negative electrode"] = negative
    document["Parameterisation"] = sections
    let found = try faults(document)
    #expect(found.count == 3, "\(found)")
    for word in ["Separator: Porosty", "Lower voltage cut-off", "Particle radius"] {
      #expect(found.filter { $0.contains(word) }.count == 1, "\(word): \(found)")
    }
    #expect(CellParameters.faults(json: Data("[".utf8)).count == 1)
    // The good value in its place does not fit the surface of the file; that is not told.
    let text = try #require(String(data: CellParameters.prada2013.bpx(), encoding: .utf8))
    let bad = text.replacing(
      "\"Particle radius [m]\": 5e-08", with: "\"Particle radius [m]\": \"?\""
    )
    .replacing("\"Lower voltage cut-off [V]\": 2.0,", with: "")
    let told = CellParameters.faults(json: Data(bad.utf8)).map(\.description)
    #expect(
      told == [
        "parameter \"Positive electrode: Particle radius [m]\": is not a number",
        "parameter \"Lower voltage cut-off [V]\" is missing",
      ], "\(told)")
  }

  @Test("Sets say which models they are usable for, and list their values with units")
  func usability() throws {
    for name in Self.expressible {
      let set = try #require(CellParameters.named(name))
      #expect(set.usability().allSatisfy { $0.fault == nil })
      #expect(CellParameters.chemistry(of: name)?.isEmpty == false)
    }
    let blend = CellParameters.chen2020Composite.usability().filter { $0.fault == nil }
    #expect(blend.map(\.model) == ["spm", "spme", "dfn"])
    let lines = CellParameters.chen2020.listing
    let radius = lines.first { $0.part == "Negative electrode" && $0.name == "particle radius" }
    #expect(radius?.value == "5.86e-06" && radius?.unit == "m")
  }
}
