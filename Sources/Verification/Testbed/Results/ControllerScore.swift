// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a set of runs says about the controller: deadlines, recovery, estimation, balancing, heat.

public import BatteryDomain
import NumericalMethods
import Quantities

/// A mean over vehicles with its 95 % interval by bootstrap, and the worst vehicle.
public struct ScoredMean: Codable, Hashable, Sendable {
  /// Number of vehicles.
  public var vehicles: Int
  /// Mean over vehicles.
  public var mean: Double
  /// 95 % interval of the mean by 2,000 resamples of the vehicles.
  public var interval: [Double]
  /// Median over vehicles.
  public var median: Double
  /// Largest value of a vehicle.
  public var largest: Double

  /// Scores one value a vehicle; nil where there is none.
  public init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    vehicles = values.count
    mean = values.reduce(0, +) / Double(values.count)
    interval = Scorecard.bootstrap(values)
    median = RobustStatistics.median(values)
    largest = values.max() ?? 0
  }
}

/// How often and how fast the protective action followed on one kind of danger.
public struct DeadlineScore: Codable, Hashable, Sendable {
  /// The danger.
  public var cause: FaultClass
  /// Longest time allowed from the beginning of the danger, in seconds.
  public var deadline: Double
  /// Runs with the danger in which the action came in time.
  public var met: ScoredShare
  /// Time from danger to action in seconds, of the runs that acted.
  public var latency: ScoredMean?
}

/// The error of the controller's state of charge on one chemistry.
public struct EstimationScore: Codable, Hashable, Sendable {
  /// The chemistry.
  public var chemistry: Chemistry
  /// Root mean square error of each vehicle after the first hour.
  public var rootMeanSquare: ScoredMean?
  /// Largest error of each vehicle after the first hour.
  public var largest: ScoredMean?
  /// Vehicles whose error stays below two percent from some time on.
  public var converged: ScoredShare
  /// That time, in seconds.
  public var convergence: ScoredMean?
}

/// How the controller did on a set of runs.
public struct ControllerScore: Codable, Hashable, Sendable {
  /// Protective action against its deadline, by danger.
  public var deadlines: [DeadlineScore]
  /// Runs that tripped while no fault was present, and those of them that ran again.
  public var recovered: ScoredShare
  /// Time from a wrong trip to normal operation, in seconds.
  public var recovery: ScoredMean?
  /// State of charge, by chemistry.
  public var estimation: [EstimationScore]
  /// Energy turned to heat by balancing, in watt-hours a day, of runs of a day or more.
  public var balancing: ScoredMean?
  /// Largest temperature difference between cells in kelvin, of runs of a day or more before any
  /// runaway.
  public var temperatureSpread: ScoredMean?

  /// Scores records.
  public init(_ records: [RunRecord]) {
    let causes = Set(records.compactMap(\.dangerCause)).sorted { $0.rawValue < $1.rawValue }
    deadlines = causes.map { cause in
      let runs = records.filter { $0.dangerCause == cause }
      let met = runs.count { $0.isInTime == true }
      return DeadlineScore(
        cause: cause, deadline: cause.deadline, met: ScoredShare(count: met, total: runs.count),
        latency: ScoredMean(runs.compactMap(\.latency)))
    }
    let tripped = records.filter { $0.wrongTrip != nil }
    recovered = ScoredShare(count: tripped.count { $0.recovery != nil }, total: tripped.count)
    recovery = ScoredMean(tripped.compactMap(\.recovery))
    estimation = Chemistry.allCases.compactMap { chemistry in
      let runs = records.filter { $0.chemistry == chemistry && $0.chargeError != nil }
      guard !runs.isEmpty else { return nil }
      let converged = runs.compactMap(\.convergence)
      return EstimationScore(
        chemistry: chemistry, rootMeanSquare: ScoredMean(runs.compactMap(\.chargeError)),
        largest: ScoredMean(runs.compactMap(\.largestChargeError)),
        converged: ScoredShare(count: converged.count, total: runs.count),
        convergence: ScoredMean(converged))
    }
    let long = records.filter { $0.days >= 1 }
    balancing = ScoredMean(long.map { $0.balancingEnergy / 3_600 / $0.days })
    temperatureSpread = ScoredMean(long.filter { $0.venting == nil }.map(\.temperatureSpread))
  }
}
