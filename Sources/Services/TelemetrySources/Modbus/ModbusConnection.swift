// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One connection to a Modbus TCP device: requests and answers, with a time limit.

import NIOCore
import NIOPosix
public import TelemetryCodec

/// One connection to a Modbus TCP device.
///
/// Requests go one after the other; the number of each answer must be that of its request, and
/// answers to requests that were given up are passed over.
public struct ModbusConnection {
  typealias Socket = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  private let unit: UInt8
  private let timeout: TimeAmount
  private let channel: any Channel
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  private var decoder = ModbusTCPDecoder()
  private var transaction: UInt16 = 0

  /// Connects, runs the body and closes the connection whatever happens.
  ///
  /// - Parameters:
  ///   - host: Name or address of the device.
  ///   - port: Port; 502 is the registered one.
  ///   - unit: Number of the device behind the address; 1 where there is only one.
  ///   - timeout: Longest wait for the connection and for each answer.
  ///   - body: What to do with the connection.
  /// - Returns: What the body gives.
  /// - Throws: ``SourceError`` or what the body throws.
  public static func with<Result>(
    host: String, port: Int = 502, unit: UInt8 = 1, timeout: Duration = .seconds(3),
    _ body: (inout ModbusConnection) async throws -> Result
  ) async throws -> Result {
    let socket: Socket
    do {
      socket = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connectTimeout(TimeAmount(timeout))
        .channelOption(.socketOption(.tcp_nodelay), value: 1)
        .connect(host: host, port: port) { channel in
          channel.eventLoop.makeCompletedFuture {
            try Socket(wrappingChannelSynchronously: channel)
          }
        }
    } catch {
      throw SourceError.unreachable(host: host, port: port, reason: NetworkFault.text(of: error))
    }
    return try await socket.executeThenClose { inbound, outbound in
      var connection = ModbusConnection(
        unit: unit, timeout: TimeAmount(timeout), channel: socket.channel, outbound: outbound,
        inbound: inbound.makeAsyncIterator())
      return try await body(&connection)
    }
  }

  private init(
    unit: UInt8, timeout: TimeAmount, channel: any Channel,
    outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  ) {
    self.unit = unit
    self.timeout = timeout
    self.channel = channel
    self.outbound = outbound
    self.inbound = inbound
  }

  /// Sends a request and waits for its answer.
  ///
  /// - Parameter request: What to read or write.
  /// - Returns: The answer; never a refusal.
  /// - Throws: ``SourceError``.
  public mutating func ask(_ request: ModbusRequest) async throws -> ModbusResponse {
    transaction &+= 1
    let what = "Modbus function \(request.function)"
    let bytes: [UInt8]
    do throws(ModbusError) {
      bytes = try ModbusTCPFrame(transaction: transaction, unit: unit, pdu: try request.encoded())
        .encoded()
    } catch {
      throw SourceError.protocolViolation("\(what) cannot be written: \(error)")
    }
    do {
      try await outbound.write(ByteBuffer(bytes: bytes))
    } catch {
      throw SourceError.connectionLost(NetworkFault.text(of: error))
    }
    let limit = timeout
    let silence = Deadline(channel: channel, after: limit)
    defer { silence.cancel() }
    while true {
      if let response = try answer(to: what) {
        if case .refused(_, let code) = response {
          throw SourceError.refused(
            what: what, code: code, reason: "\(ModbusResponse.meaning(of: code))")
        }
        return response
      }
      let received: ByteBuffer?
      do {
        received = try await inbound.next()
      } catch  where NetworkFault.isLoss(error) {
        throw SourceError.connectionLost(NetworkFault.text(of: error))
      }
      guard let buffer = received else {
        guard silence.hasPassed else {
          throw SourceError.connectionLost("the device closed the connection")
        }
        throw SourceError.silent(what: what, seconds: Double(limit.nanoseconds) / 1e9)
      }
      decoder.append(buffer.readableBytesView)
    }
  }

  /// Reads holding registers, in as many requests as the protocol needs.
  ///
  /// - Parameters:
  ///   - address: First register.
  ///   - count: How many; those beyond register 65,535 do not exist.
  /// - Returns: `count` registers.
  /// - Throws: ``SourceError``.
  public mutating func holdingRegisters(
    from address: Int, count: Int
  ) async throws -> [UInt16] {
    guard address >= 0, count >= 0, address + count <= 65_536 else {
      throw SourceError.protocolViolation(
        "registers \(address)..<\(address + count) are not all in 0..<65536")
    }
    var registers: [UInt16] = []
    registers.reserveCapacity(count)
    while registers.count < count {
      let size = min(count - registers.count, ModbusRequest.registerReadLimit)
      let answer = try await ask(
        .readHoldingRegisters(
          address: UInt16(truncatingIfNeeded: address + registers.count),
          count: UInt16(truncatingIfNeeded: size)))
      guard case .registers(3, let values) = answer, values.count == size else {
        throw SourceError.protocolViolation("\(size) registers were asked for, others came")
      }
      registers += values
    }
    return registers
  }

  /// The answer to the last request, when it has come.
  private mutating func answer(to what: String) throws(SourceError) -> ModbusResponse? {
    do throws(ModbusError) {
      while let frame = try decoder.next() {
        if frame.transaction == transaction { return try ModbusResponse(pdu: frame.pdu) }
      }
      return nil
    } catch {
      throw .protocolViolation("\(what): \(error)")
    }
  }
}
