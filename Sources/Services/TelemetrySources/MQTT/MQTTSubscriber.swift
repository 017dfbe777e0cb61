// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Listens to an MQTT broker: connects, comes back, acknowledges what was taken.

import Foundation
import NIOCore
import NIOPosix
import NIOSSL
public import TelemetryCodec

/// Listens to an MQTT broker.
///
/// A message is acknowledged after its receiver has returned: a receiver that makes it durable
/// loses nothing that the broker was told to forget. With quality 1 a message may come again
/// after a lost connection.
public struct MQTTSubscriber: Sendable {
  /// What becomes of the connection.
  public enum Event: Sendable {
    /// The broker sends from now on.
    case listening
    /// The connection was lost; the next attempt comes after a pause.
    case lost(SourceError, next: Duration)
  }

  typealias Socket = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  private let settings: MQTTSettings

  /// Creates a subscriber.
  public init(settings: MQTTSettings) { self.settings = settings }

  /// Listens until the task is cancelled or the broker refuses.
  ///
  /// - Parameters:
  ///   - event: Told what becomes of the connection.
  ///   - receiver: Takes each message; what it throws ends the listening, unacknowledged.
  /// - Throws: ``SourceError/refused(what:code:reason:)``, ``SourceError/badCredentials(file:reason:)``,
  ///   what the receiver throws, `CancellationError`.
  public func run(
    event: (Event) -> Void = { _ in }, receiver: (MQTTMessage) async throws -> Void
  ) async throws {
    let tls = try settings.security.map { try Self.context($0) }
    var session = MQTTSession(settings: settings)
    var pause = settings.firstPause
    while true {
      try Task.checkCancellation()
      var wasListening = false
      do {
        try await listen(&session, tls, receiver) {
          wasListening = true
          event(.listening)
        }
      } catch let error as SourceError {
        switch error {
        case .unreachable, .connectionLost, .silent: break
        default: throw error
        }
        try Task.checkCancellation()
        if wasListening { pause = settings.firstPause }
        event(.lost(error, next: pause))
        try await Task.sleep(for: pause)
        pause = min(pause * 2, settings.longestPause)
      }
    }
  }

  private func listen(
    _ session: inout MQTTSession, _ tls: NIOSSLContext?,
    _ receiver: (MQTTMessage) async throws -> Void, whenReady: () -> Void
  ) async throws {
    let cause = FirstFault()
    let socket = try await connect(tls, cause)
    let first = try Self.bytes(of: session.start(), settings.version)
    var decoder = MQTTDecoder(version: settings.version, limit: settings.longestPacket)
    let greeting = Deadline(channel: socket.channel, after: TimeAmount(settings.timeout))
    defer { greeting.cancel() }
    // A local copy, for the closure of the channel may not change what is passed in.
    var machine = session
    defer { session = machine }
    do {
      try await socket.executeThenClose { inbound, outbound in
        try await outbound.write(first)
        for try await buffer in inbound {
          decoder.append(buffer.readableBytesView)
          while let packet = try Self.next(&decoder) {
            for action in try machine.receive(packet) {
              switch action {
              case .send(let packet):
                try await outbound.write(try Self.bytes(of: packet, settings.version))
              case .deliver(let message, let token):
                try await receiver(message)
                if let packet = machine.acknowledged(token) {
                  try await outbound.write(try Self.bytes(of: packet, settings.version))
                }
              case .ready:
                greeting.cancel()
                whenReady()
              }
            }
          }
        }
      }
    } catch  where NetworkFault.isLoss(error) {
      // A write to a channel that TLS has closed says nothing of why it was closed.
      throw SourceError.connectionLost(NetworkFault.text(of: cause.error ?? error))
    }
    try Task.checkCancellation()
    guard !greeting.hasPassed else {
      throw SourceError.silent(
        what: "the login at the broker", seconds: Double(settings.timeout.components.seconds))
    }
    throw SourceError.connectionLost("the broker closed the connection")
  }

  private static func next(_ decoder: inout MQTTDecoder) throws(SourceError) -> MQTTPacket? {
    do throws(MQTTError) {
      return try decoder.next()
    } catch {
      throw .protocolViolation("MQTT packet: \(error)")
    }
  }

  private static func bytes(
    of packet: MQTTPacket, _ version: MQTTVersion
  ) throws(SourceError) -> ByteBuffer {
    do throws(MQTTError) {
      return ByteBuffer(bytes: try packet.encoded(for: version))
    } catch {
      throw .protocolViolation("a packet cannot be written: \(error)")
    }
  }

  private func connect(_ tls: NIOSSLContext?, _ cause: FirstFault) async throws -> Socket {
    let settings = settings
    do {
      return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connectTimeout(TimeAmount(settings.timeout))
        .connect(host: settings.host, port: settings.port) { channel in
          channel.eventLoop.makeCompletedFuture {
            if let tls {
              try channel.pipeline.syncOperations.addHandler(
                try Self.handler(tls, host: settings.host))
            }
            try channel.pipeline.syncOperations.addHandler(cause)
            if settings.keepAlive > 0 {
              let half = TimeAmount.milliseconds(Int64(settings.keepAlive) * 500)
              try channel.pipeline.syncOperations.addHandlers([
                IdleStateHandler(
                  readTimeout: half + half + half, writeTimeout: half),
                SignOfLife(),
              ])
            }
            return try Socket(wrappingChannelSynchronously: channel)
          }
        }
    } catch {
      throw SourceError.unreachable(
        host: settings.host, port: settings.port, reason: NetworkFault.text(of: error))
    }
  }

  private static func handler(
    _ tls: NIOSSLContext, host: String
  ) throws -> NIOSSLClientHandler {
    // An address has no name to send; its certificate is checked against the address itself.
    let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
    return try NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host)
  }

  private static func context(
    _ security: MQTTSettings.Security
  ) throws(SourceError) -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    func reading<Value>(_ file: String, _ read: () throws -> Value) throws(SourceError) -> Value {
      do {
        return try read()
      } catch {
        throw .badCredentials(file: file, reason: String(describing: error))
      }
    }
    if let file = security.authorities {
      let certificates = try reading(file) { try NIOSSLCertificate.fromPEMFile(file) }
      configuration.trustRoots = .certificates(certificates)
    }
    if let file = security.certificate {
      let chain = try reading(file) { try NIOSSLCertificate.fromPEMFile(file) }
      configuration.certificateChain = chain.map { .certificate($0) }
    }
    if let file = security.key {
      let key = try reading(file) { try NIOSSLPrivateKey(file: file, format: .pem) }
      configuration.privateKey = .privateKey(key)
    }
    return try reading(security.certificate ?? security.authorities ?? "the system's authorities") {
      try NIOSSLContext(configuration: configuration)
    }
  }
}

/// Sends a sign of life when nothing else was sent, and gives the connection up when nothing
/// comes back.
private final class SignOfLife: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard let idle = event as? IdleStateHandler.IdleStateEvent else {
      context.fireUserInboundEventTriggered(event)
      return
    }
    switch idle {
    case .write:
      // The two bytes of PINGREQ are the same in every version.
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [0xC0, 0])), promise: nil)
    case .read, .all: context.close(promise: nil)
    }
  }
}
