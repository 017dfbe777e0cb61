// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How many bytes may wait for the store, so that none waits long.

/// How many bytes may wait for the store, so that none of them waits long: what it has lately taken in
/// ``delay``.
///
/// By Little's law the mean wait is what waits over the throughput. A limit in bytes alone is a long
/// wait when the store is slow and a short one when it is fast; so the throughput is measured. No
/// I/O; time is whatever the caller counts, in seconds.
package struct PaceLimit: Hashable, Sendable {
  /// The mean wait that is aimed at, in seconds.
  package static let delay = 0.12
  /// Least bytes that may wait, so that a commit is worth its flush also on a disk that flushes slowly.
  package static let least = 1 << 20

  /// Most bytes that may wait, whatever the throughput.
  package let most: Int
  /// Bytes a second that the store takes, over the last commits; nil before the first.
  package private(set) var throughput: Double?
  private var parcel = 1_024.0
  private var lastEnd = -Double.infinity

  /// Creates a limit.
  ///
  /// - Parameter most: Bytes that may wait at all; at least 1.
  package init(most: Int) { self.most = max(1, most) }

  /// Bytes that may wait now.
  package var limit: Int {
    let fitting = (throughput ?? 0) * Self.delay
    return min(most, max(Self.least, Int(min(fitting, 1e15))))
  }

  /// Bytes came in together from one connection.
  package mutating func submitted(_ bytes: Int) {
    parcel += (Double(bytes) - parcel) / 64
  }

  /// How many connections may be asked for more while some bytes wait.
  package func parcels(besides bytes: Int) -> Int {
    guard bytes < limit else { return 0 }
    return max(1, Int(Double(limit - bytes) / max(parcel, 1)))
  }

  /// The store has taken bytes in a call.
  ///
  /// - Parameters:
  ///   - bytes: How many.
  ///   - began: When the call began; calls may overlap.
  ///   - ended: When it ended.
  package mutating func stored(_ bytes: Int, from began: Double, to ended: Double) {
    // Time that two calls share counts once.
    let spent = max(ended - max(began, lastEnd), 1e-4)
    lastEnd = max(lastEnd, ended)
    let now = Double(bytes) / spent
    guard let before = throughput else {
      throughput = now
      return
    }
    // Weighted by time, over about a quarter of a second: one slow commit must not close the door.
    let weight = min(1, spent / 0.25)
    throughput = before + (now - before) * max(weight, 0.05)
  }
}
