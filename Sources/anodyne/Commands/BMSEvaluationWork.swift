// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The trials of anodyne bms evaluate on a configuration of any size.

import BMSCore
import CellIdentification
import OnboardConfiguration
import OnboardReplay

/// Runs every estimator from every start.
struct EvaluationWork: ConfiguredWork {
  let recording: Recording
  let capacity: Double?
  let settling: Double
  let bound: Double
  let offset: Double

  func run<let cells: Int, let probes: Int>(
    _ configuration: PackConfiguration<cells, probes, Double>
  ) -> [EvaluationRow] {
    let capacity = capacity ?? configuration.estimation.circuit.capacity / 3_600
    let starts = [(1.0, 0.8), (1, 1.2), (0.6, 0.4), (0.6, 0.8)]
    var trials = starts.map { ChargeTrial(start: $0.0, assumed: $0.1) }
    trials += [offset, -offset].map { ChargeTrial(start: 1, assumed: 0.8, offset: $0) }
    return trials.flatMap { trial in
      ChargeEstimator.allCases.map { estimator in
        let found = ChargeEvaluation(
          recording, capacity: capacity, configuration: configuration.estimation,
          estimator: estimator, trial: trial, settling: settling, bound: bound)
        return EvaluationRow(
          start: trial.start, told: trial.assumed, offset: trial.offset,
          estimator: estimator.rawValue, rootMeanSquare: found.rootMeanSquare,
          largest: found.largest, convergence: found.convergence,
          normalisedInnovation: found.normalisedInnovation,
          normalisedError: found.normalisedError, coverage: found.coverage)
      }
    }
  }
}
