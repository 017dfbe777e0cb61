// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Questions and answers over one connection, with a time limit.

import NIOCore
import TelemetryCodec

/// Questions and answers over one connection, with a time limit.
struct Exchange {
  var answers: NIOAsyncChannelInboundStream<[Frame]>.AsyncIterator
  let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  let channel: any Channel
  let timeout: TimeAmount
  private var unread: ArraySlice<Frame> = []

  init(
    answers: NIOAsyncChannelInboundStream<[Frame]>.AsyncIterator,
    outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, channel: any Channel, timeout: TimeAmount
  ) {
    self.answers = answers
    self.outbound = outbound
    self.channel = channel
    self.timeout = timeout
  }

  /// Sends one request and waits for its answer.
  mutating func ask(_ request: Frame) async throws -> Frame {
    try await write([request])
    let answer = try await next()
    guard answer.command == request.command, answer.isAnswer else {
      throw GatewayError.protocolViolation("an answer to another command came back")
    }
    return answer
  }

  /// Sends what is outstanding, at most `window` frames before their answers are awaited, and waits
  /// until every frame is acknowledged or dropped.
  ///
  /// - Throws: ``GatewayError/connectionLost(_:)`` if the gateway refuses a frame that may be
  ///   tried again, or is silent.
  mutating func send(
    _ outstanding: inout OutstandingFrames, window: Int, _ summary: inout LinkSummary,
    _ acknowledged: (Frame) -> Void
  ) async throws {
    while !outstanding.isEmpty {
      let underWay = min(max(1, window), outstanding.count)
      try await write(outstanding.frames.prefix(underWay))
      for _ in 0..<underWay {
        switch outstanding.take(try await next()) {
        case .acknowledged(let frame):
          summary.acknowledged += 1
          acknowledged(frame)
        case .dropped: summary.refused += 1
        case .refused: throw GatewayError.connectionLost("the gateway refused a report")
        case .unexpected:
          throw GatewayError.protocolViolation("an answer without a question came back")
        }
      }
    }
  }

  /// Sends requests and waits for the answers to all of them, which come in their order.
  ///
  /// - Returns: The requests that were refused.
  /// - Throws: ``GatewayError/protocolViolation(_:)`` for an answer to something else.
  mutating func answers(to requests: [Frame]) async throws -> [Frame] {
    try await write(requests)
    var refused: [Frame] = []
    for request in requests {
      var answer = try await next()
      // The other side may ask for something in between; nothing of it is served here.
      while !answer.isAnswer { answer = try await next() }
      guard answer.command == request.command, answer.identifier == request.identifier else {
        throw GatewayError.protocolViolation("an answer without a question came back")
      }
      if answer.acknowledgement != .success { refused.append(request) }
    }
    return refused
  }

  private func write(_ frames: some Sequence<Frame>) async throws {
    var bytes = ByteBuffer()
    for frame in frames { bytes.writeBytes(try frame.encoded()) }
    try await outbound.write(bytes)
  }

  private mutating func next() async throws -> Frame {
    while true {
      if let answer = unread.popFirst() { return answer }
      // Closing the channel ends the wait below; nothing else could.
      let timer = channel.eventLoop.scheduleTask(in: timeout) { [channel] in
        channel.close(promise: nil)
      }
      defer { timer.cancel() }
      guard let more = try await answers.next() else {
        throw GatewayError.connectionLost("the gateway closed the connection or was silent")
      }
      unread = more[...]
    }
  }
}
