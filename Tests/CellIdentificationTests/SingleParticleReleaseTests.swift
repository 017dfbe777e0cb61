// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Single-particle models found again in tests of cells with known numbers, and on a measured cell.

import CellIdentification
import CellModels
import Foundation
import Testing

/// Enabled in release runs: the fits are slow without optimisation.
@Suite(
  "Single-particle identification",
  .enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct SingleParticleReleaseTests {
  @Test("Determined numbers of six cells of two materials lie in their intervals")
  func recovery() throws {
    var (inside, total) = (0, 0)
    var (windowsInside, windows) = (0, 0)
    for base in [CellParameters.chen2020, .marquis2019] {
      for seed in 1...3 {
        let truth = try SingleParticleTruth(base: base, seed: UInt64(seed))
        let found = try SingleParticleIdentification(
          truth.tests(noise: 1e-3, seed: UInt64(100 * seed)), base: base)
        // Full is where every test starts.
        let balance = found.balancing.balance
        for (value, exact, error) in [
          (balance.negative.full, truth.window.full.negative, found.balancing.errors[1]),
          (balance.positive.full, truth.window.full.positive, found.balancing.errors[3]),
        ] {
          windows += 1
          #expect(abs(value - exact) < 0.006)
          if abs(value - exact) < found.balancing.intervalFactor * error { windowsInside += 1 }
        }
        for finding in found.findings where finding.state == .determined {
          total += 1
          let exact = try #require(truth.value(of: finding))
          if finding.interval.contains(exact) { inside += 1 }
        }
        let drive = try CircuitValidation(found, on: truth.drive(noise: 1e-3, seed: 77))
        #expect(drive.error.rootMeanSquare < 6e-3)
        #expect(drive.error.rootMeanSquare < 0.03 * drive.openCircuitError.rootMeanSquare)
      }
    }
    print("inside: \(inside) of \(total) numbers, \(windowsInside) of \(windows) stoichiometries")
    #expect(total >= 24)
    // 27 of 34 are measured; six of the seven others are of one cell that the prior pulls aside.
    #expect(Double(inside) >= 0.75 * Double(total))
    #expect(Double(windowsInside) >= 0.75 * Double(windows))
  }

  @Test(
    "LG HG2 on the potentials of the LG M50: what is determined, and US06",
    .enabled(if: MeasuredCells.folder != nil, "needs the data sets in ANODYNE_DATASETS"))
  func measured() throws {
    let folder = try #require(MeasuredCells.folder).path + "/lg_hg2_soc/25degC/"
    func load(_ names: [String]) throws -> [Recording] {
      try names.flatMap { try RecordingLoader.load(folder + $0 + "_parsed.csv") }
    }
    let found = try SingleParticleIdentification(
      load(["549_C20DisCh", "549_HPPC", "551_Cap_1C", "549_Dis_2C"]), base: .chen2020)
    #expect(found.balancing.rootMeanSquare < 9e-3)
    #expect(abs(found.balancing.balance.negative.full - 0.94) < 0.02)
    #expect(abs(found.balancing.balance.positive.full - 0.271) < 0.01)
    let states = Dictionary(uniqueKeysWithValues: found.findings.map { ($0.quantity, $0.state) })
    #expect(states[.negativeDiffusivity] == .determined)
    #expect(states[.electrolyteConductivity] != .determined)
    #expect(states[.electrolyteDiffusivity] != .determined)
    #expect(found.rootMeanSquare.fitted < 0.3 * found.rootMeanSquare.base)
    for drive in try load(["551_US06"]) {
      let validation = try CircuitValidation(found, on: drive)
      #expect(validation.reached == 1)
      #expect(validation.error.rootMeanSquare < 0.06)
      #expect(
        validation.error.rootMeanSquare < 0.4 * validation.openCircuitError.rootMeanSquare)
    }
    // What is written is the model.
    let again = try CellParameters(json: found.parameters.bpx())
    #expect(abs(again.electrodeArea / found.parameters.electrodeArea - 1) < 1e-9)
    #expect(abs(again.nominalCapacity / found.parameters.nominalCapacity - 1) < 1e-9)
  }
}
