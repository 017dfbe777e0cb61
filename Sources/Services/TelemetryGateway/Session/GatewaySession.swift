// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What one connection may do and what it is answered: a state machine without I/O.

public import TelemetryCodec
public import TelemetryStore

/// What one connection may do and what it is answered.
///
/// A fresh connection may only log in. After that the vehicle may report, ask for the time, show a
/// sign of life, log in again or log out, under its own VIN alone. What must be durable before it
/// is acknowledged comes out as ``Action/store(_:answering:)``; the caller stores it and answers
/// with success, or with error if the store failed. No I/O, no clock: the same
/// events always give the same actions.
public struct GatewaySession: Sendable {
  /// What the connection may do.
  public enum Phase: Hashable, Sendable {
    /// Only a login is accepted.
    case awaitingLogin
    /// The vehicle of this VIN is logged in.
    case active(identity: String)
    /// Nothing is accepted any more.
    case closed
  }

  /// What happens to a connection.
  public enum Event: Sendable {
    /// A frame arrived at a Unix time in seconds.
    case received(Frame, at: Double)
    /// Frames handed out for storing could not be stored.
    case storeFailed
    /// The connection did not log in, or said nothing, for too long.
    case timedOut
    /// The same vehicle logged in over another connection.
    case replaced
  }

  /// What to do with an event.
  public enum Action: Hashable, Sendable {
    /// Nothing.
    case ignore
    /// Store the frame; when it is durable, answer the request with success.
    case store(NewFrame, answering: Frame)
    /// Answer at once.
    case answer(Frame, Refusal?)
    /// Close, after the answers still due and this one, if any.
    case close(CloseReason, answer: Frame?)
  }

  /// Why a frame was refused.
  public enum Refusal: String, CaseIterable, Hashable, Sendable {
    /// The VIN is not that of the login.
    case foreignIdentity = "foreign_identity"
    /// The time in the data unit is no time.
    case badTime = "bad_time"
    /// The data unit is not what the command demands.
    case malformed
    /// Encrypted without a key agreed upon.
    case encrypted
    /// A command that this gateway does not serve.
    case unsupported
  }

  /// Why a connection is closed by the gateway.
  public enum CloseReason: String, CaseIterable, Hashable, Sendable {
    /// The first frame was not a login.
    case noLogin = "no_login"
    /// The login was not valid.
    case badLogin = "bad_login"
    /// The store failed.
    case storeFailed = "store_failed"
    /// Nothing, or no login, arrived in time.
    case timedOut = "timed_out"
    /// The vehicle logged in over another connection.
    case replaced
    /// As many connections as allowed are open.
    case tooMany = "too_many"
  }

  /// What the connection may do now.
  public private(set) var phase = Phase.awaitingLogin

  /// Creates the session of a fresh connection.
  public init() {}

  /// Takes one event.
  ///
  /// - Parameter event: What happened.
  /// - Returns: What to do; answers are due in the order of the frames.
  public mutating func handle(_ event: Event) -> Action {
    if phase == .closed { return .ignore }
    switch event {
    case .received(let frame, let time):
      return received(frame, at: time)
    case .storeFailed: return close(.storeFailed)
    case .timedOut: return close(.timedOut)
    case .replaced: return close(.replaced)
    }
  }

  private mutating func close(_ reason: CloseReason) -> Action {
    phase = .closed
    return .close(reason, answer: nil)
  }

  private mutating func received(_ frame: Frame, at time: Double) -> Action {
    if frame.isAnswer { return .ignore }
    switch phase {
    case .closed: return .ignore
    case .awaitingLogin:
      guard frame.command == .vehicleLogin else { return close(.noLogin) }
      return login(frame, at: time)
    case .active(let identity):
      guard frame.identifier.text == identity else { return refuse(frame, .foreignIdentity) }
      switch frame.command {
      case .vehicleLogin: return login(frame, at: time)
      case .realTimeReport, .reissuedReport: return report(frame, at: time)
      case .vehicleLogout:
        guard let action = store(frame, at: time, minimumLength: 8) else {
          return refuse(frame, .badTime)
        }
        phase = .awaitingLogin
        return action
      case .heartbeat: return .answer(frame.answer(.success), nil)
      case .timeSynchronisation:
        let now = WireTime(unixSeconds: Int64(time.rounded(.down)))
        return .answer(frame.answer(.success, time: now), nil)
      default: return refuse(frame, .unsupported)
      }
    }
  }

  private mutating func login(_ frame: Frame, at time: Double) -> Action {
    let identity = frame.identifier.text
    guard frame.edition == .edition2016, frame.encryption == .none, Self.isIdentity(identity),
      case .vehicleLogin? = try? frame.decodedUnit(),
      let action = store(frame, at: time, minimumLength: 30)
    else {
      phase = .closed
      return .close(.badLogin, answer: frame.answer(.error))
    }
    phase = .active(identity: identity)
    return action
  }

  private func report(_ frame: Frame, at time: Double) -> Action {
    if frame.edition != .edition2016 { return refuse(frame, .unsupported) }
    if frame.encryption != .none { return refuse(frame, .encrypted) }
    guard frame.time?.unixSeconds != nil else { return refuse(frame, .badTime) }
    guard case .report? = try? frame.decodedUnit() else { return refuse(frame, .malformed) }
    return store(frame, at: time, minimumLength: 6) ?? refuse(frame, .badTime)
  }

  private func store(_ frame: Frame, at time: Double, minimumLength: Int) -> Action? {
    guard frame.unit.count >= minimumLength, let collected = frame.time?.unixSeconds,
      let bytes = try? frame.encoded()
    else { return nil }
    let start = Frame.headerByteCount
    let stored = NewFrame(
      identity: frame.identifier.text, collectionTime: collected, receiveTime: time,
      command: frame.command.rawValue, bytes: bytes, unit: start..<(start + frame.unit.count))
    return .store(stored, answering: frame)
  }

  private func refuse(_ frame: Frame, _ reason: Refusal) -> Action {
    .answer(frame.answer(.error), reason)
  }

  /// Whether a text can be a VIN: one to 17 visible ASCII characters.
  static func isIdentity(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }
}
