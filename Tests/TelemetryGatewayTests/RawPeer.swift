// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A peer that sends whatever bytes a test wants and reads what comes back.

import NIOCore
import NIOPosix
import NIOSSL
import TelemetryCodec
import Testing

/// A peer that sends whatever bytes a test wants and reads what comes back.
struct RawPeer {
  private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private var decoder = FrameDecoder()
  let channel: any Channel

  /// Connects, runs the body and hangs up.
  static func with<Result>(
    port: Int, tls: TLSConfiguration? = nil, serverName: String? = "localhost",
    _ body: (inout RawPeer) async throws -> Result
  ) async throws -> Result {
    let context = try tls.map { try NIOSSLContext(configuration: $0) }
    let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let context {
            try channel.pipeline.syncOperations.addHandler(
              NIOSSLClientHandler(context: context, serverHostname: serverName))
          }
          return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await connection.executeThenClose { inbound, outbound in
      var peer = RawPeer(
        inbound: inbound.makeAsyncIterator(), outbound: outbound, channel: connection.channel)
      return try await body(&peer)
    }
  }

  private init(
    inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
    outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, channel: any Channel
  ) {
    self.inbound = inbound
    self.outbound = outbound
    self.channel = channel
  }

  func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

  func send(_ frames: Frame...) async throws {
    try await send(try frames.flatMap { try $0.encoded() })
  }

  /// The next frame; nil when the gateway has hung up.
  mutating func next() async throws -> Frame? {
    while true {
      if let frame = decoder.next() { return frame }
      let more: ByteBuffer?
      do { more = try await inbound.next() } catch is IOError { return nil }
      guard let more else { return nil }
      decoder.append(more.readableBytesView)
    }
  }

  /// Sends a frame and waits for its answer.
  mutating func ask(_ frame: Frame) async throws -> Frame {
    try await send(frame)
    return try #require(try await next())
  }
}
