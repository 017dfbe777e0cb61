// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where a vehicle's link leads and how patient it is.

/// Where a vehicle's link leads and how patient it is.
public struct LinkSettings: Hashable, Sendable {
  /// Address of the gateway.
  public var host: String
  /// Port of the gateway.
  public var port: Int
  /// Certificates for TLS; nil for plain TCP.
  public var tls: TLSClient?
  /// Reports sent before the first answer has to come.
  public var window: Int
  /// How long answers may take before the link counts as lost.
  public var answerTimeout: Duration
  /// Attempts to connect, or to get one report accepted, before giving up.
  public var attempts: Int
  /// Pause before the second attempt; doubles from then on.
  public var firstPause: Duration
  /// Longest pause between attempts.
  public var longestPause: Duration

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - host: Address of the gateway.
  ///   - port: Port of the gateway.
  ///   - window: Reports under way; at least 1.
  ///   - answerTimeout: Longest wait for answers.
  ///   - attempts: Attempts before giving up; at least 1.
  ///   - firstPause: Pause before the second attempt.
  ///   - longestPause: Longest pause.
  ///   - tls: Certificates for TLS; nil for plain TCP.
  public init(
    host: String, port: Int, window: Int = 128, answerTimeout: Duration = .seconds(20),
    attempts: Int = 8, firstPause: Duration = .milliseconds(200),
    longestPause: Duration = .seconds(5), tls: TLSClient? = nil
  ) {
    self.tls = tls
    self.host = host
    self.port = port
    self.window = max(1, window)
    self.answerTimeout = answerTimeout
    self.attempts = max(1, attempts)
    self.firstPause = firstPause
    self.longestPause = longestPause
  }

  /// The pause before an attempt, counted from 1 for the second.
  func pause(before retry: Int) -> Duration {
    var pause = firstPause
    for _ in 1..<max(1, retry) where pause < longestPause { pause *= 2 }
    return min(pause, longestPause)
  }
}
