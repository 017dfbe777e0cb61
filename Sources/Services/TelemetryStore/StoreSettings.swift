// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How the store groups commits and how much may wait for one.

/// How the store groups commits and how much may wait for one.
public struct StoreSettings: Hashable, Sendable {
  /// A commit starts as soon as this many frames wait.
  public var commitCount: Int
  /// A commit starts at the latest this long after its first frame arrived; zero commits at once.
  public var commitDelay: Duration
  /// Callers of `append` wait while this many frames are pending; bounds the memory.
  public var pendingLimit: Int
  /// Number of concurrent reading connections.
  public var readerCount: Int

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - commitCount: Frames that trigger a commit; at least 1.
  ///   - commitDelay: Longest wait for company.
  ///   - pendingLimit: Frames that may wait; at least `commitCount`.
  ///   - readerCount: Concurrent readers; at least 1.
  public init(
    commitCount: Int = 1_000, commitDelay: Duration = .milliseconds(2),
    pendingLimit: Int = 20_000, readerCount: Int = 4
  ) {
    self.commitCount = max(1, commitCount)
    self.commitDelay = commitDelay
    self.pendingLimit = max(self.commitCount, pendingLimit)
    self.readerCount = max(1, readerCount)
  }
}
