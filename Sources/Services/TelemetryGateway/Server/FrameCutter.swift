// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Channel handler: bytes in, whole frames out, with the time limits of a connection.

package import NIOCore
package import TelemetryCodec

/// Cuts the bytes of a connection into frames and keeps its time limits.
///
/// All frames found in one read go on together, so that they can share a commit.
package final class FrameCutter: ChannelInboundHandler {
  /// Bytes as received.
  package typealias InboundIn = ByteBuffer
  /// The frames of one read.
  package typealias InboundOut = [Frame]

  /// Time limits of a connection; nil where there is none.
  package struct Limits: Sendable {
    /// How long an incomplete frame may wait for its rest.
    package var frame: TimeAmount?
    /// How long the first frame may take.
    package var firstFrame: TimeAmount?
    /// How long the connection may be silent after that.
    package var silence: TimeAmount?

    /// Creates limits.
    package init(frame: TimeAmount?, firstFrame: TimeAmount?, silence: TimeAmount?) {
      self.frame = frame
      self.firstFrame = firstFrame
      self.silence = silence
    }
  }

  private var decoder: FrameDecoder
  private let limits: Limits
  private let metrics: GatewayMetrics?
  private var frameTimer: Scheduled<Void>?
  private var silenceTimer: Scheduled<Void>?
  private var hasFrame = false
  private var discarded = 0
  private var checksumFailures = 0

  /// Creates a handler.
  ///
  /// - Parameters:
  ///   - maximumUnitLength: Longest data unit believed, in bytes.
  ///   - limits: Time limits.
  ///   - metrics: Where to count; nil for none.
  package init(maximumUnitLength: Int, limits: Limits, metrics: GatewayMetrics?) {
    decoder = FrameDecoder(maximumUnitLength: maximumUnitLength)
    self.limits = limits
    self.metrics = metrics
  }

  /// Starts the wait for the first frame.
  package func channelActive(context: ChannelHandlerContext) {
    startSilenceTimer(context, after: limits.firstFrame)
    context.fireChannelActive()
  }

  /// Cuts what was received.
  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let wasWaiting = decoder.pendingByteCount > 0
    decoder.append(unwrapInboundIn(data).readableBytesView)
    let frames = drain()
    if decoder.pendingByteCount == 0 {
      frameTimer?.cancel()
      frameTimer = nil
    } else if !frames.isEmpty || !wasWaiting || frameTimer == nil {
      startFrameTimer(context)
    }
    deliver(frames, context)
  }

  /// Stops all timers.
  package func channelInactive(context: ChannelHandlerContext) {
    frameTimer?.cancel()
    silenceTimer?.cancel()
    context.fireChannelInactive()
  }

  private func drain() -> [Frame] {
    var frames: [Frame] = []
    while let frame = decoder.next() { frames.append(frame) }
    let newlyDiscarded = decoder.discardedByteCount - discarded
    let newlyFailed = decoder.checksumFailureCount - checksumFailures
    discarded = decoder.discardedByteCount
    checksumFailures = decoder.checksumFailureCount
    if newlyDiscarded > 0 || newlyFailed > 0 || !frames.isEmpty {
      metrics?.update {
        $0.discardedBytes += newlyDiscarded
        $0.checksumFailures += newlyFailed
        $0.received += frames.count
      }
    }
    return frames
  }

  private func deliver(_ frames: [Frame], _ context: ChannelHandlerContext) {
    guard !frames.isEmpty else { return }
    hasFrame = true
    startSilenceTimer(context, after: limits.silence)
    context.fireChannelRead(wrapInboundOut(frames))
  }

  private func startFrameTimer(_ context: ChannelHandlerContext) {
    frameTimer?.cancel()
    guard let limit = limits.frame else { return }
    let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    frameTimer = context.eventLoop.scheduleTask(in: limit) {
      let (handler, context) = loopBound.value
      handler.frameTimer = nil
      handler.giveUpStalled(context)
    }
  }

  private func giveUpStalled(_ context: ChannelHandlerContext) {
    metrics?.update { $0.stalledFrames += 1 }
    var frames: [Frame] = []
    // Frames may lie behind the false start; whatever is still incomplete is as old and goes too.
    while decoder.pendingByteCount > 0 {
      decoder.dropStalled()
      frames += drain()
    }
    deliver(frames, context)
    context.fireChannelReadComplete()
  }

  private func startSilenceTimer(_ context: ChannelHandlerContext, after limit: TimeAmount?) {
    silenceTimer?.cancel()
    guard let limit else { return }
    let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    silenceTimer = context.eventLoop.scheduleTask(in: limit) {
      let (handler, context) = loopBound.value
      handler.metrics?.update { $0.closed[.timedOut, default: 0] += 1 }
      context.close(promise: nil)
    }
  }
}

extension TimeAmount {
  /// The same time.
  init(duration: Duration) {
    self = .nanoseconds(
      duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000)
  }
}
