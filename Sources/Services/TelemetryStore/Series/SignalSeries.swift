// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One signal over time, and what is left of it in buckets.

import TelemetryCodec

/// One signal of a vehicle by collection time.
public struct SignalSeries: Hashable, Sendable {
  /// The signal.
  public var key: SignalKey
  /// Collection times in seconds since the Unix epoch, ascending; equal times are possible.
  public var times: [Int64]
  /// Values in coherent SI; NaN where the vehicle marked the number invalid or abnormal.
  public var values: [Double]
  /// How many values the vehicle marked abnormal: the sensor is faulty.
  public var abnormalCount: Int
  /// How many values the vehicle marked invalid: there is none.
  public var invalidCount: Int
  /// How many values lie outside the range of the protocol; they are kept.
  public var outOfRangeCount: Int

  /// States a series.
  public init(
    key: SignalKey, times: [Int64] = [], values: [Double] = [], abnormalCount: Int = 0,
    invalidCount: Int = 0, outOfRangeCount: Int = 0
  ) {
    self.key = key
    self.times = times
    self.values = values
    self.abnormalCount = abnormalCount
    self.invalidCount = invalidCount
    self.outOfRangeCount = outOfRangeCount
  }

  /// Least, greatest and mean value of each stretch of time that has one.
  ///
  /// - Parameter width: Length of a bucket in seconds; positive. Buckets begin at its multiples.
  /// - Returns: Buckets in the order of time; those without a value are left out.
  /// - Complexity: O(n).
  public func buckets(width: Int64) -> [SignalBucket] {
    precondition(width > 0, "a bucket needs a width")
    var buckets: [SignalBucket] = []
    for (time, value) in zip(times, values) where !value.isNaN {
      let rest = time % width
      let start = time - (rest < 0 ? rest + width : rest)
      if buckets.last?.start == start {
        buckets[buckets.count - 1].add(value)
      } else {
        buckets.append(SignalBucket(start: start, value: value))
      }
    }
    return buckets
  }
}

/// A stretch of a signal in four numbers.
public struct SignalBucket: Hashable, Sendable, Codable {
  /// First second of the bucket since the Unix epoch.
  public var start: Int64
  /// Number of values.
  public var count: Int
  /// Least value.
  public var minimum: Double
  /// Greatest value.
  public var maximum: Double
  /// Arithmetic mean.
  public var mean: Double

  init(start: Int64, value: Double) {
    self.start = start
    count = 1
    minimum = value
    maximum = value
    mean = value
  }

  mutating func add(_ value: Double) {
    count += 1
    minimum = min(minimum, value)
    maximum = max(maximum, value)
    mean += (value - mean) / Double(count)
  }
}

/// Gathers a series piece by piece and puts it in the order of time at the end.
struct SeriesBuilder {
  let key: SignalKey
  private var times: [Int64] = []
  private var values: [Double] = []
  private var counts = (abnormal: 0, invalid: 0, outOfRange: 0)
  private var isSorted = true

  init(_ key: SignalKey) { self.key = key }

  mutating func add(times added: [Int64], raw: [Int64], _ scale: SignalScale) {
    if times.isEmpty {
      times.reserveCapacity(added.count)
      values.reserveCapacity(added.count)
    }
    var last = times.last ?? .min
    for time in added {
      if time < last { isSorted = false }
      last = time
    }
    times += added
    switch scale {
    case .field(let kind):
      let definition = kind.definition
      for number in raw {
        append(definition.reading(of: UInt32(truncatingIfNeeded: number)))
      }
    case .code, .flags:
      for number in raw { append(scale.reading(of: number)) }
    }
  }

  /// Adds what another builder gathered behind this one.
  mutating func add(_ other: SeriesBuilder) {
    guard let first = other.times.first else { return }
    isSorted = isSorted && other.isSorted && (times.last ?? .min) <= first
    times += other.times
    values += other.values
    counts.abnormal += other.counts.abnormal
    counts.invalid += other.counts.invalid
    counts.outOfRange += other.counts.outOfRange
  }

  private mutating func append(_ reading: Reading) {
    switch reading {
    case .valid(let value): values.append(value)
    case .outOfRange(let value):
      values.append(value)
      counts.outOfRange += 1
    case .abnormal:
      values.append(.nan)
      counts.abnormal += 1
    case .invalid:
      values.append(.nan)
      counts.invalid += 1
    }
  }

  func series() -> SignalSeries {
    var series = SignalSeries(
      key: key, times: times, values: values, abnormalCount: counts.abnormal,
      invalidCount: counts.invalid, outOfRangeCount: counts.outOfRange)
    if !isSorted {
      // Equal times keep the order of commits.
      let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
      series.times = order.map { times[$0] }
      series.values = order.map { values[$0] }
    }
    return series
  }
}
