// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The core's estimators on measured cells; the table of the validation page.

import BMSCore
import CellIdentification
import CellModels
import Foundation
import OnboardConfiguration
import OnboardReplay
import Testing

/// Where the data sets are, in release runs.
enum MeasuredData {
  static let folder: URL? = {
    let environment = ProcessInfo.processInfo.environment
    guard environment["ANODYNE_RELEASE_TESTS"] == "1", let path = environment["ANODYNE_DATASETS"]
    else { return nil }
    return URL(fileURLWithPath: path)
  }()

  static func load(_ paths: [String]) throws -> [Recording] {
    let folder = try #require(folder)
    return try paths.flatMap { try RecordingLoader.load(folder.path + "/" + $0) }
  }

  /// The core's configuration from slow, pulse and 1C tests of the LG cell; no drive cycle.
  static func lg() throws -> EstimationConfiguration<Double> {
    var settings = CircuitFitSettings()
    settings.pairCounts = [3]
    let recordings = try load(
      [
        "25degC/549_C20DisCh", "25degC/549_HPPC", "25degC/551_Cap_1C", "0degC/585_C20DisCh",
        "0degC/585_HPPC",
      ].map { "lg_hg2_soc/\($0)_parsed.csv" })
    let found = try CircuitIdentification(recordings, settings: settings)
    return EstimationConfiguration(circuit: try CellCircuit(found.parameters))
  }
}

/// Enabled in release runs with the data sets.
@Suite(
  "Estimators on measured cells",
  .enabled(
    if: MeasuredData.folder != nil,
    "needs ANODYNE_RELEASE_TESTS=1 and the data sets in ANODYNE_DATASETS"))
struct MeasuredCellsReleaseTests {
  /// A drive cycle with what must be reached on it.
  struct Goal {
    var path: String
    var name: String
    var bound: Double
    var settling: Double
    /// When the error stays within 2 % for good: 15 min at 25 °C, 20 min below.
    var converged: Double
  }

  static let goals = [
    Goal(path: "25degC/551_US06", name: "US06 25 °C", bound: 0.01, settling: 900, converged: 900),
    Goal(path: "0degC/589_US06", name: "US06 0 °C", bound: 0.02, settling: 1_200, converged: 1_200),
    Goal(
      path: "n10degC/601_US06", name: "US06 -10 °C", bound: 0.04, settling: 1_200, converged: 1_200),
  ]
  static let trials = [
    ChargeTrial(start: 1, assumed: 0.8), ChargeTrial(start: 1, assumed: 1.2),
    ChargeTrial(start: 0.6, assumed: 0.4), ChargeTrial(start: 0.6, assumed: 0.8),
  ]

  private func line(_ name: String, _ e: ChargeEvaluation) -> String {
    func percent(_ value: Double) -> String {
      String(format: "%6.2f", 100 * value)
    }
    return "\(name) | from \(e.trial.start) told \(e.trial.assumed), \(e.trial.offset) A off | "
      + "\(e.estimator.rawValue) | rms\(percent(e.rootMeanSquare)) % | "
      + "max\(percent(e.largest)) % | "
      + String(format: "%5.1f min | ", e.convergence / 60)
      + String(
        format: "NIS %.2f NEES %.2f in 2σ %.0f %%", e.normalisedInnovation, e.normalisedError,
        100 * e.coverage)
  }

  @Test("LG HG2: state of charge on drive cycles from a start twenty per cent wrong")
  func drives() throws {
    let configuration = try MeasuredData.lg()
    for goal in Self.goals {
      let recording = try #require(
        try MeasuredData.load(["lg_hg2_soc/\(goal.path)_parsed.csv"]).first)
      for trial in Self.trials {
        for estimator in ChargeEstimator.allCases {
          let found = ChargeEvaluation(
            recording, capacity: 2.78, configuration: configuration, estimator: estimator,
            trial: trial, settling: goal.settling, bound: 0.02)
          print(line(goal.name, found))
          if estimator == .counting {
            if trial.assumed < 1 { #expect(found.rootMeanSquare > 0.15) }
            continue
          }
          #expect(found.rootMeanSquare <= goal.bound, "\(line(goal.name, found))")
          // Within 2 % for good in the time allowed; the filter's own doubt holds its error.
          #expect(found.convergence <= goal.converged, "\(line(goal.name, found))")
          #expect(found.coverage > 0.95 && found.normalisedError < 1)
          #expect(found.normalisedInnovation < 1)
        }
      }
    }
  }

  @Test("LG HG2: an offset of fifty milliamperes at 25 °C")
  func offset() throws {
    let configuration = try MeasuredData.lg()
    let recording = try #require(
      try MeasuredData.load(["lg_hg2_soc/25degC/551_US06_parsed.csv"]).first)
    for trial in Self.trials {
      for offset in [0.05, -0.05] {
        for estimator in [ChargeEstimator.extended, .sigmaPoint, .counting] {
          var shifted = trial
          shifted.offset = offset
          if estimator == .counting { shifted.assumed = trial.start }
          let found = ChargeEvaluation(
            recording, capacity: 2.78, configuration: configuration, estimator: estimator,
            trial: shifted, settling: 900, bound: 0.02)
          print(line("US06 25 °C", found))
          if estimator != .counting {
            #expect(found.rootMeanSquare <= 0.02, "\(line("US06 25 °C", found))")
          }
        }
      }
    }
  }

  @Test("LG HG2: discharges that were not fitted, on which the errors of the model were set")
  func tuning() throws {
    let configuration = try MeasuredData.lg()
    for (path, bound) in [("25degC/549_Dis_0p5C", 0.02), ("25degC/549_Dis_2C", 0.03)] {
      let recording = try #require(
        try MeasuredData.load(["lg_hg2_soc/\(path)_parsed.csv"]).first)
      let found = ChargeEvaluation(
        recording, capacity: 2.78, configuration: configuration, estimator: .extended,
        trial: ChargeTrial(start: 1, assumed: 0.8), settling: 900, bound: 0.05)
      print(line(path, found))
      #expect(found.rootMeanSquare <= bound, "\(line(path, found))")
    }
  }
}
