// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How well the filters of the core find the state of charge of a recording.

public import BMSCore
public import CellIdentification
import Foundation

/// Which estimator of the core runs.
public enum ChargeEstimator: String, CaseIterable, Sendable {
  /// Extended Kalman filter.
  case extended = "EKF"
  /// Unscented Kalman filter.
  case sigmaPoint = "UKF"
  /// Counting alone, from the same start.
  case counting
}

/// One way to start and disturb an estimator.
public struct ChargeTrial: Hashable, Sendable {
  /// True state of charge at which the estimator is switched on.
  public var start: Double
  /// State of charge it is told.
  public var assumed: Double
  /// Offset of the current sensor, in amperes.
  public var offset: Double

  /// A trial.
  public init(start: Double, assumed: Double, offset: Double = 0) {
    self.start = start
    self.assumed = assumed
    self.offset = offset
  }
}

/// Error of an estimator of the state of charge on a recording, against counted charge.
public struct ChargeEvaluation: Sendable {
  /// The estimator.
  public let estimator: ChargeEstimator
  /// The trial.
  public let trial: ChargeTrial
  /// Root mean square error after `settling`, as a fraction.
  public let rootMeanSquare: Double
  /// Largest error after `settling`, as a fraction.
  public let largest: Double
  /// Seconds from the start until the error last came within the bound asked for.
  public let convergence: Double
  /// Mean square innovation over its expected variance; 1 for an honest filter, less where it
  /// expects more than comes.
  public let normalisedInnovation: Double
  /// Mean square error over its expected variance.
  public let normalisedError: Double
  /// Share of samples whose error lies within two standard deviations.
  public let coverage: Double
  /// Samples that count.
  public let samples: Int

  /// Runs an estimator over a recording that starts full.
  ///
  /// True is `1 − Ah/Q` with the charge counted from the recording's own current.
  ///
  /// - Parameters:
  ///   - recording: Starts at state of charge 1.
  ///   - capacity: True capacity in ampere-hours.
  ///   - configuration: Of the core.
  ///   - estimator: Which one runs.
  ///   - trial: How it is started and disturbed.
  ///   - settling: Seconds left out of the errors.
  ///   - bound: Error that counts as converged.
  public init(
    _ recording: Recording, capacity: Double, configuration: EstimationConfiguration<Double>,
    estimator: ChargeEstimator, trial: ChargeTrial, settling: Double, bound: Double
  ) {
    self.estimator = estimator
    self.trial = trial
    var configuration = configuration
    let discharged = recording.discharged
    var cell = AverageCell<Double>()
    var counted = min(1, max(0, trial.assumed))
    var began = -1.0
    var last = 0.0
    var (square, most, count, innovations, steps) = (0.0, 0.0, 0, 0.0, 0)
    var (errors, inside, outside) = (0.0, 0, 0.0)
    for row in recording.times.indices {
      let time = recording.times[row]
      let truth = 1 - discharged[row] / 3_600 / capacity
      if began < 0 {
        guard truth <= trial.start + 1e-9 else { continue }
        began = time
        last = time
        cell.start(
          stateOfCharge: min(1, max(0, trial.assumed)), deviation: 0.2,
          temperature: recording.temperatures[row], configuration: &configuration)
      }
      let current = recording.currents[row] + trial.offset
      // Readings closer than half a window are one reading to a sampled core.
      let interval = time - last
      if interval > 0, interval < configuration.window / 2 { continue }
      last = time
      let input = FilterInput(
        current: current, interval: interval, temperature: recording.temperatures[row],
        voltage: recording.voltages[row])
      var innovation: Innovation<Double>?
      switch estimator {
      case .extended: innovation = cell.stepExtended(input, configuration: &configuration)
      case .sigmaPoint: innovation = cell.stepSigmaPoint(input, configuration: &configuration)
      case .counting: break
      }
      counted = min(1, max(0, counted - current * interval / configuration.circuit.capacity))
      let error = (estimator == .counting ? counted : cell.stateOfCharge) - truth
      if abs(error) > bound { outside = time - began }
      guard time - began > settling else { continue }
      count += 1
      square += error * error
      most = max(most, abs(error))
      let deviation = cell.stateOfChargeDeviation
      errors += error * error / (deviation * deviation)
      if abs(error) <= 2 * deviation { inside += 1 }
      if let innovation {
        innovations += innovation.normalisedSquare
        steps += 1
      }
    }
    samples = count
    rootMeanSquare = count > 0 ? (square / Double(count)).squareRoot() : .nan
    largest = count > 0 ? most : .nan
    convergence = outside
    normalisedInnovation = steps > 0 ? innovations / Double(steps) : .nan
    normalisedError = count > 0 && estimator != .counting ? errors / Double(count) : .nan
    coverage = count > 0 && estimator != .counting ? Double(inside) / Double(count) : .nan
  }
}
