// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One value out of two paths.

/// Which of two disagreeing paths was found right when they parted.
@usableFromInline
enum Verdict: UInt8, Sendable, BitwiseCopyable {
  case none
  case primary
  case redundant
}

/// One value out of two redundant paths, with memory of which one left the other.
///
/// Two paths that part can be told apart only in the moment they part: the one that leaps is wrong,
/// the one that goes on as before is right. Paths that drift apart slowly cannot be told apart, and
/// the value is flagged.
@usableFromInline
struct Vote<Real: CoreReal>: Sendable, BitwiseCopyable {
  @usableFromInline var verdict = Verdict.none
  @usableFromInline var didAgree = false
  @usableFromInline var lastFirst: Real = .nan
  @usableFromInline var lastSecond: Real = .nan

  @inlinable
  init() {}

  /// The voted value.
  ///
  /// - Parameters:
  ///   - first: The primary path.
  ///   - second: The redundant path; its quality is missing where there is none.
  ///   - hasSecond: Whether the redundant path has ever delivered.
  ///   - limit: Greatest difference.
  ///   - change: By how much both paths should have moved since the last cycle, as their siblings
  ///     show; NaN where nothing shows it.
  ///   - truth: A value known from elsewhere, such as no current with open contactors; NaN for none.
  /// - Returns: The value to go on with, flagged where no path can be believed.
  @inlinable
  mutating func step(
    _ first: Measured<Real>, _ second: Measured<Real>, hasSecond: Bool, limit: Real, change: Real,
    truth: Real = .nan
  ) -> Measured<Real> {
    guard hasSecond else { return first }
    defer {
      lastFirst = first.value
      lastSecond = second.value
    }
    switch (first.isUsable, second.isUsable) {
    case (true, true): break
    case (true, false): return first
    case (false, true):
      return Measured(second.value, quality: second.quality.union(.substituted))
    case (false, false): return first
    }
    if (first.value - second.value).magnitude <= limit {
      verdict = .none
      didAgree = true
      return first
    }
    if truth.isFinite {
      let one = (first.value - truth).magnitude
      let other = (second.value - truth).magnitude
      verdict = one * 2 < other ? .primary : other * 2 < one ? .redundant : .none
    } else if didAgree {
      // NaN fails the comparisons, and then no one is found right.
      let one = (first.value - lastFirst - change).magnitude
      let other = (second.value - lastSecond - change).magnitude
      if one > limit / 2 && other <= limit / 4 {
        verdict = .redundant
      } else if other > limit / 2 && one <= limit / 4 {
        verdict = .primary
      }
    }
    didAgree = false
    switch verdict {
    case .primary: return first
    case .redundant:
      return Measured(second.value, quality: second.quality.union(.substituted))
    case .none: return Measured(first.value, quality: first.quality.union(.disagrees))
    }
  }
}
