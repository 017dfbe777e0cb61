// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// An upstream platform: where it is, how to log in, what it gets.

/// An upstream platform: where it is, how to log in, what it gets.
public struct ForwardSettings: Hashable, Sendable, CustomStringConvertible {
  /// Name for logs, metrics and the cursor file: letters, digits, `-` and `_`.
  public var name: String
  /// Address.
  public var host: String
  /// Port.
  public var port: Int
  /// Certificates for TLS; nil for plain TCP.
  public var tls: TLSClient?
  /// The unique id that the login states: 1 to 17 visible ASCII characters.
  public var identity: String
  /// User name, at most 12 characters.
  public var user: String
  /// Password, at most 20 characters; never logged.
  public var password: String
  /// Vehicles whose frames are forwarded.
  public var vehicles: [VehiclePattern]
  /// Frames under way before answers are awaited.
  public var window: Int
  /// A live report older than this, in seconds, is forwarded as a reissued one.
  public var reissueAfter: Double
  /// Longest wait for answers.
  public var answerTimeout: Duration
  /// Pause before the second attempt to connect; doubles from then on.
  public var firstPause: Duration
  /// Longest pause between attempts.
  public var longestPause: Duration

  /// Creates settings; what is not named has the usual value.
  public init(
    name: String, host: String, port: Int, tls: TLSClient? = nil, identity: String, user: String,
    password: String, vehicles: [VehiclePattern]
  ) {
    self.name = name
    self.host = host
    self.port = port
    self.tls = tls
    self.identity = identity
    self.user = user
    self.password = password
    self.vehicles = vehicles
    window = 512
    reissueAfter = 60
    answerTimeout = .seconds(60)
    // GB/T 32960: after a failed login wait a minute.
    firstPause = .seconds(1)
    longestPause = .seconds(60)
  }

  /// Name, address and user; not the password.
  public var description: String { "\(name) \(user)@\(host):\(port)" }
}
