// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// BPX files of electrodes with two materials, and files for SPM alone.

import CellModels
import Foundation
import NumericalMethods
import Testing

@Suite("BPX blends and files for SPM")
struct BPXBlendTests {
  @Test("A composite set comes back with its numbers and its discharge")
  func roundTrip() throws {
    let own = CellParameters.chen2020Composite
    let read = try CellParameters(json: own.bpx())
    let (a, b) = (read.negative, own.negative)
    let (x, y) = (try #require(a.second), try #require(b.second))
    #expect(abs(a.activeFraction / b.activeFraction - 1) < 1e-14)
    #expect(abs(x.activeFraction / y.activeFraction - 1) < 1e-14)
    #expect(a.initialConcentration == b.initialConcentration)
    #expect(x.initialConcentration == y.initialConcentration)
    #expect(x.particleRadius == y.particleRadius && x.hysteresisRate == y.hysteresisRate)
    #expect(abs(x.reactionRate / y.reactionRate - 1) < 1e-14)
    #expect(x.reactionActivationEnergy == y.reactionActivationEnergy)
    for place in stride(from: 0.01, to: 1, by: 0.01) {
      let low = x.lithiationPotential.value(place) - y.lithiationPotential.value(place)
      let high = x.delithiationPotential.value(place) - y.delithiationPotential.value(place)
      #expect(abs(low) < 1e-6 && abs(high) < 1e-6)
    }
    #expect(read.interphase?.resistivity == own.interphase?.resistivity)
    var ends: [VoltageCurve] = []
    for set in [own, read] {
      var model = try PorousElectrodeModel(
        set, resolution: CompositeElectrodeTests.coarse, interphase: .solvent)
      model.restHysteresis = -1
      let start = try set.stoichiometries(stateOfCharge: 1)
      var simulation = CellSimulation(
        model, negative: start.negative, positive: start.positive, temperature: 298.15)
      var limits = CellLimits()
      limits.lowerVoltage = 2.5
      var curve = VoltageCurve()
      curve.outcome = simulation.run(
        .current(5), duration: 6_000, limits: limits, interval: 60
      ) { time, state, model in
        curve.times.append(time)
        curve.voltages.append(model.observe(state).voltage)
        return true
      }
      curve.end = simulation.time
      ends.append(curve)
    }
    #expect(ends[0].outcome == .event(.lowerVoltage))
    #expect(ends[1].difference(from: ends[0]) < 1e-4)
    #expect(abs(ends[1].end / ends[0].end - 1) < 1e-4)
    // Which material is which does not depend on what the file calls them.
    let text = try #require(String(data: own.bpx(), encoding: .utf8))
    let renamed = text.replacing("\"Primary\"", with: "\"Z\"").replacing(
      "\"Secondary\"", with: "\"A\"")
    let again = try CellParameters(json: Data(renamed.utf8))
    #expect(again.negative.particleRadius == own.negative.particleRadius)
    #expect(again.negative.second?.particleRadius == own.negative.second?.particleRadius)
  }

  /// A file for SPM alone: without electrolyte, separator, pores and conductivities.
  static func alone() throws -> Data {
    let data = try CellParameters.chen2020.bpx()
    var document = try #require(
      JSONSerialization.jsonObject(with: data) as? [String: Any])
    var header = try #require(document["Header"] as? [String: Any])
    header["Model"] = "SPM"
    document["Header"] = header
    var parts = try #require(document["Parameterisation"] as? [String: Any])
    parts["Electrolyte"] = nil
    parts["Separator"] = nil
    for name in ["Negative electrode", "Positive electrode"] {
      var electrode = try #require(parts[name] as? [String: Any])
      for key in ["Porosity", "Transport efficiency", "Conductivity [S.m-1]"] {
        electrode[key] = nil
      }
      parts[name] = electrode
    }
    document["Parameterisation"] = parts
    return try JSONSerialization.data(withJSONObject: document)
  }

  @Test("A file for SPM alone runs in SPM as the whole file does, and other models refuse it")
  func single() throws {
    let set = try CellParameters(json: Self.alone())
    #expect(set.servesSPMAlone && !CellParameters.chen2020.servesSPMAlone)
    let own = discharge(try SingleParticleModel(set, withElectrolyte: false), set, rate: 1)
    let whole = CellParameters.chen2020
    let known = discharge(try SingleParticleModel(whole, withElectrolyte: false), whole, rate: 1)
    #expect(known.voltages.count > 50 && own.difference(from: known) < 1e-5)
    #expect(abs(own.end / known.end - 1) < 1e-5)
    func refuses(_ body: () throws -> Void) -> Bool {
      do { try body() } catch { return "\(error)".contains("for SPM alone") }
      return false
    }
    #expect(refuses { _ = try SingleParticleModel(set, withElectrolyte: true) })
    #expect(refuses { _ = try PorousElectrodeModel(set) })
    #expect(refuses { _ = try CircuitParameters(reducing: set) })
    #expect(refuses { _ = try set.bpx() })
    #expect(set.usability().map { $0.fault == nil } == [true, false, false])
  }

  @Test("Blends of one or three materials, and blends of the positive electrode, are named")
  func refusals() throws {
    func error(_ change: (inout [String: Any]) -> Void) throws -> String {
      let data = try CellParameters.chen2020Composite.bpx()
      var document = try #require(
        JSONSerialization.jsonObject(with: data) as? [String: Any])
      var parts = try #require(document["Parameterisation"] as? [String: Any])
      change(&parts)
      document["Parameterisation"] = parts
      let changed = try JSONSerialization.data(withJSONObject: document)
      do { _ = try CellParameters(json: changed) } catch { return "\(error)" }
      return "no fault"
    }
    let three = try error {
      guard var part = $0["Negative electrode"] as? [String: Any],
        var blend = part["Particle"] as? [String: Any]
      else { return }
      blend["Third"] = blend["Primary"]
      part["Particle"] = blend
      $0["Negative electrode"] = part
    }
    #expect(three.contains("Negative electrode: Particle") && three.contains("3 materials"))
    let missing = try error {
      guard var part = $0["Negative electrode"] as? [String: Any],
        var blend = part["Particle"] as? [String: Any],
        var material = blend["Secondary"] as? [String: Any]
      else { return }
      material["Reaction rate constant [mol.m-2.s-1]"] = nil
      blend["Secondary"] = material
      part["Particle"] = blend
      $0["Negative electrode"] = part
    }
    #expect(missing.contains("Particle: Secondary: Reaction rate constant [mol.m-2.s-1]"))
    let positive = try error { parts in
      guard var part = parts["Positive electrode"] as? [String: Any] else { return }
      let shared = [
        "Thickness [m]", "Porosity", "Transport efficiency", "Conductivity [S.m-1]",
      ]
      let material = part.filter { !shared.contains($0.key) }
      part = part.filter { shared.contains($0.key) }
      part["Particle"] = ["Primary": material, "Secondary": material]
      parts["Positive electrode"] = part
    }
    #expect(positive.contains("only the negative electrode can have a second material"))
  }
}
