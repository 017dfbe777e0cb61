// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where the gateway listens, what one connection may cost, and who may log in.

/// Where the gateway listens, what one connection may cost, and who may log in.
public struct GatewaySettings: Sendable {
  /// What happens when a vehicle logs in that is online already.
  public enum SecondLogin: String, CaseIterable, Hashable, Sendable {
    /// The newest login wins: a vehicle comes back long before its dead connection is noticed.
    case replace
    /// The second login is answered with *VIN duplicate* (03).
    case refuse
  }

  /// Address to listen on.
  public var host: String
  /// Port for plain TCP; 0 lets the system choose, nil listens to TLS alone.
  public var port: Int?
  /// Port and certificates for TLS; nil for none.
  public var tls: TLSListener?
  /// Longest data unit accepted, in bytes.
  public var maximumUnitLength: Int
  /// How long an incomplete frame may wait for its rest.
  public var frameTimeout: Duration
  /// How long a connection may stay without a login.
  public var loginTimeout: Duration
  /// How long a logged-in connection may say nothing.
  public var idleTimeout: Duration
  /// How long a peer may leave its answers unread.
  public var writeTimeout: Duration
  /// How long open connections may take to end at a shutdown.
  public var drainTimeout: Duration
  /// Bytes without a frame after which a connection is closed.
  public var noiseLimit: Int
  /// Which connections are let in, and when.
  public var admission: Admission.Limits
  /// Frames a second of one connection, beyond which it is read more slowly.
  public var framesPerSecond: Double
  /// Frames that one connection may send at once after a quiet time.
  public var frameBurst: Double
  /// Frames a second of all connections, beyond which all are read more slowly.
  public var totalFramesPerSecond: Double
  /// Bytes of frames that may wait for the store before connections stop reading.
  public var pendingBytes: Int
  /// What happens when a vehicle logs in that is online already.
  public var secondLogin: SecondLogin
  /// Who may log in.
  public var access: AccessRegistry

  /// Creates settings; what is not named has the usual value.
  ///
  /// - Parameters:
  ///   - host: Address; by default this machine alone.
  ///   - port: Port for plain TCP; 32960 by default.
  ///   - tls: Port and certificates for TLS.
  ///   - access: Who may log in; by default every vehicle, in plain text.
  public init(
    host: String = "127.0.0.1", port: Int? = 32_960, tls: TLSListener? = nil,
    access: AccessRegistry = .open
  ) {
    self.host = host
    self.port = port
    self.tls = tls
    maximumUnitLength = 16_384
    frameTimeout = .seconds(30)
    loginTimeout = .seconds(30)
    idleTimeout = .seconds(600)
    writeTimeout = .seconds(30)
    drainTimeout = .seconds(10)
    noiseLimit = 65_536
    admission = Admission.Limits()
    framesPerSecond = 20_000
    frameBurst = 50_000
    totalFramesPerSecond = 1_000_000
    pendingBytes = 64 << 20
    secondLogin = .replace
    self.access = access
  }
}
