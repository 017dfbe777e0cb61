// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// When a parked battery is looked at.

/// Timed looks at a parked battery: as often as the budget of quiescent current allows, more often
/// while something is suspicious, never rarer than the longest time.
///
/// Between looks the comparators of the front end watch; they wake the core at any time.
public struct SleepPlanner<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// Time until the next look, in seconds; 0 while awake.
  public var wakeAfterSeconds: UInt32 = 0
  @usableFromInline var lookedMilliseconds: UInt32 = 0

  /// Awake.
  @inlinable
  public init() {}

  /// Advances by one cycle.
  ///
  /// - Parameters:
  ///   - isAsleep: Whether the contactor machine sleeps.
  ///   - isSuspicious: Whether any level is active.
  ///   - milliseconds: Duration of the cycle; a long one is the sleep before this look.
  ///   - settings: The budget.
  @inlinable
  mutating func step(
    isAsleep: Bool, isSuspicious: Bool, milliseconds: UInt32, settings: SleepSettings<Real>
  ) {
    guard isAsleep else {
      wakeAfterSeconds = 0
      lookedMilliseconds = 0
      return
    }
    // A cycle longer than a look was sleep: a new look begins.
    let slept = milliseconds > settings.lookMilliseconds
    lookedMilliseconds = slept ? 0 : min(lookedMilliseconds &+ milliseconds, 1 << 20)
    guard lookedMilliseconds >= settings.lookMilliseconds else {
      wakeAfterSeconds = 0
      return
    }
    wakeAfterSeconds = isSuspicious ? settings.shortestSeconds : Self.period(settings)
  }

  /// Time between looks at which the mean current equals the budget, within its bounds.
  ///
  /// awake·look + asleep·period = budget·period.
  @inlinable
  public static func period(_ settings: SleepSettings<Real>) -> UInt32 {
    let spare = settings.budget - settings.asleep
    let shortest = Real(settings.shortestSeconds)
    let longest = Real(settings.longestSeconds)
    guard spare > 0 else { return settings.longestSeconds }
    let look = settings.awake * Real(settings.lookMilliseconds) / 1000
    return UInt32((look / spare).rounded(.up).clamped(shortest, longest))
  }
}
