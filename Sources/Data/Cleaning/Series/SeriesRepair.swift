// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Filling short gaps of a series, and resampling: every filled sample is marked and counted.

public import BatteryDomain
import NumericalMethods

/// Fills short gaps of a series and resamples it; every filled sample is marked and counted.
public enum SeriesRepair {
  /// How missing samples are filled.
  public enum Method: String, Codable, Hashable, Sendable {
    /// A straight line between the neighbours.
    case linear
    /// The polynomial through two good samples on each side; linear where there are fewer.
    case lagrange
  }

  /// A repaired series.
  public struct Result: Sendable {
    /// The series with short gaps filled; NaN where a gap stayed open.
    public var values: [Double]
    /// Marks: `SampleFlags/repaired` where a sample was filled.
    public var flags: [SampleFlags]
    /// Number of filled samples.
    public var repaired: Int
    /// Number of gaps left open because they were too long or had no end.
    public var gapsLeftOpen: Int
  }

  /// Fills runs of NaN that span no more than a stated time.
  ///
  /// - Parameters:
  ///   - values: The series; NaN where a sample is missing or was set aside.
  ///   - time: Time in seconds, ascending.
  ///   - method: How to fill.
  ///   - maximumGap: Longest time between the good samples around a run, in seconds.
  /// - Returns: The repaired series with marks and counts; the input is not changed.
  /// - Complexity: O(n).
  public static func fill(
    _ values: [Double], time: [Double], method: Method = .linear, maximumGap: Double
  ) -> Result {
    precondition(values.count == time.count, "as many times as values are needed")
    var result = Result(
      values: values, flags: Array(repeating: [], count: values.count), repaired: 0,
      gapsLeftOpen: 0)
    var index = 0
    while index < values.count {
      guard values[index].isNaN else {
        index += 1
        continue
      }
      var end = index
      while end < values.count, values[end].isNaN { end += 1 }
      if index > 0, end < values.count, time[end] - time[index - 1] <= maximumGap {
        let support = supportPoints(values, around: index..<end, method: method)
        let x = support.map { time[$0] - time[index - 1] }
        let y = support.map { values[$0] }
        for row in index..<end {
          let t = time[row] - time[index - 1]
          result.values[row] =
            method == .linear || support.count < 4
            ? Interpolation.linear(x, y, at: t) : Interpolation.lagrange(x, y, at: t)
          result.flags[row] = .repaired
          result.repaired += 1
        }
      } else {
        result.gapsLeftOpen += 1
      }
      index = end
    }
    return result
  }

  /// Good samples next to a run: one on each side, for Lagrange two where there are two.
  private static func supportPoints(
    _ values: [Double], around run: Range<Int>, method: Method
  ) -> [Int] {
    var support = [run.lowerBound - 1, run.upperBound]
    if method == .lagrange {
      let before = run.lowerBound - 2
      let after = run.upperBound + 1
      if before >= 0, after < values.count, !values[before].isNaN, !values[after].isNaN {
        support = [before] + support + [after]
      }
    }
    return support
  }

  /// Resamples a series at even intervals by linear interpolation.
  ///
  /// - Parameters:
  ///   - values: The series; NaN where a sample is missing.
  ///   - time: Time in seconds, ascending.
  ///   - interval: Distance of the new samples in seconds, positive.
  ///   - maximumGap: Longest time between two good samples across which is interpolated; new
  ///     samples inside longer gaps are NaN.
  /// - Returns: New times and values; empty without a good sample.
  /// - Complexity: O(n + duration / interval).
  public static func resample(
    _ values: [Double], time: [Double], interval: Double, maximumGap: Double
  ) -> (time: [Double], values: [Double]) {
    precondition(values.count == time.count && interval > 0, "interval must be positive")
    let good = values.indices.filter { values[$0].isFinite }
    guard let first = good.first, let last = good.last else { return ([], []) }
    // The small share keeps the last sample when rounding falls just short of it.
    let count = Int((time[last] - time[first]) / interval + 1e-9) + 1
    var times: [Double] = []
    var resampled: [Double] = []
    var position = 0
    for k in 0..<count {
      let t = time[first] + Double(k) * interval
      while position + 1 < good.count, time[good[position + 1]] <= t { position += 1 }
      let before = good[position]
      times.append(t)
      if position + 1 >= good.count || time[before] == t {
        resampled.append(values[before])
        continue
      }
      let after = good[position + 1]
      guard time[after] - time[before] <= maximumGap else {
        resampled.append(.nan)
        continue
      }
      let weight = (t - time[before]) / (time[after] - time[before])
      resampled.append(values[before] + weight * (values[after] - values[before]))
    }
    return (times, resampled)
  }
}

extension CleaningSummary {
  /// Counts what a repair of one quantity's series did.
  ///
  /// - Parameters:
  ///   - result: What ``SeriesRepair/fill(_:time:method:maximumGap:)`` returned.
  ///   - quantity: The quantity of the series.
  ///   - method: The method used.
  public mutating func count(
    _ result: SeriesRepair.Result, of quantity: QuantityKey, method: SeriesRepair.Method
  ) {
    var other = CleaningSummary()
    if result.repaired > 0 {
      other.counts.append(
        Count(
          rule: method == .linear ? .linearRepair : .lagrangeRepair, quantity: quantity,
          count: result.repaired, elements: []))
    }
    if result.gapsLeftOpen > 0 {
      other.counts.append(
        Count(
          rule: .gapLeftOpen, quantity: quantity, count: result.gapsLeftOpen, elements: []))
    }
    merge(other)
  }
}
