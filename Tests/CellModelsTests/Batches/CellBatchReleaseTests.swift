// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a cell of a batch costs, beside one cell at a time.

import CellModels
import Foundation
import NumericalMethods
import Testing

/// Enabled in release runs: costs without optimisation say nothing.
@Suite(
  "Cost of batches of cells", .serialized,
  .enabled(if: ProcessInfo.processInfo.environment["ANODYNE_RELEASE_TESTS"] == "1"))
struct CellBatchReleaseTests {
  /// CPU time of this thread, in milliseconds.
  var spent: Double {
    var time = timespec()
    guard clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return .nan }
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
  }

  /// Smallest of some CPU times of running all cells on this thread, per cell.
  func cost(_ batch: CellBatch) -> Double {
    var best = Double.infinity
    for _ in 0..<5 {
      let start = spent
      let outcomes = batch.runHere(0..<batch.cells.count)
      best = min(best, spent - start)
      #expect(outcomes.count == batch.cells.count)
    }
    return best / Double(batch.cells.count)
  }

  @Test("Single-particle cells cost less side by side than alone")
  func lanes() throws {
    for model in [CellModelKind.spm, .spme] {
      for thermal in [ThermalModel.isothermal, .lumped] {
        let cells = try CellBatchTests.cells(200) { ["Discharge at \($0)C until 2.5 V"] }
        var batch = CellBatchTests.batch(model, thermal, cells)
        let together = cost(batch)
        // The same cells one by one, through the same door.
        let alone = cost(one: batch)
        batch.cells = Array(cells.prefix(1))
        print(
          "\(model) \(thermal): \(String(format: "%.4f", together)) ms a cell side by side, "
            + "\(String(format: "%.4f", alone)) alone")
        // Some 1.5 times on a quiet machine; the bound leaves room for a busy one.
        #expect(together < 1.2 * alone)
      }
    }
  }

  /// Cost of a cell where each is built and run by itself.
  func cost(one batch: CellBatch) -> Double {
    var best = Double.infinity
    for _ in 0..<5 {
      let start = spent
      for cell in batch.cells {
        var experiment = batch.experiment
        experiment.parameters = cell.parameters
        experiment.blocks = cell.blocks ?? []
        experiment.initialStateOfCharge = cell.initialStateOfCharge ?? 1
        experiment.ambientTemperature = cell.ambientTemperature
        try? experiment.run { _ in }
      }
      best = min(best, spent - start)
    }
    return best / Double(batch.cells.count)
  }

  @Test("A hundred different porous-electrode cells take at most 130 ms of one core")
  func porousElectrode() throws {
    let cells = try CellBatchTests.cells(100) { _ in ["Discharge at 1C until 2.5 V"] }
    let total = 100 * cost(CellBatchTests.batch(.dfn, .isothermal, cells))
    print("100 different DFN cells: \(String(format: "%.1f", total)) ms of one core")
    // The goal is 130 ms on a quiet machine; a busy one is allowed twice that.
    #expect(total < 260)
  }
}
