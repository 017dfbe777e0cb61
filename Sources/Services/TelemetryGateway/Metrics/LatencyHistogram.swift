// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How long frames take from socket to disk, in fixed steps.

/// How long frames take, in the fixed steps of a Prometheus histogram.
public struct LatencyHistogram: Hashable, Sendable {
  /// Upper ends of the steps, in seconds; a last step has no end.
  public static let bounds = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.5, 1, 2.5, 5, 10,
  ]
  /// Observations in each step, the last one open.
  public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
  /// Sum of all observations, in seconds.
  public private(set) var sum = 0.0

  /// Creates an empty histogram.
  public init() {}

  /// Number of observations.
  public var count: Int { counts.reduce(0, +) }

  /// Adds observations of one duration.
  ///
  /// - Parameters:
  ///   - seconds: The duration.
  ///   - weight: How many frames it holds for.
  public mutating func add(_ seconds: Double, weight: Int) {
    let step = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    counts[step] += weight
    sum += seconds * Double(weight)
  }

  /// Upper end of the step in which a share of the observations is reached: a bound, not an
  /// estimate; nil without observations, infinite in the open step.
  public func bound(of share: Double) -> Double? {
    let total = count
    guard total > 0 else { return nil }
    var seen = 0
    for (step, value) in counts.enumerated() {
      seen += value
      if Double(seen) >= share * Double(total) {
        return step < Self.bounds.count ? Self.bounds[step] : .infinity
      }
    }
    return .infinity
  }

  /// The histogram in the text format of Prometheus.
  ///
  /// - Parameters:
  ///   - name: Name of the metric, ending in its unit.
  ///   - help: What it measures.
  /// - Returns: Lines with a newline each.
  public func prometheusText(name: String, help: String) -> String {
    var text = "# HELP \(name) \(help)\n# TYPE \(name) histogram\n"
    var seen = 0
    for (bound, count) in zip(Self.bounds, counts) {
      seen += count
      text += "\(name)_bucket{le=\"\(bound)\"} \(seen)\n"
    }
    text += "\(name)_bucket{le=\"+Inf\"} \(count)\n\(name)_sum \(sum)\n\(name)_count \(count)\n"
    return text
  }
}
