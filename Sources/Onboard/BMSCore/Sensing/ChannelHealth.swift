// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How one measuring channel has behaved since the start.

/// How one measuring channel has behaved since the core started.
public struct ChannelHealth<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// Samples judged, saturating.
  public var samples: UInt32 = 0
  /// Samples with any flag, saturating.
  public var flagged: UInt32 = 0
  /// Times the channel went from good to flagged, saturating.
  public var episodes: UInt16 = 0
  /// Every flag seen so far.
  public var seen = Quality()
  /// Share of flagged samples, each new sample weighted one in a thousand, 0…1.
  public var flaggedShare: Real = 0

  /// A channel that has not been judged yet.
  @inlinable
  public init() {}

  /// Takes note of one judged sample.
  @inlinable
  mutating func note(_ quality: Quality, before: Quality) {
    if samples < .max { samples += 1 }
    let isFlagged = !quality.isEmpty
    flaggedShare += ((isFlagged ? 1 : 0) - flaggedShare) / 1000
    guard isFlagged else { return }
    if flagged < .max { flagged += 1 }
    if before.isEmpty && episodes < .max { episodes += 1 }
    seen.formUnion(quality)
  }
}
