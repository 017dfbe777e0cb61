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
  @Test("A drive that was not fitted is met within millivolts")
  func drive() throws {
    for base in [CellParameters.chen2020, .marquis2019] {
      let truth = try SingleParticleTruth(base: base, seed: 2)
      let noise = RecordingNoise()
      let found = try SingleParticleIdentification(
        truth.tests(noise: noise, seed: 200), base: base)
      let drive = try CircuitValidation(found, on: truth.drive(noise: noise, seed: 77))
      #expect(drive.error.rootMeanSquare < 6e-3)
      #expect(drive.error.rootMeanSquare < 0.03 * drive.openCircuitError.rootMeanSquare)
    }
  }

  @Test("Intervals count what a number that is held at the base set may be off")
  func held() throws {
    let truth = try SingleParticleTruth(base: .chen2020, seed: 3, reach: 1)
    let tests = try truth.tests(noise: RecordingNoise(white: 5e-4), seed: 300)
    // The area acts on every loss; known wrongly, it carries its error into all others.
    let held: Set<SingleParticleQuantity> = [.electrodeArea]
    let found = try SingleParticleIdentification(tests, base: .chen2020, held: held)
    let area = try #require(found.findings.first { $0.quantity == .electrodeArea })
    #expect(area.state == .held && abs(area.value / area.base - 1) < 1e-9)
    // How far the others go when the area is one prior deviation off.
    var other = CellParameters.chen2020
    let factor = exp(SingleParticleQuantity.electrodeArea.spread)
    other.electrodeArea *= factor
    other.negative.thickness /= factor
    other.positive.thickness /= factor
    let moved = try SingleParticleIdentification(tests, base: other, held: held)
    for (here, there) in zip(found.findings, moved.findings)
    where here.quantity != .electrodeArea && here.collinearity.isFinite {
      // One deviation of the area; 95 % are two of them, and bent ways are shorter.
      let way = abs(log(there.value / here.value))
      let half = log(here.interval.upperBound / here.interval.lowerBound) / 2
      #expect(half > 1.6 * way, "\(here.quantity): moves \(way), interval \(half)")
    }
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
    #expect(found.warnings.isEmpty)
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

  @Test(
    "LG HG2 from slow and pulse tests alone: no number drifts away undetermined",
    .enabled(if: MeasuredCells.folder != nil, "needs the data sets in ANODYNE_DATASETS"))
  func drift() throws {
    let folder = try #require(MeasuredCells.folder).path + "/lg_hg2_soc/25degC/"
    let found = try SingleParticleIdentification(
      ["549_C20DisCh", "549_HPPC"].flatMap {
        try RecordingLoader.load(folder + $0 + "_parsed.csv")
      }, base: .chen2020)
    for finding in found.findings where finding.state != .determined {
      let distance = abs(log(finding.value / finding.base)) / finding.quantity.spread
      // The contact resistance of the base set is another; it starts from the size of the jumps.
      guard finding.quantity != .contactResistance else { continue }
      #expect(distance <= 2.5, "\(finding.quantity): \(finding.value) for \(finding.base)")
    }
    // Without the limit the diffusivity of the salt is put at a three-hundredth of the base.
    let salt = try #require(found.findings.first { $0.quantity == .electrolyteDiffusivity })
    #expect(salt.value / salt.base > 0.3)
    for finding in found.findings where finding.collinearity == .infinity {
      #expect(found.notes.contains { $0.contains(finding.quantity.rawValue) })
    }
    // Plain words, and only where they are due.
    let warning = try #require(found.warnings.first)
    #expect(warning.contains("how the salt moves") && warning.contains("1C or 2C discharge"))
  }
}
