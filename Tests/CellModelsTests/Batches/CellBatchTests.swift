// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Batches of cells: the same outcomes as one by one, and the same bits in any company.

import CellModels
import NumericalMethods
import Testing

@Suite("Batches of cells")
struct CellBatchTests {
  /// Cells that differ in seven parameters, rate and temperature.
  static func cells(
    _ count: Int, of set: CellParameters = .chen2020, steps: (Double) throws -> [String]
  ) throws -> [CellBatch.Cell] {
    var random = Xoshiro256(seed: 118)
    return try (0..<count).map { _ in
      func factor() -> Double { Double.random(in: 0.85...1.15, using: &random) }
      var p = set
      p.negative.thickness *= factor()
      p.positive.thickness *= factor()
      p.negative.particleRadius *= factor()
      p.positive.particleRadius *= factor()
      p.negative.reactionRate *= factor()
      p.positive.reactionRate *= factor()
      p.separator.thickness *= factor()
      var cell = CellBatch.Cell(p)
      cell.ambientTemperature = 298.15 + Double.random(in: -10...10, using: &random)
      cell.initialStateOfCharge = Double.random(in: 0.8...1, using: &random)
      cell.blocks = try ExperimentBlock.blocks(
        steps(Double.random(in: 0.5...2, using: &random)))
      return cell
    }
  }

  static func batch(
    _ model: CellModelKind, _ thermal: ThermalModel, _ cells: [CellBatch.Cell]
  ) -> CellBatch {
    var experiment = Experiment(steps: [], parameters: .chen2020)
    experiment.model = model
    experiment.thermal = thermal
    return CellBatch(experiment, cells: cells)
  }

  static func mixed(_ rate: Double) -> [String] {
    [
      "Discharge at \(rate)C until 3 V", "Rest for 10 minutes", "Charge at C/2 until 4.1 V",
      "Hold at 4.1 V until C/20", "Discharge at 5 W for 20 minutes",
    ]
  }

  @Test(
    "Cells side by side end as cells alone do",
    arguments: [CellModelKind.spm, .spme], [ThermalModel.isothermal, .lumped])
  func sideBySide(model: CellModelKind, thermal: ThermalModel) async throws {
    let cells = try Self.cells(9, steps: Self.mixed)
    let batch = Self.batch(model, thermal, cells)
    #expect(batch.runsInLanes)
    let outcomes = try await batch.run()
    try #require(outcomes.count == cells.count)
    for (cell, outcome) in zip(cells, outcomes) {
      var events: [StepEnd] = []
      var alone = batch.experiment
      alone.parameters = cell.parameters
      alone.blocks = cell.blocks ?? []
      alone.initialStateOfCharge = cell.initialStateOfCharge ?? 1
      alone.ambientTemperature = cell.ambientTemperature
      var last: Experiment.Sample?
      var lowest = Double.infinity
      var warmest = 0.0
      var charged = 0.0
      try alone.run { report in
        switch report {
        case .sample(let sample):
          last = sample
          lowest = min(lowest, sample.observation.voltage)
          warmest = max(warmest, sample.observation.temperature)
        case .step(let step):
          events.append(step.end)
          charged += max(0, -step.charge)
        case .cycle: break
        }
      }
      let together = try outcome.get()
      let sample = try #require(last)
      #expect(events.count == 5)
      #expect(together.end == events.last)
      #expect(together.step == 5)
      // Both follow the same rules; norms differ in one unknown that never changes.
      #expect(abs(together.time / sample.time - 1) < 2e-4)
      #expect(abs(together.voltage - sample.observation.voltage) < 5e-4)
      #expect(abs(together.lowestVoltage - lowest) < 5e-4)
      // Extremes are those of the accepted steps, which lie elsewhere.
      #expect(abs(together.highestTemperature - warmest) < 0.1)
      #expect(abs(together.charged / charged - 1) < 2e-4)
    }
  }

  @Test("An outcome has the same bits in any company, order and number of tasks")
  func determinism() async throws {
    // More than the cells of one task.
    let cells = try Self.cells(66) {
      ["Discharge at \($0)C for 5 minutes", "Charge at 10 W for 2 minutes", "Rest for 1 minute"]
    }
    let forward = Self.batch(.spme, .lumped, cells)
    let outcomes = try await forward.run(tasks: 1)
    let parallel = try await forward.run(tasks: 8)
    #expect(outcomes == parallel)
    let backward = try await Self.batch(.spme, .lumped, cells.reversed()).run(tasks: 3)
    #expect(outcomes == backward.reversed())
    let some = Self.batch(.spme, .lumped, [cells[13], cells[2]])
    let pair = some.runHere(0..<2)
    #expect(pair[0] == outcomes[13])
    #expect(pair[1] == outcomes[2])
    #expect(Set(outcomes.compactMap { try? $0.get().voltage }).count == 66, "cells do differ")
  }

  @Test("Porous-electrode cells run on all cores with the same bits")
  func porousElectrode() async throws {
    let cells = try Self.cells(5) { ["Discharge at \($0)C for 5 minutes"] }
    let batch = Self.batch(.dfn, .isothermal, cells)
    #expect(!batch.runsInLanes)
    let outcomes = try await batch.run(tasks: 2)
    let again = batch.runHere(0..<5)
    #expect(outcomes == again)
    let ends = Set(outcomes.compactMap { try? $0.get().end })
    #expect(ends == [.duration])
  }

  @Test("A cell that cannot be is told by its key, and the others run")
  func impossibleCell() async throws {
    var cells = try Self.cells(12) { ["Discharge at \($0)C until 3 V"] }
    cells[0].parameters.negative.porosity = 1.2
    cells[9].ambientTemperature = 20
    cells[11].blocks = try ExperimentBlock.blocks(["Discharge at 5000 W for 1 minute"])
    let outcomes = try await Self.batch(.spme, .isothermal, cells).run()
    guard case .failure(.outOfRange(let key, let value, _)) = outcomes[0] else {
      Issue.record("\(outcomes[0])")
      return
    }
    #expect(key.contains("porosity"))
    #expect(value == 1.2)
    guard case .failure(.outOfRange(let other, _, _)) = outcomes[9] else {
      Issue.record("\(outcomes[9])")
      return
    }
    #expect(other.contains("Ambient temperature"))
    let end = try outcomes[11].get().end
    #expect(end == .impossible)
    for index in [1, 2, 3, 4, 5, 6, 7, 8, 10] {
      let end = try outcomes[index].get().end
      #expect(end == .event(.lowerVoltage))
    }
  }
}
