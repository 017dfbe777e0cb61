// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Wake-ups and the budget of quiescent current.

/// Wake-ups and the budget of quiescent current.
public struct SleepSettings<Real: CoreReal>: ConfigurationPart, BitwiseCopyable {
  /// Mean current the electronics may draw while parked, in amperes.
  public var budget: Real = 0.0002
  /// Current while asleep, with the comparators of the front end running, in amperes.
  public var asleep: Real = 0.00005
  /// Current while awake, in amperes.
  public var awake: Real = 0.1
  /// Time awake for one look at the cells, in milliseconds.
  public var lookMilliseconds: UInt32 = 500
  /// Shortest time between two looks, in seconds; also the one while something is suspicious.
  public var shortestSeconds: UInt32 = 60
  /// Longest time between two looks, in seconds.
  public var longestSeconds: UInt32 = 3600

  /// The defaults.
  public init() {}

  /// Shows every field.
  public mutating func visit<V: ConfigurationVisitor>(_ visitor: inout V) {
    visitor.number(
      &budget, "budget", unit: "A", in: 0...10, "mean current while parked")
    visitor.number(&asleep, "asleep", unit: "A", in: 0...10, "current while asleep")
    visitor.number(&awake, "awake", unit: "A", in: 0...100, "current while awake")
    visitor.integer(
      &lookMilliseconds, "look_milliseconds", in: 1...60_000, "time awake for one look")
    visitor.integer(
      &shortestSeconds, "shortest_seconds", in: 1...1_000_000, "shortest time between two looks")
    visitor.integer(
      &longestSeconds, "longest_seconds", in: 1...1_000_000, "longest time between two looks")
  }

  /// The shortest time is not above the longest.
  public func inconsistency() -> ConfigurationRule? {
    shortestSeconds <= longestSeconds ? nil : .boundsOutOfOrder
  }
}
