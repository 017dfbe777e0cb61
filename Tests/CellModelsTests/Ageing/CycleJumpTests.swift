// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Runs that leap over cycles against runs that take every cycle.

import CellModels
import Foundation
import Testing

@Suite("Leaps over cycles")
struct CycleJumpTests {
  struct Run {
    var last: Experiment.CycleResult
    var simulated = 0
    var lithium: [Double] = []
  }

  static func run(_ ageing: AgeingOptions, cycles: Int, jump: CycleJump?) throws -> Run {
    var p = CellParameters.okane2022
    // Ten times faster than the set, so that a short run loses much.
    p.interphase?.solventDiffusivity *= 10
    p.interphase?.carbonateRate *= 10
    p.negative.mechanics?.lossRate *= 10
    p.positive.mechanics?.lossRate *= 10
    let words = [
      "Discharge at 1C until 2.5 V", "Charge at 1C until 4.2 V", "Hold at 4.2 V until C/5",
    ]
    var experiment = Experiment(steps: try words.map { try ExperimentStep($0) }, parameters: p)
    experiment.model = .spm
    experiment.ageing = ageing
    experiment.cycles = cycles
    experiment.jump = jump
    var results: [Experiment.CycleResult] = []
    try experiment.run { if case .cycle(let result) = $0 { results.append(result) } }
    let o = results.map(\.observation)
    return Run(
      last: try #require(results.last), simulated: results.count,
      lithium: o.map { $0.electrodeLithium + $0.lostLithium + $0.platedLithium })
  }

  static func options(_ law: InterphaseLaw, everything: Bool = false) -> AgeingOptions {
    var options = AgeingOptions()
    options.interphase = law
    if everything {
      options.plating = .partiallyReversible
      options.cracking = .paris
      options.activeMaterialLoss = .stress
    }
    return options
  }

  /// The true error is within the estimate, the estimate within the tolerance.
  static func check(_ ageing: AgeingOptions, cycles: Int, tolerance: Double, most: Int) throws {
    let exact = try run(ageing, cycles: cycles, jump: nil)
    let leapt = try run(ageing, cycles: cycles, jump: CycleJump(tolerance: tolerance))
    #expect(leapt.last.cycle == cycles)
    #expect(leapt.simulated <= most)
    let host = CellParameters.okane2022.hostCapacity.negative
    let error = abs(leapt.last.observation.lostLithium - exact.last.observation.lostLithium)
    #expect(leapt.last.lostLithiumError > 0 && leapt.last.lostLithiumError <= tolerance * host)
    #expect(error <= leapt.last.lostLithiumError)
    // Capacity follows the lithium.
    let capacity = abs(leapt.last.discharged - exact.last.discharged)
    #expect(capacity <= 2 * tolerance * host * 96_485.332_12)
    for run in [exact, leapt] {
      for sum in run.lithium { #expect(abs(sum - run.lithium[0]) < 1e-10 * run.lithium[0]) }
    }
    #expect(abs(leapt.last.time / exact.last.time - 1) < 5e-3)
  }

  @Test("Leaps are within their estimate at a fraction of the cycles")
  func honest() throws {
    try Self.check(Self.options(.solvent), cycles: 40, tolerance: 2e-3, most: 16)
  }

  @Test("An impossible tolerance is refused by name")
  func refusal() {
    #expect(throws: ParameterError.self) {
      _ = try Self.run(Self.options(.solvent), cycles: 5, jump: CycleJump(tolerance: 0))
    }
  }

  @Test("A batch takes every cycle")
  func batch() throws {
    let steps = try ["Discharge at 1C until 2.5 V", "Charge at 1C until 4.2 V"].map {
      try ExperimentStep($0)
    }
    var experiment = Experiment(steps: steps, parameters: .okane2022)
    experiment.model = .spm
    experiment.ageing = Self.options(.solvent)
    experiment.cycles = 8
    let cells = [CellBatch.Cell(.okane2022)]
    let exact = try CellBatch(experiment, cells: cells).runHere(0..<1)[0].get()
    experiment.jump = CycleJump(tolerance: 0.1)
    var rows = 0
    try experiment.run { if case .cycle = $0 { rows += 1 } }
    #expect(rows < 8)
    let batch = try CellBatch(experiment, cells: cells).runHere(0..<1)[0].get()
    #expect(batch == exact)
    #expect(batch.cycle == 8)
  }

  @Test("Models and experiments that cannot leap are refused before the first step")
  func unsupported() throws {
    let step = try ExperimentStep("Rest for 1 minute")
    let block = ExperimentBlock(steps: [step])
    var line = Experiment(steps: [step], parameters: .chen2020)
    line.model = .spm
    line.thermal = .fieldAlongLine
    var circuit = Experiment(steps: [step], parameters: .chen2020)
    circuit.model = .ecm
    var blocks = Experiment(blocks: [block, block], parameters: .chen2020)
    blocks.model = .spm
    var metal = Experiment(steps: [step], parameters: .argyroditeNMC811)
    metal.model = .solidState
    for var experiment in [line, circuit, blocks, metal] {
      experiment.jump = CycleJump()
      #expect {
        try experiment.run { _ in Issue.record("A step ran.") }
      } throws: {
        "\($0)".contains("leapt over")
      }
    }
  }
}

/// Enabled in release runs: hundreds of cycles are slow without optimisation.
@Suite(
  "Long leaps over cycles",
  .enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct CycleJumpReleaseTests {
  @Test(
    "Leaps are within their estimate whatever ages",
    arguments: [
      (InterphaseLaw.solvent, false, 2e-3, 25), (.carbonate, false, 2e-3, 105),
      (.solvent, true, 2e-3, 35),
      // Loses almost half its lithium: no leap keeps a tenth of this tolerance.
      (.carbonate, true, 2e-2, 65),
    ])
  func honest(law: InterphaseLaw, everything: Bool, tolerance: Double, most: Int) throws {
    try CycleJumpTests.check(
      CycleJumpTests.options(law, everything: everything), cycles: 120, tolerance: tolerance,
      most: most)
  }
}
