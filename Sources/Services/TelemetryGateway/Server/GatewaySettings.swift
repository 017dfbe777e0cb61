// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where the gateway listens and what one connection may cost.

/// Where the gateway listens and what one connection may cost.
public struct GatewaySettings: Hashable, Sendable {
  /// Address to listen on.
  public var host: String
  /// Port to listen on; 0 lets the system choose.
  public var port: Int
  /// Longest data unit accepted, in bytes.
  public var maximumUnitLength: Int
  /// How long an incomplete frame may wait for its rest.
  public var frameTimeout: Duration
  /// How long a connection may stay without a login.
  public var loginTimeout: Duration
  /// How long a logged-in connection may say nothing.
  public var idleTimeout: Duration
  /// Connections held at one time; further ones are closed at once.
  public var maximumConnections: Int

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - host: Address; by default this machine alone.
  ///   - port: Port; 32960 by default.
  ///   - maximumUnitLength: Bytes of a data unit.
  ///   - frameTimeout: Wait for the rest of a frame.
  ///   - loginTimeout: Wait for a login.
  ///   - idleTimeout: Silence of a logged-in vehicle.
  ///   - maximumConnections: Open connections.
  public init(
    host: String = "127.0.0.1", port: Int = 32_960, maximumUnitLength: Int = 16_384,
    frameTimeout: Duration = .seconds(30), loginTimeout: Duration = .seconds(30),
    idleTimeout: Duration = .seconds(600), maximumConnections: Int = 10_000
  ) {
    self.host = host
    self.port = port
    self.maximumUnitLength = maximumUnitLength
    self.frameTimeout = frameTimeout
    self.loginTimeout = loginTimeout
    self.idleTimeout = idleTimeout
    self.maximumConnections = max(1, maximumConnections)
  }
}
