// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Voltage on measured drive cycles that were not fitted.

import BatteryFiles
import CellIdentification
import CellModels
import Foundation
import Testing

/// Where the data sets are, in release runs.
enum MeasuredCells {
  static let folder: URL? = {
    let environment = ProcessInfo.processInfo.environment
    guard environment["ANODYNE_RELEASE_TESTS"] == "1", let path = environment["ANODYNE_DATASETS"]
    else { return nil }
    return URL(fileURLWithPath: path)
  }()
}

/// Enabled in release runs with the data sets: the fits are slow without optimisation.
@Suite(
  "Measured cells",
  .enabled(
    if: MeasuredCells.folder != nil,
    "needs ANODYNE_RELEASE_TESTS=1 and the data sets in ANODYNE_DATASETS"))
struct MeasuredCellReleaseTests {
  private func load(_ paths: [String]) throws -> [Recording] {
    let folder = try #require(MeasuredCells.folder)
    return try paths.flatMap { try RecordingLoader.load(folder.path + "/" + $0) }
  }

  private func errors(
    fit: [String], validate: [String], pairs: [Int] = [0, 1, 2, 3]
  ) throws -> (found: CircuitIdentification, errors: [CircuitValidation]) {
    var settings = CircuitFitSettings()
    settings.pairCounts = pairs
    let found = try CircuitIdentification(load(fit), settings: settings)
    let validations = try load(validate).map {
      CircuitValidation(found.parameters, on: $0, start: found.start)
    }
    return (found, validations)
  }

  @Test("LG HG2: US06 at 25, 0 and -10 °C from slow, pulse and 1C tests at 25 and 0 °C")
  func lg() throws {
    let folder = "lg_hg2_soc/"
    let (found, errors) = try errors(
      fit: [
        "25degC/549_C20DisCh", "25degC/549_HPPC", "25degC/551_Cap_1C", "0degC/585_C20DisCh",
        "0degC/585_HPPC",
      ].map { folder + $0 + "_parsed.csv" },
      validate: ["25degC/551_US06", "0degC/589_US06", "n10degC/601_US06"].map {
        folder + $0 + "_parsed.csv"
      })
    // Chosen by blocks of time left out of the fit, and better on all three drives than two.
    #expect(found.parameters.pairs.count == 3)
    #expect(found.groups.count == 2 && found.energyIsIdentified)
    #expect(abs(found.parameters.capacity / 3_600 - 2.78) < 0.01)
    for (error, bound) in zip(errors, [LGBounds.warm, LGBounds.cold, LGBounds.colder]) {
      #expect(error.error.rootMeanSquare < bound, "\(error.name)")
      // What the circuit is worth beside the open-circuit voltage alone.
      #expect(error.error.rootMeanSquare < 0.3 * error.openCircuitError.rootMeanSquare)
    }
  }

  @Test(
    "DMEGC: fifty random loads from the slow, pulse and constant-current tests of the same cell",
    arguments: ["R1", "R2", "R3"])
  func dmegc(cell: String) throws {
    let file = "electrothermal_dmegc/Exp25_\(cell).mat"
    let (_, errors) = try errors(
      fit: ["#ocv_data", "#pulse_data", "#ref_data", "#Rt_c"].map { file + $0 },
      validate: [file + "#rw_data"])
    #expect(errors.count == 50)
    // Below a tenth of the charge no pulse was measured; see the validation page.
    var square = 0.0
    var count = 0.0
    for error in errors {
      for band in error.bands where band.range.lowerBound >= 0.1 {
        let size = Double(band.error.count)
        square += size * band.error.rootMeanSquare * band.error.rootMeanSquare
        count += size
      }
    }
    #expect((square / count).squareRoot() < DMEGCBounds.aboveTenth)
  }

  @Test("Samsung 30Q: pulses of 2C at 40 °C from pulses of 1C at 20 °C, and the reverse")
  func samsung() throws {
    let files = ["1C_20amb", "2C_40amb"].map {
      "samsung30q_hppc/DNN01_HPPC_\($0)_processed_scrubbed.csv.xz"
    }
    for (fit, validate) in [(files[0], files[1]), (files[1], files[0])] {
      let (_, errors) = try errors(fit: [fit], validate: [validate])
      let error = try #require(errors.first)
      #expect(error.error.rootMeanSquare < 0.03)
      #expect(error.error.rootMeanSquare < 0.7 * error.openCircuitError.rootMeanSquare)
    }
  }
}

private enum LGBounds {
  static let warm = 0.025
  static let cold = 0.05
  static let colder = 0.09
}

private enum DMEGCBounds {
  static let aboveTenth = 0.06
}
