// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a set of runs says about a detector: detection, lead time, isolation, false alarms.

public import BatteryDomain
import NumericalMethods
import Quantities

/// A share with its 95 % interval over vehicles, by bootstrap.
public struct ScoredShare: Codable, Hashable, Sendable {
  /// How many succeeded.
  public var count: Int
  /// Of how many.
  public var total: Int
  /// The share; 0 for none.
  public var value: Double { total > 0 ? Double(count) / Double(total) : 0 }
  /// Wilson 95 % interval.
  public var interval: ClosedRange<Double> {
    guard total > 0 else { return 0...1 }
    let z = 1.959_964
    let n = Double(total)
    let p = value
    let centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    return max(0, centre - half)...min(1, centre + half)
  }
}

/// How a detector did on one class of faults of one chemistry.
public struct ClassScore: Codable, Hashable, Sendable {
  /// The class.
  public var fault: FaultClass
  /// The chemistry.
  public var chemistry: Chemistry
  /// Runs with the fault in which it was named.
  public var detected: ScoredShare
  /// Detections that named the right part.
  public var isolated: ScoredShare
  /// Verdicts of the class, in all runs of the chemistry, that had the fault behind them.
  public var precision: ScoredShare
  /// Runs that ended in runaway, and were warned at least two hours before.
  public var warnedTwoHours: ScoredShare
  /// Runs that ended in runaway in which an ideal detector could have warned two hours before.
  public var attainableTwoHours: ScoredShare
  /// Of those runs, the ones that were warned two hours before.
  public var warnedOfAttainable: ScoredShare
  /// Delay from the onset to the verdict in seconds: median, 95th percentile and longest.
  public var delay: [Double]
  /// Lead before venting in seconds: 5th percentile and median of the runs that vented.
  public var leadToVenting: [Double]
  /// Lead before runaway in seconds: 5th percentile and median of the runs that ran away.
  public var leadToRunaway: [Double]
  /// Resistance of the short at detection in ohms: 5th, 50th and 95th percentile.
  public var shortResistance: [Double]
  /// Charge leaked at detection in ampere-hours: 5th, 50th and 95th percentile.
  public var leakedAmpereHours: [Double]
}

/// How a detector did on a set of runs.
public struct DetectorScore: Codable, Hashable, Sendable {
  /// Name.
  public var detector: String
  /// By class and chemistry.
  public var classes: [ClassScore]
  /// Alarms while nothing was wrong.
  public var falseAlarms: Int
  /// Alarms of a class that was not present while another fault was.
  public var misnamed: Int
  /// Runs with at least one false alarm.
  public var falseRuns: Int
  /// Vehicle-days in which no fault was present.
  public var healthyDays: Double
  /// False alarms per 1,000 healthy vehicle-days.
  public var falseAlarmRate: Double
  /// Exact one-sided 95 % upper bound of the rate (Poisson; Garwood 1936).
  public var falseAlarmUpperBound: Double
  /// 95 % interval of the share of detected faults, by bootstrap over vehicles.
  public var detectedInterval: [Double]
  /// Share of faults that it can name and named.
  public var detected: ScoredShare
}

/// The scorecard of a set of runs.
public struct Scorecard: Codable, Hashable, Sendable {
  /// Number of runs.
  public var runs: Int
  /// Simulated vehicle-days.
  public var days: Double
  /// A score for each detector.
  public var detectors: [DetectorScore]
  /// What the runs say about the controller.
  public var controller: ControllerScore
  /// Differences of the detected share between detectors on the same vehicles.
  public var comparisons: [Comparison]

  /// The difference between two detectors on the same vehicles.
  public struct Comparison: Codable, Hashable, Sendable {
    /// First detector.
    public var first: String
    /// Second detector.
    public var second: String
    /// Detected share of the first minus that of the second, on faults both can name.
    public var difference: Double
    /// 95 % interval by bootstrap over vehicles.
    public var interval: [Double]
  }

  /// Scores records.
  ///
  /// - Parameters:
  ///   - records: The runs.
  ///   - kinds: The detectors, in the order of the outcomes.
  public init(_ records: [RunRecord], kinds: [DetectorKind]) {
    runs = records.count
    days = records.reduce(0) { $0 + $1.days }
    detectors = kinds.indices.map { Self.score(records, kinds[$0], index: $0) }
    controller = ControllerScore(records)
    comparisons = []
    for first in kinds.indices {
      for second in kinds.indices where second > first {
        let shared = kinds[first].classes.intersection(kinds[second].classes)
        let pairs = records.compactMap { record -> (Double, Double)? in
          let present = Set(record.faults.map(\.kind)).intersection(shared)
          guard !present.isEmpty else { return nil }
          func found(_ index: Int) -> Double {
            present.allSatisfy { record.outcomes[index].detection(of: $0) != nil } ? 1 : 0
          }
          return (found(first), found(second))
        }
        guard !pairs.isEmpty else { continue }
        let differences = pairs.map { $0.0 - $0.1 }
        comparisons.append(
          Comparison(
            first: kinds[first].name, second: kinds[second].name,
            difference: differences.reduce(0, +) / Double(differences.count),
            interval: Self.bootstrap(differences)))
      }
    }
  }

  private static func score(_ records: [RunRecord], _ kind: DetectorKind, index: Int)
    -> DetectorScore
  {
    var classes: [ClassScore] = []
    var found: [Double] = []
    for fault in FaultClass.allCases where kind.classes.contains(fault) {
      for chemistry in Chemistry.allCases {
        let present = records.filter { record in
          record.chemistry == chemistry
            && record.faults.contains { $0.kind == fault && $0.onset < record.duration }
        }
        guard !present.isEmpty else { continue }
        let verdicts = records.filter { $0.chemistry == chemistry }
          .flatMap { $0.outcomes[index].verdicts }.filter { $0.verdict.fault == fault }
        var row = one(fault, chemistry, present, index)
        row.precision = ScoredShare(count: verdicts.count(where: \.isRight), total: verdicts.count)
        classes.append(row)
        found += present.map { $0.outcomes[index].detection(of: fault) == nil ? 0 : 1 }
      }
    }
    let wrong = records.map { $0.outcomes[index].falseAlarms }
    let healthy = records.reduce(0) { sum, record in
      sum + min(record.duration, record.faults.map(\.onset).min() ?? .infinity)
    }
    let healthyDays = healthy / PhysicalConstants.secondsPerDay
    let alarms = wrong.reduce(0, +)
    return DetectorScore(
      detector: kind.name, classes: classes, falseAlarms: alarms,
      misnamed: records.reduce(0) { $0 + $1.outcomes[index].misnamed },
      falseRuns: wrong.count { $0 > 0 }, healthyDays: healthyDays,
      falseAlarmRate: healthyDays > 0 ? Double(alarms) / healthyDays * 1_000 : 0,
      falseAlarmUpperBound: healthyDays > 0
        ? PoissonBound.upper(count: alarms, confidence: 0.95) / healthyDays * 1_000 : .infinity,
      detectedInterval: bootstrap(found),
      detected: ScoredShare(count: found.count { $0 > 0 }, total: found.count))
  }

  private static func one(
    _ fault: FaultClass, _ chemistry: Chemistry, _ records: [RunRecord], _ index: Int
  ) -> ClassScore {
    var delays: [Double] = []
    var vent: [Double] = []
    var runaway: [Double] = []
    var ohms: [Double] = []
    var leaked: [Double] = []
    var isolated = 0
    var inTime = 0
    var burnt = 0
    var attainable = 0
    var reached = 0
    for record in records {
      let detection = record.outcomes[index].detection(of: fault)
      let warning = record.outcomes[index].verdicts.first {
        $0.isRight && $0.isIsolated && $0.verdict.fault == fault
      }
      let onset = record.faults.first { $0.kind == fault }?.onset ?? 0
      if let end = record.runaway {
        burnt += 1
        // A warning of another cell is no warning of this one.
        let lead = warning.map { end - $0.time } ?? -.infinity
        let isAttainable = record.detectableFrom.map { end - $0 >= 7_200 } ?? false
        if isAttainable { attainable += 1 }
        if lead >= 7_200 { inTime += 1 }
        if lead >= 7_200, isAttainable { reached += 1 }
        if lead.isFinite { runaway.append(lead) }
      }
      guard let detection else { continue }
      delays.append(detection.time - onset)
      if detection.isIsolated { isolated += 1 }
      if let venting = record.venting, let warning { vent.append(venting - warning.time) }
      if fault == .internalShort, let warning {
        if let value = warning.shortResistance { ohms.append(value) }
        if let value = warning.leaked { leaked.append(value / 3_600) }
      }
    }
    return ClassScore(
      fault: fault, chemistry: chemistry,
      detected: ScoredShare(count: delays.count, total: records.count),
      isolated: ScoredShare(count: isolated, total: delays.count),
      precision: ScoredShare(count: 0, total: 0),
      warnedTwoHours: ScoredShare(count: inTime, total: burnt),
      attainableTwoHours: ScoredShare(count: attainable, total: burnt),
      warnedOfAttainable: ScoredShare(count: reached, total: attainable),
      delay: quantiles(delays, [0.5, 0.95, 1]), leadToVenting: quantiles(vent, [0.05, 0.5]),
      leadToRunaway: quantiles(runaway, [0.05, 0.5]),
      shortResistance: quantiles(ohms, [0.05, 0.5, 0.95]),
      leakedAmpereHours: quantiles(leaked, [0.05, 0.5, 0.95]))
  }

  private static func quantiles(_ values: [Double], _ shares: [Double]) -> [Double] {
    guard !values.isEmpty else { return [] }
    let sorted = values.sorted()
    return shares.map { RobustStatistics.quantileOfSorted(sorted, $0) }
  }

  /// 95 % interval of a mean by 2,000 resamples of the vehicles, with a fixed seed (percentile method,
  /// Efron 1979).
  static func bootstrap(_ values: [Double]) -> [Double] {
    guard !values.isEmpty else { return [] }
    var random = SplitMix64(seed: 20_260)
    let means = (0..<2_000).map { _ in
      var sum = 0.0
      for _ in values.indices { sum += values[Int.random(in: values.indices, using: &random)] }
      return sum / Double(values.count)
    }
    let sorted = means.sorted()
    return [
      RobustStatistics.quantileOfSorted(sorted, 0.025),
      RobustStatistics.quantileOfSorted(sorted, 0.975),
    ]
  }
}
