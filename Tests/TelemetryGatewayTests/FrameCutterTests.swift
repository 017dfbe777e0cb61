// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Time limits of a connection, on a clock that the test moves.

import NIOCore
import NIOEmbedded
import TelemetryCodec
import TelemetryGateway
import TelemetryStore
import Testing

@Suite struct FrameCutterTests {
  private func channel(
    _ metrics: GatewayMetrics = GatewayMetrics(), stage: FrameCutter.Stage = .vehicle,
    onNoise: FrameCutter.NoiseObserver? = nil
  ) throws -> EmbeddedChannel {
    let cutter = FrameCutter(
      maximumUnitLength: 16_384,
      limits: .init(frame: .seconds(30), firstFrame: .seconds(30), silence: .seconds(600)),
      metrics: metrics, onNoise: onNoise)
    cutter.stage = stage
    let channel = EmbeddedChannel(handler: cutter)
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    return channel
  }

  private func receive(_ bytes: some Sequence<UInt8>, _ channel: EmbeddedChannel) throws {
    try channel.writeInbound(ByteBuffer(bytes: Array(bytes)))
  }

  @Test func `frames of one read come together, cut frames once they are whole`() throws {
    let channel = try channel()
    let bytes =
      try login().encoded() + report(at: start).encoded() + report(at: start + 1).encoded()
    try receive(bytes.dropLast(10), channel)
    #expect(try channel.readInbound(as: [Frame].self)?.count == 2)
    #expect(try channel.readInbound(as: [Frame].self) == nil)
    try receive(bytes.suffix(10), channel)
    #expect(try channel.readInbound(as: [Frame].self) == [report(at: start + 1)])
    _ = try channel.finish()
  }

  @Test func `a false start gives way to the frame behind it after 30 s`() throws {
    let metrics = GatewayMetrics()
    let channel = try channel(metrics)
    try receive(try login().encoded(), channel)
    _ = try channel.readInbound(as: [Frame].self)
    // A header that promises 16,000 bytes, and a whole report that it would swallow.
    var header = Array(try report(at: start).encoded().prefix(24))
    header[22] = 0x3E
    header[23] = 0x80
    try receive(header + (try report(at: start + 5).encoded()), channel)
    channel.embeddedEventLoop.advanceTime(by: .seconds(29))
    #expect(try channel.readInbound(as: [Frame].self) == nil)
    channel.embeddedEventLoop.advanceTime(by: .seconds(2))
    #expect(try channel.readInbound(as: [Frame].self) == [report(at: start + 5)])
    #expect(channel.isActive)
    let stalled = metrics.metrics().first { $0.name == "anodyne_gateway_frames_stalled_total" }
    #expect(stalled?.value == 1)
    _ = try channel.finish()
  }

  @Test func `a connection without a frame is closed after 30 s, however slowly it drips`() throws {
    let channel = try channel()
    for byte in try login().encoded().prefix(20) {
      try receive([byte], channel)
      channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    }
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .seconds(11))
    #expect(!channel.isActive)
  }

  @Test func `frames that are no login do not move its deadline`() throws {
    let channel = try channel(stage: .login)
    for second in 0..<29 {
      try receive(try report(at: start + Int64(second)).answer(.success).encoded(), channel)
      channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    }
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .seconds(2))
    #expect(!channel.isActive)
  }

  @Test func `what is no frame is told without the frames beside it, and only of a vehicle`() throws
  {
    let bytes = try [1, 2] + login().encoded() + [3] + report(at: start).encoded() + [4, 5]
    for (stage, content) in [
      (FrameCutter.Stage.vehicle, [1, 2, 3, 4, 5]), (.login, []), (.platform, []),
    ] as [(FrameCutter.Stage, [UInt8])] {
      var told: [FrameCutter.Noise] = []
      let channel = try channel(stage: stage) { told.append($0) }
      // The frame is cut where the read ends: of what came before nothing is told twice.
      try receive(bytes.prefix(20), channel)
      try receive(bytes.dropFirst(20), channel)
      #expect(told.map(\.count) == [2, 3])
      #expect(told.flatMap(\.bytes) == content)
      #expect(told.allSatisfy { $0.reason == "no_frame" })
      _ = try channel.finish()
    }
  }

  @Test func `while the gateway itself does not read, no time limit runs`() throws {
    let metrics = GatewayMetrics()
    let channel = try channel(metrics)
    let cutter = try channel.pipeline.syncOperations.handler(type: FrameCutter.self)
    let loop = channel.embeddedEventLoop
    try receive(try login().encoded(), channel)
    _ = try channel.readInbound(as: [Frame].self)
    let frame = try report(at: start).encoded()
    try receive(frame.prefix(30), channel)
    loop.advanceTime(by: .seconds(20))
    cutter.hold()
    // A store that is stuck for an hour, longer than every limit.
    for _ in 0..<60 { loop.advanceTime(by: .minutes(1)) }
    #expect(channel.isActive)
    cutter.release()
    loop.advanceTime(by: .seconds(9))
    try receive(frame.dropFirst(30), channel)
    #expect(try channel.readInbound(as: [Frame].self) == [report(at: start)])
    #expect(value("frames_stalled_total", in: metrics) == 0)
    // Afterwards the limits hold again: ten seconds of the first wait were left.
    try receive(frame.prefix(30), channel)
    loop.advanceTime(by: .seconds(31))
    #expect(value("frames_stalled_total", in: metrics) == 1)
    loop.advanceTime(by: .seconds(600))
    #expect(!channel.isActive)
  }

  @Test func `a vehicle that says nothing is closed after its time`() throws {
    let channel = try channel()
    try receive(try login().encoded(), channel)
    channel.embeddedEventLoop.advanceTime(by: .seconds(599))
    try receive(try report(at: start).encoded(), channel)
    channel.embeddedEventLoop.advanceTime(by: .seconds(599))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .seconds(2))
    #expect(!channel.isActive)
  }
}
