// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How far a vehicle's clock is off, from live reports alone.

/// How far a vehicle's clock is behind ours: the median of receive time minus sample time over the
/// last live reports.
///
/// The median stands up to single late reports; reissued and repeated ones must not be added.
public struct ClockOffset: Hashable, Sendable {
  /// Reports that the median is taken over.
  public static let window = 15
  /// Seconds off from which a warning is due (GB/T 32960 practice).
  public static let warning = 30.0
  /// Seconds off from which it counts as an error.
  public static let error = 180.0

  private var offsets: [Double] = []
  private var next = 0

  /// Creates an estimate without reports.
  public init() {}

  /// Adds a live report.
  ///
  /// - Parameters:
  ///   - sample: When the vehicle took the data, Unix seconds.
  ///   - received: When it arrived, Unix seconds.
  /// - Complexity: O(1).
  public mutating func add(sample: Double, received: Double) {
    if offsets.count < Self.window {
      offsets.append(received - sample)
    } else {
      offsets[next] = received - sample
      next = (next + 1) % Self.window
    }
  }

  /// Seconds that the vehicle's clock is behind ours, transit included; nil without a report.
  ///
  /// - Complexity: O(n log n) in the window.
  public var seconds: Double? {
    if offsets.isEmpty { return nil }
    let sorted = offsets.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}
