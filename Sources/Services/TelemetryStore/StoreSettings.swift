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

  /// A log segment is closed when it has this many bytes.
  public var segmentBytes: Int
  /// This many closed segments are sealed into column blocks together; more give longer blocks.
  public var segmentsPerSeal: Int
  /// Frames that a full block holds.
  public var rowsPerBlock: Int
  /// With so many closed segments in the log, commits wait for the sealing under way.
  package var mostSegments = 8
  /// Most bytes of frames in a block.
  package var bytesPerBlock = 8 << 20

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - commitCount: Frames that trigger a commit; at least 1.
  ///   - commitDelay: Longest wait for company.
  ///   - pendingLimit: Frames that may wait; at least `commitCount`.
  ///   - readerCount: Concurrent readers; at least 1.
  ///   - segmentBytes: Length of a log segment; at least 4,096.
  ///   - segmentsPerSeal: Closed segments that start sealing; at least 1.
  ///   - rowsPerBlock: Frames of a full block, 16 to 65,536.
  public init(
    commitCount: Int = 1_000, commitDelay: Duration = .milliseconds(2),
    pendingLimit: Int = 20_000, readerCount: Int = 4, segmentBytes: Int = 32 << 20,
    segmentsPerSeal: Int = 4, rowsPerBlock: Int = 4_096
  ) {
    self.commitCount = max(1, commitCount)
    self.commitDelay = commitDelay
    self.pendingLimit = max(self.commitCount, pendingLimit)
    self.readerCount = max(1, readerCount)
    self.segmentBytes = max(4_096, segmentBytes)
    self.segmentsPerSeal = max(1, segmentsPerSeal)
    self.rowsPerBlock = min(max(16, rowsPerBlock), 1 << 16)
  }
}
