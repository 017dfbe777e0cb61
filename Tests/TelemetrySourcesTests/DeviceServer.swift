// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A Modbus TCP device for tests: registers, and a choice of bad manners.

import NIOCore
import NIOPosix
import TelemetryCodec

/// A Modbus TCP device on a port of its own.
struct DeviceServer {
  /// How the device behaves.
  enum Manner: Sendable {
    case proper
    /// Takes requests and never answers.
    case silent
    /// Sends an answer to an older request before the right one.
    case stale
    /// Sends bytes that are no Modbus.
    case noise
    /// Closes after the first request.
    case closing
  }

  let port: Int
  private let channel: any Channel

  /// Starts a device; addresses without a register are refused with code 2.
  static func start(_ registers: [Int: UInt16], _ manner: Manner = .proper) async throws -> Self {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer {
        $0.pipeline.addHandler(Device(registers: registers, manner: manner))
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return Self(port: channel.localAddress?.port ?? 0, channel: channel)
  }

  func stop() async throws { try await channel.close() }

  private final class Device: ChannelInboundHandler, @unchecked Sendable {
    // Unchecked because a channel calls its handlers on one event loop alone.
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let registers: [Int: UInt16]
    let manner: Manner
    var decoder = ModbusTCPDecoder()

    init(registers: [Int: UInt16], manner: Manner) {
      self.registers = registers
      self.manner = manner
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      decoder.append(unwrapInboundIn(data).readableBytesView)
      while let frame = (try? decoder.next()) ?? nil {
        switch manner {
        case .silent: continue
        case .noise: send([1, 2, 3, 4, 5, 6, 7, 8, 9], context)
        case .closing: context.close(promise: nil)
        case .stale:
          let old = ModbusTCPFrame(
            transaction: frame.transaction &- 1, unit: frame.unit, pdu: [3, 2, 0xAA, 0xAA])
          send((try? old.encoded()) ?? [], context)
          answer(frame, context)
        case .proper: answer(frame, context)
        }
      }
    }

    private func answer(_ frame: ModbusTCPFrame, _ context: ChannelHandlerContext) {
      var response = ModbusResponse.refused(function: frame.pdu.first ?? 0, code: 1)
      if case .readHoldingRegisters(let address, let count)? = try? ModbusRequest(pdu: frame.pdu) {
        let range = Int(address)..<Int(address) + Int(count)
        let values = range.compactMap { registers[$0] }
        response =
          values.count == range.count
          ? .registers(function: 3, values) : .refused(function: 3, code: 2)
      }
      let pdu = (try? response.encoded()) ?? []
      let frame = ModbusTCPFrame(transaction: frame.transaction, unit: frame.unit, pdu: pdu)
      let bytes = (try? frame.encoded()) ?? []
      // In two pieces, as a network may deliver it.
      send(Array(bytes.prefix(5)), context)
      send(Array(bytes.dropFirst(5)), context)
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
  }
}
