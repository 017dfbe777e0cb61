// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How much may pass in how much time: a token bucket that gives credit.

/// How much may pass in how much time: a token bucket.
///
/// Tokens may be taken on credit: what has arrived is never thrown away, but whoever is in debt
/// waits before more is read. Time is whatever the caller counts, in seconds.
public struct TokenBucket: Hashable, Sendable {
  /// Tokens that come back each second.
  public let rate: Double
  /// Most tokens that can be saved up.
  public let burst: Double
  private var level: Double
  private var last: Double

  /// Creates a full bucket.
  ///
  /// - Parameters:
  ///   - rate: Tokens a second; positive.
  ///   - burst: Size of the bucket; at least 1.
  ///   - time: Now, in seconds.
  public init(rate: Double, burst: Double, at time: Double) {
    self.rate = max(rate, .leastNormalMagnitude)
    self.burst = max(1, burst)
    level = self.burst
    last = time
  }

  /// Takes tokens, on credit if need be.
  ///
  /// - Parameters:
  ///   - count: How many.
  ///   - time: Now; a time before the last call counts as that one.
  /// - Returns: Seconds until the bucket is out of debt; 0 when it is not in debt.
  public mutating func take(_ count: Double, at time: Double) -> Double {
    refill(at: time)
    level -= count
    return level >= 0 ? 0 : -level / rate
  }

  /// Gives back what was taken in vain.
  public mutating func giveBack(_ count: Double) { level = min(burst, level + count) }

  private mutating func refill(at time: Double) {
    if time > last {
      level = min(burst, level + (time - last) * rate)
      last = time
    }
  }
}
