// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Answers wait for their frames, in order and bounded.

import NIOCore
import TelemetryCodec
import TelemetryGateway
import Testing

@Suite(.timeLimit(.minutes(2))) struct AnswerQueueTests {
  private func frames(_ bytes: ByteBuffer?) -> [Frame] {
    var decoder = FrameDecoder()
    decoder.append(bytes?.readableBytesView ?? ByteBuffer().readableBytesView)
    var frames: [Frame] = []
    while let frame = decoder.next() { frames.append(frame) }
    return frames
  }

  @Test func `answers keep their order, and nothing passes a frame that is not durable`() throws {
    let first = try login().answer(.success)
    let beat = Frame(edition: .edition2016, command: .heartbeat, identifier: try identifier())
      .answer(.success)
    let reports = try (0..<2).map { try report(at: start + $0).answer(.success) }
    var queue = AnswerQueue()
    queue.add(beat)
    queue.addPending(first)
    queue.add(beat)
    queue.addPending(reports[0])
    queue.addPending(reports[1])
    #expect(frames(queue.take(stored: 0, isStored: true)) == [beat])
    #expect(queue.take(stored: 0, isStored: true) == nil)
    #expect(frames(queue.take(stored: 2, isStored: true)) == [first, beat, reports[0]])
    let failed = frames(queue.take(stored: 1, isStored: false))
    #expect(failed.map(\.acknowledgement) == [.error])
    #expect(queue.count == 0)
  }

  @Test func `a vehicle that asks for the time while the store is stuck is read no further`()
    async throws
  {
    let sink = BrittleSink()
    try await withGateway(store: sink) { gateway in
      try await RawPeer.with(port: gateway.port) { (peer: inout RawPeer) async throws in
        #expect(try await peer.ask(try login()).acknowledgement == .success)
        await sink.hold()
        try await peer.send(try report(at: start))
        let beat = try Frame(
          edition: .edition2016, command: .heartbeat, identifier: try identifier()
        ).encoded()
        let count = 60_000
        let bytes = [[UInt8]](repeating: beat, count: count).flatMap { $0 }
        let sending = peer.channel.eventLoop.makePromise(of: Void.self)
        peer.channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: sending)
        func beats() -> Int {
          Int(value("frames_received_total", "heartbeat", in: gateway.metrics))
        }
        while beats() < AnswerQueue.limit { try await Task.sleep(for: .milliseconds(1)) }
        // One round of at most four reads of 32 KiB on top; without the limit all would be taken.
        var last = -1
        while beats() != last {
          last = beats()
          try await Task.sleep(for: .milliseconds(20))
        }
        #expect(last <= AnswerQueue.limit + 4 * 32_768 / beat.count + 4)
        await sink.release()
        for _ in 0...count { #expect(try await peer.next()?.acknowledgement == .success) }
        try await sending.futureResult.get()
      }
    }
  }
}
