// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A client's connection, over TCP or TLS.

import NIOCore
import NIOPosix
import NIOSSL
import TelemetryCodec

/// A client's connection to a gateway, over TCP or TLS.
enum LinkConnection {
  typealias Connection = NIOAsyncChannel<[Frame], ByteBuffer>

  /// Connects.
  ///
  /// - Throws: ``GatewayError/badCertificate(file:reason:)``, or an error for which
  ///   ``isLoss(_:)`` holds.
  static func open(
    host: String, port: Int, tls: TLSClient?, timeout: TimeAmount
  ) async throws -> Connection {
    let security = try tls?.context()
    // Names alone can be checked against a certificate; an address needs its name stated.
    let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
    let name = tls?.serverName ?? (isAddress ? nil : host)
    return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(timeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connect(host: host, port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let security {
            try pipeline.addHandler(
              NIOSSLClientHandler(context: security, serverHostname: name))
          }
          // Answers are short; only parameters of a terminal are longer, and come elsewhere.
          try pipeline.addHandler(
            FrameCutter(
              maximumUnitLength: 256, limits: .init(frame: nil, firstFrame: nil, silence: nil),
              metrics: nil))
          return try Connection(wrappingChannelSynchronously: channel)
        }
      }
  }

  /// Whether an error means that the connection is gone, so that another may be tried.
  static func isLoss(_ error: any Error) -> Bool {
    error is IOError || error is ChannelError || error is NIOConnectionError
      || error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError
  }
}
