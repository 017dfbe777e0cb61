// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A CAN interface of Linux through a raw socket.

#if os(Linux)
  import Foundation
  import Glibc
  import NIOCore
  import NIOPosix
  public import TelemetryCodec

  /// A CAN interface of Linux: a raw socket, classic and FD frames, error frames included.
  ///
  /// - Reference: Linux kernel documentation, "SocketCAN", section 4.1.
  public final class SocketCANBus: CANBus {
    private typealias Socket = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// AF_CAN, PF_CAN.
    private static let family: Int32 = 29
    /// CAN_RAW.
    private static let rawProtocol: Int32 = 1
    /// SOL_CAN_BASE + CAN_RAW.
    private static let rawLevel: Int32 = 101
    private static let errorFilterOption: Int32 = 2
    private static let flexibleOption: Int32 = 5
    private static let allErrors: UInt32 = 0x1FFF_FFFF

    private let name: String
    private let channel: any Channel
    private let listeners = RecordListeners()

    /// Opens an interface.
    ///
    /// - Parameter name: Name of the interface, such as `can0`.
    /// - Throws: ``SourceError/interfaceUnavailable(name:reason:)``.
    public convenience init(interface name: String) async throws {
      try await self.init(descriptor: try Self.open(name), name: name)
    }

    /// Uses a socket that is open already and gives one frame a read.
    ///
    /// - Parameters:
    ///   - descriptor: The socket; closed with the bus.
    ///   - name: Name that its records carry as their interface.
    /// - Throws: ``SourceError/interfaceUnavailable(name:reason:)``.
    public init(descriptor: CInt, name: String) async throws {
      self.name = name
      do {
        channel = try await NIOPipeBootstrap(group: MultiThreadedEventLoopGroup.singleton)
          .channelOption(.maxMessagesPerRead, value: 256)
          .channelOption(
            .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 72)
          )
          .channelInitializer { [listeners] channel in
            channel.eventLoop.makeCompletedFuture {
              try channel.pipeline.syncOperations.addHandler(
                FrameReceiver(name: name, listeners: listeners))
            }
          }
          .takingOwnershipOfDescriptor(inputOutput: descriptor).get()
      } catch {
        throw SourceError.interfaceUnavailable(name: name, reason: String(describing: error))
      }
    }

    /// The frames from now on; ends with ``close()``, throws ``SourceError`` when the bus is lost.
    public func records() -> AsyncThrowingStream<CANRecord, any Error> { listeners.listen() }

    /// Puts a frame on the bus.
    ///
    /// - Throws: ``SourceError``.
    public func send(_ frame: CANFrame) async throws {
      guard let bytes = SocketCANFrame.bytes(of: frame) else {
        throw SourceError.protocolViolation(
          "a frame of \(frame.data.count) bytes, identifier \(frame.identifier), fits no CAN frame")
      }
      do {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
      } catch {
        throw SourceError.connectionLost("\(name): \(error)")
      }
    }

    /// Closes the interface and ends every listener's sequence.
    public func close() async {
      try? await channel.close()
    }

    private static func open(_ name: String) throws(SourceError) -> CInt {
      func failure(_ call: String) -> SourceError {
        let reason = "\(call): \(String(cString: strerror(errno)))"
        return .interfaceUnavailable(name: name, reason: reason)
      }
      let number = if_nametoindex(name)
      guard number > 0 else { throw failure("no such interface") }
      let descriptor = socket(family, Int32(SOCK_RAW.rawValue), rawProtocol)
      guard descriptor >= 0 else { throw failure("socket") }
      var isOn: Int32 = 1
      // An interface without CAN FD refuses this and still gives classic frames.
      _ = setsockopt(
        descriptor, rawLevel, flexibleOption, &isOn, socklen_t(MemoryLayout<Int32>.size))
      var errors = allErrors
      _ = setsockopt(
        descriptor, rawLevel, errorFilterOption, &errors, socklen_t(MemoryLayout<UInt32>.size))
      // struct sockaddr_can: family, two bytes of padding, interface, 16 bytes of a union.
      var address = [UInt8](repeating: 0, count: 24)
      withUnsafeBytes(of: UInt16(family)) { address.replaceSubrange(0..<2, with: $0) }
      withUnsafeBytes(of: Int32(number)) { address.replaceSubrange(4..<8, with: $0) }
      let isBound = address.withUnsafeBytes { bytes in
        bytes.baseAddress.map {
          bind(descriptor, $0.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count)) == 0
        } ?? false
      }
      guard isBound else {
        let error = failure("bind")
        Glibc.close(descriptor)
        throw error
      }
      return descriptor
    }
  }

  /// Turns what each read gives into records for every listener.
  private final class FrameReceiver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let name: String
    private let listeners: RecordListeners

    init(name: String, listeners: RecordListeners) {
      self.name = name
      self.listeners = listeners
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let buffer = unwrapInboundIn(data)
      guard let frame = SocketCANFrame.frame(in: Array(buffer.readableBytesView)) else { return }
      listeners.yield(
        CANRecord(seconds: Date().timeIntervalSince1970, interface: name, frame: frame))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      listeners.finish(SourceError.connectionLost("\(name): \(error)"))
      context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { listeners.finish(nil) }
  }
#endif
