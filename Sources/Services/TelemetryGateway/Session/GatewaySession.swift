// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What one connection may do and what it is answered: a state machine without I/O.

public import FrameCryptography
public import TelemetryCodec
public import TelemetryStore

/// What one connection may do and what it is answered.
///
/// A fresh connection may only log in: a vehicle (01) or a sending platform (05). A vehicle then
/// reports under its own VIN alone, a platform for the vehicles that the registry lets it speak for.
/// Encrypted units are deciphered and signatures checked with the registry's keys. What must be
/// durable before it is acknowledged comes out as ``Action/store(_:answer:)``; the caller
/// stores it and sends the answer, or the same with an error if the store failed. No I/O, no
/// clock: the same events always give the same actions.
public struct GatewaySession: Sendable {
  /// What the connection may do.
  public enum Phase: Hashable, Sendable {
    /// Only a login is accepted.
    case awaitingLogin
    /// The vehicle of this VIN is logged in.
    case active(identity: String)
    /// The platform of this user name is logged in.
    case platform(user: String)
    /// Nothing is accepted any more.
    case closed
  }

  /// What happens to a connection.
  public enum Event: Sendable {
    /// A frame arrived at a Unix time in seconds.
    case received(Frame, at: Double)
    /// The vehicle that wants to log in is online over another connection, which is kept.
    case receivedWhileOnline(Frame)
    /// Frames handed out for storing could not be stored.
    case storeFailed
    /// The connection did not log in, or said nothing, for too long.
    case timedOut
    /// The same vehicle logged in over another connection.
    case replaced
    /// The registry was read again: who is logged in under demands that no longer hold has to log in
    /// anew.
    case registryChanged(AccessRegistry)
  }

  /// What to do with an event.
  public enum Action: Hashable, Sendable {
    /// Nothing.
    case ignore
    /// Store the frame; when it is durable, send the answer.
    case store(NewFrame, answer: Frame)
    /// Answer at once.
    case answer(Frame)
    /// Answer negatively at once; count, log and quarantine under the reason.
    case refuse(Refusal, detail: String, answer: Frame)
    /// Hand the peer's answer to whoever asked it.
    case answered(Frame)
    /// Close, after the answers still due and this one, if any.
    case close(CloseReason, refusal: Refusal?, answer: Frame?)
  }

  /// What the connection may do now.
  public private(set) var phase = Phase.awaitingLogin
  /// Reports whose signature was there but could not be checked for want of a key.
  public private(set) var uncheckedSignatures = 0

  private static let nobody = PasswordHash(of: "")
  private var registry: AccessRegistry
  private let certificate: CertificateFacts?
  private var identifier = UniqueIdentifier.blank
  private var vehicle = AccessRegistry.Vehicle()
  private var platform: AccessRegistry.Platform?

  /// Creates the session of a fresh connection.
  ///
  /// - Parameters:
  ///   - registry: Who may log in and how.
  ///   - certificate: What the peer's client certificate says; nil without one.
  public init(registry: AccessRegistry = .open, certificate: CertificateFacts? = nil) {
    self.registry = registry
    self.certificate = certificate
  }

  /// Takes one event.
  ///
  /// - Parameter event: What happened.
  /// - Returns: What to do; answers are due in the order of the frames.
  public mutating func handle(_ event: Event) -> Action {
    if phase == .closed { return .ignore }
    switch event {
    case .received(let frame, let time): return received(frame, at: time)
    case .receivedWhileOnline(let frame): return refuseLogin(frame, .alreadyOnline)
    case .storeFailed: return close(.storeFailed)
    case .timedOut: return close(.timedOut)
    case .replaced: return close(.replaced)
    case .registryChanged(let registry): return follow(registry)
    }
  }

  /// Keeps to another registry; a peer whose entry is gone or another one has to log in anew.
  private mutating func follow(_ registry: AccessRegistry) -> Action {
    self.registry = registry
    switch phase {
    case .awaitingLogin, .closed: return .ignore
    case .active(let identity):
      return registry.vehicle(identity) == vehicle ? .ignore : close(.revoked)
    case .platform(let user):
      return registry.platforms[user] == platform ? .ignore : close(.revoked)
    }
  }

  private mutating func close(_ reason: CloseReason) -> Action {
    phase = .closed
    return .close(reason, refusal: nil, answer: nil)
  }

  private mutating func received(_ frame: Frame, at time: Double) -> Action {
    if frame.isAnswer { return answered(frame) }
    switch phase {
    case .closed: return .ignore
    case .awaitingLogin:
      switch frame.command {
      case .vehicleLogin: return vehicleLogin(frame, at: time)
      case .platformLogin: return platformLogin(frame)
      default: return close(.noLogin)
      }
    case .active(let identity):
      guard frame.identifier == identifier else { return refuse(frame, .foreignIdentity) }
      switch frame.command {
      case .vehicleLogin: return vehicleLogin(frame, at: time)
      case .realTimeReport, .reissuedReport:
        return keep(frame, of: identity, vehicle, keys: vehicle.keys, at: time)
      case .vehicleLogout:
        let action = keep(frame, of: identity, vehicle, keys: vehicle.keys, at: time)
        if case .store = action { phase = .awaitingLogin }
        return action
      default: return housekeeping(frame, at: time)
      }
    case .platform: return fromPlatform(frame, at: time)
    }
  }

  /// The peer's answer to a command, opened where it is encrypted: whom it answers stands in its
  /// time.
  private mutating func answered(_ frame: Frame) -> Action {
    if phase == .awaitingLogin { return close(.noLogin) }
    guard frame.encryption != .none, !frame.unit.isEmpty else { return .answered(frame) }
    guard case .active = phase, let plain = try? vehicle.keys.plaintext(of: frame) else {
      return .ignore
    }
    return .answered(frame.withPlainUnit(plain))
  }

  // MARK: - Logins

  private mutating func vehicleLogin(_ frame: Frame, at time: Double) -> Action {
    let identity = frame.identifier.text
    guard Self.isIdentity(identity) else { return refuseLogin(frame, .malformed) }
    guard let entry = registry.vehicle(identity) else { return refuseLogin(frame, .unknownVehicle) }
    guard proves(identity, entry.certificate) else { return refuseLogin(frame, .wrongCertificate) }
    let action = keep(frame, of: identity, entry, keys: entry.keys, at: time)
    guard case .store(let stored, _) = action else {
      if case .refuse(let reason, _, _) = action { return refuseLogin(frame, reason) }
      return action
    }
    if let expected = entry.simCard, Self.simCard(in: stored) != expected {
      return refuseLogin(frame, .wrongSimCard)
    }
    identifier = frame.identifier
    vehicle = entry
    phase = .active(identity: identity)
    return action
  }

  private mutating func platformLogin(_ frame: Frame) -> Action {
    let plain: Frame
    if frame.encryption == .none {
      plain = frame
    } else {
      // Which platform it is stands inside: only a ring that opens the unit can be meant.
      guard
        let unit = registry.platforms.values.lazy.compactMap({ try? $0.keys.plaintext(of: frame) })
          .first
      else { return refuseLogin(frame, .encrypted) }
      plain = frame.withPlainUnit(unit)
    }
    guard case .platformLogin(let login)? = try? plain.decodedUnit(),
      login.time.unixSeconds != nil
    else { return refuseLogin(frame, .malformed) }
    let user = WireText.text(of: login.user)
    var password = login.password
    while password.last == 0 { password.removeLast() }
    // An unknown user costs as much time as a wrong password.
    let known = registry.platforms[user]
    let isRight = (known?.password ?? Self.nobody).matches(password)
    guard let entry = known, isRight else { return refuseLogin(frame, .wrongPassword) }
    guard proves(user, entry.certificate) else { return refuseLogin(frame, .wrongCertificate) }
    identifier = frame.identifier
    platform = entry
    phase = .platform(user: user)
    return .answer(answer(to: frame, plain: plain, .success, keys: entry.keys))
  }

  /// Whether the client certificate, if there is one or one is demanded, is that of the peer.
  private func proves(_ name: String, _ fingerprint: String?) -> Bool {
    if let fingerprint { return certificate?.fingerprint == fingerprint }
    guard let certificate else { return true }
    return certificate.names.contains(name)
  }

  private static func simCard(in login: NewFrame) -> String {
    // Behind six bytes of time and two of the serial number.
    let place = login.unit.lowerBound + 8
    return WireText.text(of: Array(login.bytes[place..<place + VehicleLogin.simCardLength]))
  }

  private mutating func refuseLogin(_ frame: Frame, _ reason: Refusal) -> Action {
    phase = .closed
    return .close(
      .badLogin, refusal: reason,
      answer: frame.answer(reason.acknowledgement(in: frame.edition)))
  }

  // MARK: - After the login

  private mutating func fromPlatform(_ frame: Frame, at time: Double) -> Action {
    guard let platform else { return close(.badLogin) }
    switch frame.command {
    case .vehicleLogin, .vehicleLogout, .realTimeReport, .reissuedReport:
      let identity = frame.identifier.text
      guard Self.isIdentity(identity), platform.vehicles.contains(where: { $0.matches(identity) })
      else { return refuse(frame, .foreignIdentity) }
      var entry = registry.vehicles[identity] ?? AccessRegistry.Vehicle()
      entry.requiresEncryption = platform.requiresEncryption
      return keep(frame, of: identity, entry, keys: platform.keys, at: time)
    case .platformLogin: return platformLogin(frame)
    case .platformLogout:
      phase = .awaitingLogin
      return .answer(answer(to: frame, plain: nil, .success, keys: platform.keys))
    default: return housekeeping(frame, at: time)
    }
  }

  private func housekeeping(_ frame: Frame, at time: Double) -> Action {
    switch frame.command {
    case .heartbeat: return .answer(frame.answer(.success))
    case .timeSynchronisation:
      let now = WireTime(unixSeconds: Int64(time.rounded(.down)))
      return .answer(frame.answer(.success, time: now))
    default: return refuse(frame, .unsupported)
    }
  }

  /// Opens and judges a frame that has to be stored.
  private mutating func keep(
    _ frame: Frame, of identity: String, _ entry: AccessRegistry.Vehicle, keys: KeyRing,
    at time: Double
  ) -> Action {
    guard entry.editions.contains(frame.edition) else { return refuse(frame, .wrongEdition) }
    if entry.requiresEncryption, frame.encryption == .none { return refuse(frame, .notEncrypted) }
    let opened: OpenedFrame
    do throws(CodecError) {
      opened = try frame.opened(using: LinkProtection(link: keys, signer: entry.keys))
    } catch .protection(let error) {
      switch error {
      case .noKey, .unsupported: return refuse(frame, .encrypted, error.code)
      default: return refuse(frame, .cannotDecrypt, error.code)
      }
    } catch {
      return refuse(frame, .malformed, error.code)
    }
    let isReport: Bool
    switch opened.unit {
    case .report: isReport = true
    case .vehicleLogin, .logout: isReport = false
    default: return refuse(frame, .malformed, "another data unit")
    }
    let plain = frame.withPlainUnit(opened.plaintext)
    guard let collected = plain.time?.unixSeconds else { return refuse(frame, .badTime) }
    switch opened.verdict {
    case .valid: break
    case .wrong: return refuse(frame, .wrongSignature)
    case .unsigned: if isReport, entry.requiresSignature { return refuse(frame, .notSigned) }
    case .noKey, .unsupported:
      if entry.requiresSignature { return refuse(frame, .notSigned) }
      uncheckedSignatures += 1
    }
    guard let bytes = try? plain.encoded() else { return refuse(frame, .malformed) }
    let start = Frame.headerByteCount
    let stored = NewFrame(
      identity: identity, collectionTime: collected, receiveTime: time,
      command: frame.command.rawValue, bytes: bytes,
      unit: start..<(start + opened.plaintext.count))
    return .store(stored, answer: answer(to: frame, plain: plain, .success, keys: keys))
  }

  /// The answer: the time of the request, encrypted as the request was where the keys allow it.
  private func answer(
    to frame: Frame, plain: Frame?, _ flag: Acknowledgement, keys: KeyRing
  ) -> Frame {
    guard frame.encryption != .none else { return frame.answer(flag) }
    var answer = (plain ?? frame).answer(flag)
    if answer.unit.isEmpty { return answer }
    answer.encryption = frame.encryption
    if let sealed = try? keys.ciphertext(of: answer.unit, for: answer) {
      answer.unit = sealed
    } else {
      answer.encryption = .none
    }
    return answer
  }

  private func refuse(_ frame: Frame, _ reason: Refusal, _ detail: String = "") -> Action {
    .refuse(
      reason, detail: detail, answer: frame.answer(reason.acknowledgement(in: frame.edition)))
  }

  /// Whether a text can be a VIN: one to 17 visible ASCII characters.
  static func isIdentity(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }
}
