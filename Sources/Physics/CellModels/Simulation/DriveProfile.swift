// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A current or power over time that a cell follows.

/// A current or power over time that a cell follows, such as a drive cycle.
///
/// Between its points the profile is a straight line; two points at one time are a jump. The
/// charge of a current profile is therefore the trapezoidal sum of its points, exactly.
public struct DriveProfile: Hashable, Sendable {
  /// What the values are.
  public enum Kind: String, Hashable, Sendable {
    /// Currents in amperes; discharge is positive.
    case current
    /// Powers in watts; discharge is positive.
    case power
  }

  /// What the values are.
  public let kind: Kind
  /// Times since the start, in seconds: from 0, never falling.
  public let times: [Double]
  /// Currents or powers, as many as times.
  public let values: [Double]

  /// Creates a profile.
  ///
  /// - Parameters:
  ///   - kind: What the values are.
  ///   - times: In seconds, finite, never falling, at least two; shifted to start at 0.
  ///   - values: In amperes or watts, discharge positive; finite.
  /// - Throws: ``DriveProfileError`` naming the first point that is wrong.
  public init(kind: Kind, times: [Double], values: [Double]) throws(DriveProfileError) {
    guard times.count == values.count, times.count >= 2 else {
      throw DriveProfileError(point: nil, reason: "has fewer than two rows")
    }
    for (index, (time, value)) in zip(times, values).enumerated() {
      guard time.isFinite, value.isFinite else {
        throw DriveProfileError(point: index + 1, reason: "has a value that is not a number")
      }
      guard index == 0 || time >= times[index - 1] else {
        throw DriveProfileError(
          point: index + 1, reason: "has time \(time) s before the \(times[index - 1]) s above it")
      }
    }
    guard times[times.count - 1] > times[0] else {
      throw DriveProfileError(point: nil, reason: "lasts no time")
    }
    self.kind = kind
    self.times = times.map { $0 - times[0] }
    self.values = values
  }

  private init(kind: Kind, trusted times: [Double], _ values: [Double]) {
    self.kind = kind
    self.times = times
    self.values = values
  }

  /// Length, in seconds.
  public var duration: Double { times[times.count - 1] }

  /// The integral: coulombs of a current profile, joules of a power profile; discharge positive.
  public var integral: Double {
    var sum = 0.0
    for index in 1..<times.count {
      sum += 0.5 * (values[index] + values[index - 1]) * (times[index] - times[index - 1])
    }
    return sum
  }

  /// The profile with every value multiplied; a negative factor swaps charge and discharge.
  public func scaled(by factor: Double) -> DriveProfile {
    DriveProfile(kind: kind, trusted: times, values.map { $0 * factor })
  }

  /// A straight part of a profile.
  struct Part: Hashable, Sendable {
    /// Start, in seconds since the start of the profile.
    var start: Double
    /// Length, in seconds; above 0.
    var length: Double
    /// Values at both ends.
    var first: Double
    var last: Double
  }

  /// The straight parts in order, those on one line joined.
  ///
  /// - Parameter end: Where to stop, in seconds; the end of the profile when nil.
  /// - Returns: Parts that join without a gap in time.
  func parts(until end: Double?) -> [Part] {
    var parts: [Part] = []
    let stop = min(end ?? duration, duration)
    for index in 1..<times.count where times[index] > times[index - 1] {
      let start = times[index - 1]
      guard start < stop else { break }
      let full = times[index] - start
      let length = min(full, stop - start)
      let last = values[index - 1] + (values[index] - values[index - 1]) * length / full
      let part = Part(start: start, length: length, first: values[index - 1], last: last)
      if let before = parts.last, before.first == before.last, part.first == part.last,
        before.last == part.first
      {
        parts[parts.count - 1].length += length
      } else {
        parts.append(part)
      }
    }
    return parts
  }
}

/// What is wrong with a profile.
public struct DriveProfileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The point, from 1; in a file the line of data; nil where it is about the whole.
  public let point: Int?
  /// What is wrong.
  public let reason: String

  /// Creates an error.
  public init(point: Int?, reason: String) {
    self.point = point
    self.reason = reason
  }

  /// One line that names the place.
  public var description: String {
    (point.map { "drive cycle, point \($0): " } ?? "drive cycle: ") + reason
  }
}
