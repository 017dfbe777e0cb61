// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Many vehicles that send prepared reports in windows, as cheaply as can be.

import NIOCore
import NIOPosix
import Synchronization
import TelemetryCodec

/// Many vehicles that send prepared reports in windows, as cheaply as can be: the gateway is to be
/// measured, not this.
struct LoadGenerator {
  /// What became of a run.
  final class Tally: Sendable {
    private let counts = Mutex((online: 0, acknowledged: 0, failed: 0))
    var online: Int { counts.withLock { $0.online } }
    var acknowledged: Int { counts.withLock { $0.acknowledged } }
    var failed: Int { counts.withLock { $0.failed } }
    func add(online: Int = 0, acknowledged: Int = 0, failed: Int = 0) {
      counts.withLock {
        $0.online += online
        $0.acknowledged += acknowledged
        $0.failed += failed
      }
    }
  }

  /// A report of 100 cells and 24 probes with all the items of a battery-electric vehicle.
  static func template(_ identity: String, at seconds: Int64) throws -> [UInt8] {
    var frame = try report(
      identity, at: seconds, cells: (0..<100).map { 3.9 + Double($0 % 7) / 1_000 })
    let vehicle: [UInt8] = [
      1, 1, 3, 1, 0, 100, 0, 0, 0x27, 0x10, 0x0F, 0xA0, 0x27, 0x10, 80, 1, 0x0E,
    ]
    frame.unit += vehicle + [0x27, 0x10, 10, 0]
    frame.unit += [5, 0, 0x07, 0x36, 0x35, 0x40, 0x01, 0xD9, 0x05, 0xC0]
    frame.unit += [7, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    frame.unit += [9, 1, 1, 0, 24] + [UInt8](repeating: 65, count: 24)
    return try frame.encoded()
  }

  /// Opens connections and logs in, a hundred at a time.
  static func connect(
    _ count: Int, to port: Int, on group: any EventLoopGroup, _ tally: Tally
  ) async throws -> [any Channel] {
    var channels: [any Channel] = []
    for start in stride(from: 0, to: count, by: 100) {
      let numbers = start..<min(start + 100, count)
      let opened = try await withThrowingTaskGroup(of: (any Channel).self) { tasks in
        for number in numbers {
          tasks.addTask {
            let name = "LTEST" + String(String(1_000_000_000_000 + number).suffix(12))
            // Loopback has more than one address; each has ports for itself.
            let local = try SocketAddress(ipAddress: "127.0.0.\(2 + number / 4_000)", port: 0)
            let template = try template(name, at: first)
            let login = try login(name, at: first).encoded()
            return try await ClientBootstrap(group: group)
              .channelOption(.tcpOption(.tcp_nodelay), value: 1)
              .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                  try channel.pipeline.syncOperations.addHandler(
                    LoadHandler(login, template, tally))
                }
              }
              .bind(to: local).connect(host: "127.0.0.1", port: port).get()
          }
        }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      channels += opened
    }
    while tally.online + tally.failed < count { try await Task.sleep(for: .milliseconds(5)) }
    return channels
  }

  private static let first: Int64 = 1_555_321_350
}

/// Tells a vehicle to send this many reports in windows.
struct LoadOrder: Sendable {
  var reports: Int
  var window: Int
}

/// One vehicle: login at once, reports when ordered.
private final class LoadHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Every answer is 25 bytes and six of time.
  private static let answerLength = 31
  private let login: [UInt8]
  private var report: [UInt8]
  private let tally: LoadGenerator.Tally
  private var isOnline = false
  private var pending = 0
  private var bytes = 0
  private var rest = 0
  private var window = 0
  private var second: Int64 = start

  init(_ login: [UInt8], _ report: [UInt8], _ tally: LoadGenerator.Tally) {
    self.login = login
    self.report = report
    self.tally = tally
  }

  func channelActive(context: ChannelHandlerContext) {
    pending = 1
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: login)), promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard let order = event as? LoadOrder else { return }
    rest = order.reports
    window = order.window
    send(context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    bytes += unwrapInboundIn(data).readableBytes
    let answers = bytes / Self.answerLength
    bytes -= answers * Self.answerLength
    pending -= answers
    if isOnline {
      tally.add(acknowledged: answers)
    } else if answers > 0 {
      isOnline = true
      tally.add(online: 1)
    }
    if pending == 0 { send(context) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if pending > 0 { tally.add(failed: isOnline ? pending : 1) }
  }

  private func send(_ context: ChannelHandlerContext) {
    let count = min(rest, window)
    guard count > 0 else { return }
    var buffer = context.channel.allocator.buffer(capacity: count * report.count)
    for _ in 0..<count {
      second += 1
      stamp()
      buffer.writeBytes(report)
    }
    rest -= count
    pending = count
    context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
  }

  /// Puts the next second into the report and keeps the check byte right.
  private func stamp() {
    guard let time = WireTime(unixSeconds: second) else { return }
    let bytes = [
      time.yearSince2000, time.month, time.day, time.hour, time.minute, time.second,
    ]
    for (place, byte) in bytes.enumerated() {
      report[report.count - 1] ^= report[24 + place] ^ byte
      report[24 + place] = byte
    }
  }
}
