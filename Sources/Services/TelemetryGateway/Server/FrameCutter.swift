// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Channel handler: bytes in, whole frames out, with the time limits of a connection.

package import NIOCore
package import TelemetryCodec

/// Cuts the bytes of a connection into frames and keeps its time limits.
///
/// All frames found in one read go on together, so that they can share a commit. Timers are not
/// moved with every frame: when one fires early it is set again for the rest, since thousands of
/// connections share the timers of an event loop.
package final class FrameCutter: ChannelInboundHandler {
  /// Bytes as received.
  package typealias InboundIn = ByteBuffer
  /// The frames of one read.
  package typealias InboundOut = [Frame]

  /// Limits of a connection; nil where there is none.
  package struct Limits: Sendable {
    /// How long an incomplete frame may wait for its rest.
    package var frame: TimeAmount?
    /// How long the login may take.
    package var firstFrame: TimeAmount?
    /// How long the connection may be silent after that.
    package var silence: TimeAmount?
    /// Bytes without a frame after which the connection is closed.
    package var noise: Int?

    /// Creates limits.
    package init(
      frame: TimeAmount?, firstFrame: TimeAmount?, silence: TimeAmount?, noise: Int? = nil
    ) {
      self.frame = frame
      self.firstFrame = firstFrame
      self.silence = silence
      self.noise = noise
    }
  }

  /// Who is on the other side, as far as it has proved it.
  package enum Stage: Sendable {
    /// Nobody yet: the login is awaited.
    case login
    /// A vehicle is logged in.
    case vehicle
    /// A sending platform is logged in; it may log in again, with its password.
    case platform
  }

  /// Bytes that are no frame.
  package struct Noise: Hashable, Sendable {
    /// The beginning of the bytes; empty unless a vehicle is logged in, since a login of a platform
    /// that arrives damaged, or beside damaged bytes, has its password in plain text.
    package var bytes: [UInt8]
    /// How many there were.
    package var count: Int
    /// Name of the reason.
    package var reason: String
  }

  /// Told about bytes that are no frame.
  package typealias NoiseObserver = (Noise) -> Void

  /// Who is logged in; kept by the handler behind this one while it takes the frames.
  package var stage = Stage.login

  /// Most bytes of one read that are told as noise.
  private static let noiseByteLimit = 1_024

  private var decoder: FrameDecoder
  private let limits: Limits
  private let metrics: GatewayMetrics?
  private let onNoise: NoiseObserver?
  private var frameTimer: Scheduled<Void>?
  private var silenceTimer: Scheduled<Void>?
  private var frameDeadline: NIODeadline?
  private var silenceDeadline: NIODeadline?
  private var discarded = 0
  private var checksumFailures = 0
  private var oversized = 0
  private var noiseSinceFrame = 0
  private var heldSince: NIODeadline?
  private var context: ChannelHandlerContext?

  /// Creates a handler.
  ///
  /// - Parameters:
  ///   - maximumUnitLength: Longest data unit believed, in bytes.
  ///   - limits: Time limits.
  ///   - metrics: Where to count; nil for none.
  ///   - onNoise: Told about bytes that are no frame, without their content before a login.
  package init(
    maximumUnitLength: Int, limits: Limits, metrics: GatewayMetrics?,
    onNoise: NoiseObserver? = nil
  ) {
    decoder = FrameDecoder(maximumUnitLength: maximumUnitLength)
    self.limits = limits
    self.metrics = metrics
    self.onNoise = onNoise
  }

  /// Starts the wait for the login.
  package func channelActive(context: ChannelHandlerContext) {
    start(context)
    context.fireChannelActive()
  }

  /// Starts the wait when the connection was let in late.
  package func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { start(context) }
  }

  /// The connection is not read for the time being, by the gateway's own will: its time limits stand
  /// still, since the peer may have sent long since what they wait for.
  package func hold() {
    if heldSince == nil { heldSince = context?.eventLoop.now }
  }

  /// The connection is read again: its time limits go on.
  package func release() {
    guard let since = heldSince, let now = context?.eventLoop.now else { return }
    heldSince = nil
    // A timer that fires before the new end is set again for the rest.
    frameDeadline = frameDeadline.map { $0 + (now - since) }
    silenceDeadline = silenceDeadline.map { $0 + (now - since) }
  }

  /// When to look again at a limit while the connection is held; nil while it is read.
  private func pause(_ limit: TimeAmount?, _ context: ChannelHandlerContext) -> NIODeadline? {
    heldSince == nil ? nil : context.eventLoop.now + (limit ?? .seconds(30))
  }

  /// Cuts what was received.
  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    let pending = decoder.pendingByteCount
    decoder.append(bytes.readableBytesView)
    let frames = drain(bytes, behind: pending)
    if decoder.pendingByteCount == 0 {
      frameDeadline = nil
    } else if !frames.isEmpty || pending == 0 || frameDeadline == nil {
      startFrameTimer(context)
    }
    deliver(frames, context)
    if let limit = limits.noise, noiseSinceFrame > limit {
      noiseSinceFrame = 0
      metrics?.update { $0.closed[.noise, default: 0] += 1 }
      context.close(promise: nil)
    }
  }

  /// Stops all timers.
  package func channelInactive(context: ChannelHandlerContext) {
    stop()
    context.fireChannelInactive()
  }

  /// Stops all timers.
  package func handlerRemoved(context: ChannelHandlerContext) {
    stop()
    self.context = nil
  }

  private func stop() {
    frameTimer?.cancel()
    silenceTimer?.cancel()
    frameTimer = nil
    silenceTimer = nil
  }

  private func start(_ context: ChannelHandlerContext) {
    guard silenceDeadline == nil, let limit = limits.firstFrame else { return }
    silenceDeadline = context.eventLoop.now + limit
    startSilenceTimer(context)
  }

  /// Takes the frames out of the decoder and tells what was no frame.
  ///
  /// - Parameters:
  ///   - bytes: What was just received; nil if nothing was.
  ///   - pending: Bytes that waited in the decoder before those.
  /// - Returns: The frames.
  private func drain(_ bytes: ByteBuffer?, behind pending: Int = 0) -> [Frame] {
    var frames: [Frame] = []
    var noise: [Range<Int>] = []
    // Where the next call begins, counted from the first of the bytes received.
    var place = -pending
    var dropped = discarded
    while true {
      let frame = decoder.next()
      // All that one call discards lies before the frame it gives.
      let count = decoder.discardedByteCount - dropped
      if count > 0 { noise.append(place..<place + count) }
      dropped += count
      guard let frame else { break }
      place += count + Frame.overheadByteCount + frame.unit.count
      frames.append(frame)
    }
    let newlyDiscarded = decoder.discardedByteCount - discarded
    let newlyFailed = decoder.checksumFailureCount - checksumFailures
    let newlyOversized = decoder.oversizedCount - oversized
    discarded = decoder.discardedByteCount
    checksumFailures = decoder.checksumFailureCount
    oversized = decoder.oversizedCount
    noiseSinceFrame = frames.isEmpty ? noiseSinceFrame + newlyDiscarded : 0
    if newlyDiscarded > 0 || newlyFailed > 0 || newlyOversized > 0 {
      metrics?.update {
        $0.discardedBytes += newlyDiscarded
        $0.checksumFailures += newlyFailed
        $0.oversized += newlyOversized
      }
      if let onNoise, let bytes {
        let reason =
          newlyFailed > 0
          ? "checksum_mismatch" : newlyOversized > 0 ? "unit_too_long" : "no_frame"
        onNoise(
          Noise(
            bytes: stage == .vehicle ? Self.content(of: noise, in: bytes) : [],
            count: newlyDiscarded, reason: reason))
      }
    }
    return frames
  }

  private static func content(of places: [Range<Int>], in bytes: ByteBuffer) -> [UInt8] {
    let view = bytes.readableBytesView
    var content: [UInt8] = []
    for place in places where content.count < noiseByteLimit {
      let part = place.clamped(to: 0..<view.count)
      content += view.dropFirst(part.lowerBound).prefix(
        min(part.count, noiseByteLimit - content.count))
    }
    return content
  }

  private func deliver(_ frames: [Frame], _ context: ChannelHandlerContext) {
    guard !frames.isEmpty else { return }
    let before = stage
    context.fireChannelRead(wrapInboundOut(frames))
    // The time for the login is not moved by frames; only a login ends it, and a logout renews it.
    if stage == .login, before == .login { return }
    guard context.channel.isActive else { return }
    guard let limit = stage == .login ? limits.firstFrame : limits.silence else {
      silenceDeadline = nil
      return
    }
    let deadline = context.eventLoop.now + limit
    // The time for the login may be longer than the silence allowed after it.
    if let earlier = silenceDeadline, deadline < earlier {
      silenceTimer?.cancel()
      silenceTimer = nil
    }
    silenceDeadline = deadline
    if silenceTimer == nil { startSilenceTimer(context) }
  }

  private func startFrameTimer(_ context: ChannelHandlerContext) {
    guard let limit = limits.frame else { return }
    frameDeadline = context.eventLoop.now + limit
    if frameTimer == nil { scheduleFrameTimer(context) }
  }

  private func scheduleFrameTimer(_ context: ChannelHandlerContext) {
    guard let deadline = pause(limits.frame, context) ?? frameDeadline else { return }
    let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    frameTimer = context.eventLoop.scheduleTask(deadline: deadline) {
      let (handler, context) = loopBound.value
      handler.frameTimer = nil
      guard let deadline = handler.frameDeadline else { return }
      if deadline > context.eventLoop.now || handler.heldSince != nil {
        handler.scheduleFrameTimer(context)
      } else {
        handler.giveUpStalled(context)
      }
    }
  }

  private func giveUpStalled(_ context: ChannelHandlerContext) {
    frameDeadline = nil
    metrics?.update { $0.stalledFrames += 1 }
    var frames: [Frame] = []
    // Frames may lie behind the false start; whatever is still incomplete is as old and goes too.
    while decoder.pendingByteCount > 0 {
      decoder.dropStalled()
      frames += drain(nil)
    }
    deliver(frames, context)
    context.fireChannelReadComplete()
  }

  private func startSilenceTimer(_ context: ChannelHandlerContext) {
    let limit = stage == .login ? limits.firstFrame : limits.silence
    guard let deadline = pause(limit, context) ?? silenceDeadline else { return }
    let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    silenceTimer = context.eventLoop.scheduleTask(deadline: deadline) {
      let (handler, context) = loopBound.value
      handler.silenceTimer = nil
      guard let deadline = handler.silenceDeadline else { return }
      if deadline > context.eventLoop.now || handler.heldSince != nil {
        handler.startSilenceTimer(context)
        return
      }
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
