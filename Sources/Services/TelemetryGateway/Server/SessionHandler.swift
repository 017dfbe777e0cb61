// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Channel handler: carries out what the state machine of a session decides.

import FrameCryptography
import Logging
import NIOCore
import NIOSSL
import TelemetryCodec
import TelemetryStore

/// Carries out what the state machine of a session decides: hands frames to the store in parcels,
/// answers in the order of the requests, and stops reading when too much is under way.
final class SessionHandler: ChannelDuplexHandler {
  typealias InboundIn = [Frame]
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Bytes that may wait on one connection before it is no longer read.
  private static let byteLimit = 64 << 10

  private let core: GatewayCore
  private let address: String
  private let cutter: FrameCutter
  private var session = GatewaySession()
  private var hasSession = false
  private var context: ChannelHandlerContext?
  private var bucket: TokenBucket
  private var readableFrom = 0.0
  private var isReadHeld = false
  private var isWakeSet = false
  private var isParked = false
  private var isClosing = false
  private var isClosed = false
  private var answers = AnswerQueue()
  private var collected: [NewFrame] = []
  private var collectedBytes = 0
  private var firstArrival = NIODeadline.now()
  private var inFlight = 0
  private var inFlightBytes = 0
  private var identity: String?
  private var isPlatform = false
  private var unchecked = 0
  private var writeTimer: Scheduled<Void>?
  private var commands = OpenCommands()

  init(_ core: GatewayCore, address: String, cutter: FrameCutter) {
    self.core = core
    self.address = address
    self.cutter = cutter
    bucket = TokenBucket(
      rate: core.settings.framesPerSecond, burst: core.settings.frameBurst,
      at: GatewayCore.seconds())
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelInactive(context: ChannelHandlerContext) {
    isClosing = true
    writeTimer?.cancel()
    commands.failAll()
    leave(context)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A vehicle that vanishes is everyday life; a handshake that fails may be an attack.
    if !hasSession, error is NIOSSLError || error is BoringSSLError {
      core.closed(.tlsFailed, address: address)
      core.loginFailed(address)
    } else {
      core.logger.debug("connection ended", metadata: ["reason": "\(type(of: error))"])
    }
    context.close(promise: nil)
  }

  // MARK: - Frames

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frames = unwrapInboundIn(data)
    if isClosing { return }
    if !hasSession { startSession(context) }
    let now = GatewayCore.seconds()
    let wait = max(
      bucket.take(Double(frames.count), at: now), core.takeTotal(frames.count))
    if wait > 0 { readableFrom = now + wait }
    core.metrics.update { counters in
      for frame in frames { counters.received[Int(frame.command.rawValue)] += 1 }
      if wait > 0 { counters.throttled += 1 }
    }
    if collected.isEmpty { firstArrival = context.eventLoop.now }
    let time = GatewayCore.wallClock()
    for frame in frames {
      take(frame, at: time, context)
      if isClosing { break }
    }
    if session.uncheckedSignatures > unchecked {
      let more = session.uncheckedSignatures - unchecked
      unchecked = session.uncheckedSignatures
      core.metrics.update { $0.uncheckedSignatures += more }
    }
    pump(context)
  }

  private func startSession(_ context: ChannelHandlerContext) {
    hasSession = true
    var certificate: CertificateFacts?
    if let tls = try? context.pipeline.syncOperations.handler(type: NIOSSLHandler.self),
      let peer = tls.peerCertificate
    {
      // One that cannot be read must not pass for none.
      certificate = .shown(der: try? peer.toDERBytes())
    }
    session = GatewaySession(registry: core.access, certificate: certificate)
  }

  private func take(_ frame: Frame, at time: Double, _ context: ChannelHandlerContext) {
    let action: GatewaySession.Action
    if checksPassword(frame), !core.mayCheckPassword() {
      answers.add(frame.answer(.error))
      close(.storm)
      return
    }
    if frame.command == .vehicleLogin, core.settings.secondLogin == .refuse, !isPlatform,
      core.sessions.isElsewhere(frame.identifier.text, context.channel)
    {
      action = session.handle(.receivedWhileOnline(frame))
    } else {
      action = session.handle(.received(frame, at: time))
    }
    switch action {
    case .ignore: break
    case .store(let stored, let answer):
      answers.addPending(answer)
      collected.append(stored)
      collectedBytes += stored.bytes.count
    case .answer(let answer): answers.add(answer)
    case .refuse(let reason, let detail, let answer):
      answers.add(answer)
      tell(reason, detail, frame)
    case .answered(let answer): if answer.identifier.text == identity { commands.answered(answer) }
    case .close(let reason, let refusal, let answer):
      if let answer { answers.add(answer) }
      if let refusal { tell(refusal, "login", frame) }
      if refusal != nil || reason == .noLogin { core.loginFailed(address) }
      close(reason)
    }
    switch frame.command {
    case .realTimeReport, .reissuedReport: break
    default: followLogin(frame, context)
    }
  }

  /// Whether the session would compare a password for this frame.
  private func checksPassword(_ frame: Frame) -> Bool {
    guard frame.command == .platformLogin, !frame.isAnswer else { return false }
    switch session.phase {
    case .awaitingLogin, .platform: return true
    case .active, .closed: return false
    }
  }

  private func tell(_ reason: GatewaySession.Refusal, _ detail: String, _ frame: Frame) {
    // The unit of a platform login holds its password.
    let bytes =
      frame.command == .platformLogin
      ? frame.identifier.bytes : (try? frame.encoded()) ?? frame.unit
    core.refused(
      reason, detail: detail, identity: frame.identifier.text, address: address, bytes: bytes)
  }

  /// Keeps the lists of who is online in step with the session.
  private func followLogin(_ frame: Frame, _ context: ChannelHandlerContext) {
    switch session.phase {
    case .active: cutter.stage = .vehicle
    case .platform: cutter.stage = .platform
    case .awaitingLogin, .closed: cutter.stage = .login
    }
    switch session.phase {
    case .active(let active):
      guard identity != active else { return }
      leave(context)
      identity = active
      core.loginSucceeded(address)
      if let old = core.sessions.enter(active, context.channel, frame) {
        old.pipeline.fireUserInboundEventTriggered(GatewaySignal.close(.replaced))
      }
    case .platform(let user):
      guard !isPlatform else { return }
      isPlatform = true
      core.loginSucceeded(address)
      core.sessions.setPlatform(user, context.channel)
      core.logger.info("platform logged in", metadata: ["user": "\(user)", "peer": "\(address)"])
    case .awaitingLogin, .closed: leave(context)
    }
  }

  private func leave(_ context: ChannelHandlerContext) {
    if let identity { core.sessions.leave(identity, context.channel) }
    if isPlatform { core.sessions.setPlatform(nil, context.channel) }
    identity = nil
    isPlatform = false
  }

  // MARK: - Storing and answering

  /// Sends what can be sent and hands over what was collected.
  private func pump(_ context: ChannelHandlerContext) {
    if inFlight == 0 {
      send(stored: 0, isStored: true, context)
      submit(context)
    }
    finishIfDone(context)
  }

  private func submit(_ context: ChannelHandlerContext) {
    guard !collected.isEmpty else { return }
    inFlight = collected.count
    inFlightBytes = collectedBytes
    let parcel = IngestQueue.Parcel(
      frames: collected, byteCount: collectedBytes, arrived: firstArrival,
      owner: NIOLoopBound(self, eventLoop: context.eventLoop), loop: context.eventLoop)
    collected = []
    collectedBytes = 0
    core.ingest.submit(parcel)
  }

  /// The store has committed, or failed to commit, the frames under way.
  func stored(_ isStored: Bool) {
    let count = inFlight
    inFlight = 0
    inFlightBytes = 0
    guard let context, !isClosed else { return }
    send(stored: count, isStored: isStored, context)
    if isStored {
      pump(context)
    } else {
      _ = session.handle(.storeFailed)
      collected = []
      answers.removeAll()
      close(.storeFailed)
      finishIfDone(context)
    }
    resumeReading()
  }

  /// Writes the answers that can be sent now that `count` more frames are durable, or failed to be.
  private func send(stored count: Int, isStored: Bool, _ context: ChannelHandlerContext) {
    guard let bytes = answers.take(stored: count, isStored: isStored) else { return }
    write(bytes, context)
  }

  private func write(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    guard !context.channel.isWritable, writeTimer == nil else { return }
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    writeTimer = context.eventLoop.scheduleTask(
      in: TimeAmount(duration: core.settings.writeTimeout)
    ) {
      let handler = bound.value
      guard let context = handler.context else { return }
      handler.close(.notReading)
      handler.isClosed = true
      context.close(promise: nil)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable {
      writeTimer?.cancel()
      writeTimer = nil
      resumeReading()
    }
    context.fireChannelWritabilityChanged()
  }

  // MARK: - Closing

  private func close(_ reason: GatewaySession.CloseReason) {
    guard !isClosing else { return }
    isClosing = true
    core.closed(reason, address: address)
  }

  private func finishIfDone(_ context: ChannelHandlerContext) {
    guard isClosing, !isClosed, inFlight == 0, collected.isEmpty else { return }
    isClosed = true
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    // An empty write is done when everything before it is; a peer that takes nothing is cut off.
    let last = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: last)
    let cut = context.eventLoop.scheduleTask(in: .seconds(5)) { bound.value.close(promise: nil) }
    last.futureResult.whenComplete { _ in
      cut.cancel()
      bound.value.close(promise: nil)
    }
  }

  // MARK: - Reading

  func read(context: ChannelHandlerContext) {
    if mayRead(context) {
      context.read()
    } else {
      isReadHeld = true
      cutter.hold()
    }
  }

  /// Reads on when that was held back and is allowed again.
  func resumeReading() {
    guard isReadHeld, let context, mayRead(context) else { return }
    isReadHeld = false
    cutter.release()
    context.read()
  }

  private func mayRead(_ context: ChannelHandlerContext) -> Bool {
    if isClosing || answers.isFull { return false }
    if collectedBytes + inFlightBytes > Self.byteLimit { return false }
    if !context.channel.isWritable { return false }
    let wait = readableFrom - GatewayCore.seconds()
    if wait > 0 {
      wake(after: wait, context)
      return false
    }
    if isParked { return false }
    isParked = !core.ingest.mayRead(
      NIOLoopBound(self, eventLoop: context.eventLoop), on: context.eventLoop)
    return !isParked
  }

  /// The store has caught up.
  func unpark() {
    isParked = false
    resumeReading()
  }

  private func wake(after seconds: Double, _ context: ChannelHandlerContext) {
    guard !isWakeSet else { return }
    isWakeSet = true
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    context.eventLoop.scheduleTask(in: .nanoseconds(Int64(min(seconds, 60) * 1e9) + 1)) {
      bound.value.isWakeSet = false
      bound.value.resumeReading()
    }
  }

  // MARK: - From outside

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event as? GatewaySignal {
    case .close(let reason):
      if reason == .replaced { _ = session.handle(.replaced) }
      close(reason)
      pump(context)
    case .command(let frame, let time, let seconds, let promise):
      sendCommand(frame, time, seconds, promise, context)
    case .reload(let access):
      // Who has not said anything yet begins with the new registry anyway.
      guard hasSession, case .close(let reason, _, _) = session.handle(.registryChanged(access))
      else { return }
      close(reason)
      pump(context)
    case nil: context.fireUserInboundEventTriggered(event)
    }
  }

  private func sendCommand(
    _ frame: Frame, _ time: WireTime, _ seconds: Double, _ promise: EventLoopPromise<Frame>,
    _ context: ChannelHandlerContext
  ) {
    guard identity == frame.identifier.text, !isClosing, let bytes = try? frame.encoded(),
      commands.hasRoom
    else {
      promise.fail(GatewayError.notConnected)
      return
    }
    let number = commands.add(frame.command, at: time, promise)
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    let timer = context.eventLoop.scheduleTask(in: .nanoseconds(Int64(seconds * 1e9))) {
      bound.value.commands.expire(number, after: seconds)
    }
    commands.setTimer(timer, of: number)
    write(ByteBuffer(bytes: bytes), context)
  }
}
