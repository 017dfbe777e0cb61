// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where an MQTT broker is, how to log in, what to listen to.

public import TelemetryCodec

/// Where an MQTT broker is, how to log in, what to listen to.
public struct MQTTSettings: Sendable {
  /// How the broker proves who it is, and the client too.
  public struct Security: Sendable {
    /// File with the authorities to trust, PEM; nil for those of the system.
    public var authorities: String?
    /// File with the client's certificate chain, PEM; nil for none.
    public var certificate: String?
    /// File with the client's private key, PEM; nil for none.
    public var key: String?

    /// Creates settings of TLS.
    public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
      self.authorities = authorities
      self.certificate = certificate
      self.key = key
    }
  }

  /// Name or address of the broker.
  public var host: String
  /// Port; 1883 plain and 8883 with TLS are the registered ones.
  public var port: Int
  /// TLS; nil for a plain connection.
  public var security: Security?
  /// Version of the protocol.
  public var version = MQTTVersion.v5
  /// Name of the client. The broker keeps what was missed under this name.
  public var client: String
  /// User name; nil for none.
  public var user: String?
  /// Password; never printed.
  public var password: [UInt8]?
  /// Topics to listen to, with `+` and `#`.
  public var filters: [String]
  /// Delivery asked for: 0, 1 or 2.
  public var quality: UInt8 = 1
  /// Whether the broker shall forget what was missed while away.
  public var isClean = false
  /// Longest silence before a sign of life, in seconds.
  public var keepAlive: UInt16 = 30
  /// Messages that may be on their way without acknowledgement; MQTT 5 tells it to the broker.
  public var inFlight: UInt16 = 64
  /// Longest packet taken, in bytes; MQTT 5 tells it to the broker, which leaves out longer ones.
  public var longestPacket = 1 << 20
  /// Longest wait for the connection and for the broker's first answers.
  public var timeout = Duration.seconds(10)
  /// Pause before the first attempt to come back; doubled each time up to ``longestPause``.
  public var firstPause = Duration.milliseconds(500)
  /// Longest pause between attempts.
  public var longestPause = Duration.seconds(30)

  /// Creates settings.
  public init(
    host: String, port: Int, security: Security? = nil, client: String, filters: [String]
  ) {
    self.host = host
    self.port = port
    self.security = security
    self.client = client
    self.filters = filters
  }
}
