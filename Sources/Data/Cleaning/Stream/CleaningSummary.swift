// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What cleaning changed, counted by rule and quantity, with examples of the raw values.

public import BatteryDomain

/// What cleaning changed: nothing is changed that is not counted here.
public struct CleaningSummary: Codable, Hashable, Sendable {
  /// How often a rule applied to a quantity, or to whole rows.
  public struct Count: Codable, Hashable, Sendable {
    /// The rule.
    public var rule: CleaningRule
    /// The quantity; nil for rules about rows and for columns of no known quantity.
    public var quantity: QuantityKey?
    /// Number of samples, rows or gaps.
    public var count: Int
    /// Elements concerned with their counts, the most concerned first, at most eight; elements
    /// count from 0.
    public var elements: [ElementCount]

    /// Whether one count comes before another: the most frequent first, then by name.
    static func leads(_ lhs: Count, _ rhs: Count) -> Bool {
      let left = (rhs.count, lhs.rule.rawValue, lhs.quantity?.rawValue ?? "")
      let right = (lhs.count, rhs.rule.rawValue, rhs.quantity?.rawValue ?? "")
      return left < right
    }
  }

  /// How often a rule applied to one cell or probe.
  public struct ElementCount: Codable, Hashable, Sendable {
    /// Position from 0.
    public var element: Int
    /// Number of samples.
    public var count: Int
  }

  /// One application of a rule with the raw value.
  public struct Example: Codable, Hashable, Sendable {
    /// The rule.
    public var rule: CleaningRule
    /// The quantity; nil for rules about rows.
    public var quantity: QuantityKey?
    /// Position from 0 in a per-cell or per-probe quantity.
    public var element: Int
    /// Row in the stream, counted from 0.
    public var row: Int
    /// Time of the row where it has one.
    public var time: Double?
    /// Raw value in SI where it is a number.
    public var rawValue: Double?
    /// Raw value as the source wrote it, before units and sign were normalised.
    public var sourceValue: Double?
    /// Value used instead, where there is one.
    public var usedValue: Double?
    /// What the rule went by, for example the source of a sentinel.
    public var note: String
  }

  /// An interval without rows.
  public struct Gap: Codable, Hashable, Sendable {
    /// Time of the last row before, in seconds.
    public var start: Double
    /// Time of the first row after, in seconds.
    public var end: Double
    /// Length in seconds.
    public var length: Double { end - start }
  }

  /// A channel that was good and then gave nothing usable for a long run of rows.
  ///
  /// A dead sense wire and a dead cell look alike here, so this is never only a matter of
  /// cleaning: analyses turn it into a finding.
  public struct Loss: Codable, Hashable, Sendable {
    /// The quantity.
    public var quantity: QuantityKey
    /// Position from 0.
    public var element: Int
    /// Length of the longest run in rows.
    public var rows: Int
    /// Time at which the run began.
    public var since: Double
    /// Last good value before the run, in SI.
    public var lastGood: Double
    /// Whether the run still lasted at the end of the data.
    public var lasts: Bool

    /// Whether one loss comes before another: the longest first, then by place.
    static func leads(_ lhs: Loss, _ rhs: Loss) -> Bool {
      let left = (rhs.rows, lhs.quantity.rawValue, lhs.element)
      let right = (lhs.rows, rhs.quantity.rawValue, rhs.element)
      return left < right
    }
  }

  /// Rows read, rejected ones included.
  public var rows = 0
  /// Rows to skip.
  public var rejectedRows = 0
  /// Samples checked: rows that were not rejected times columns of a known quantity.
  public var samples = 0
  /// Samples set aside.
  public var samplesSetAside = 0
  /// Counts by rule and quantity, the largest first.
  public var counts: [Count] = []
  /// Examples with their raw values, in order of appearance.
  public var examples: [Example] = []
  /// Number of gaps.
  public var gapCount = 0
  /// Seconds in gaps.
  public var gapTime = 0.0
  /// The longest gaps, the longest first, at most sixteen.
  public var longestGaps: [Gap] = []
  /// Usual interval between rows in seconds, within 10 %; nil before it is known.
  public var usualInterval: Double?
  /// Channels that were lost for long, the longest first.
  public var losses: [Loss] = []

  /// An empty summary.
  public init() {}

  /// The count of a rule, over all quantities or for one.
  public func count(of rule: CleaningRule, quantity: QuantityKey? = nil) -> Int {
    counts.filter { $0.rule == rule && (quantity == nil || $0.quantity == quantity) }
      .reduce(0) { $0 + $1.count }
  }

  /// Adds the summary of another part of the same source.
  ///
  /// Counts and gaps add up; examples and gap lists keep their limits.
  public mutating func merge(_ other: CleaningSummary) {
    rows += other.rows
    rejectedRows += other.rejectedRows
    samples += other.samples
    samplesSetAside += other.samplesSetAside
    for count in other.counts {
      if let index = counts.firstIndex(where: {
        $0.rule == count.rule && $0.quantity == count.quantity
      }) {
        counts[index].count += count.count
        counts[index].elements = Self.merged(counts[index].elements, count.elements)
      } else {
        counts.append(count)
      }
    }
    counts.sort(by: Count.leads)
    for example in other.examples
    where examples.filter({ $0.rule == example.rule && $0.quantity == example.quantity }).count
      < 3
    {
      examples.append(example)
    }
    gapCount += other.gapCount
    gapTime += other.gapTime
    longestGaps = Array(
      (longestGaps + other.longestGaps).sorted { $0.length > $1.length }.prefix(16))
    usualInterval = usualInterval ?? other.usualInterval
    losses = (losses + other.losses).sorted(by: Loss.leads)
  }

  private static func merged(_ a: [ElementCount], _ b: [ElementCount]) -> [ElementCount] {
    var totals: [Int: Int] = [:]
    for item in a + b { totals[item.element, default: 0] += item.count }
    let sorted = totals.map { ElementCount(element: $0.key, count: $0.value) }
      .sorted { ($1.count, $0.element) < ($0.count, $1.element) }
    return Array(sorted.prefix(8))
  }
}
