// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Queries, settings and controls of connected vehicles, with policy and audit.

public import Foundation
import FrameCryptography
import Synchronization
public import TelemetryCodec

/// Who asks for a remote command and why; both end up in the audit log.
public struct CommandAuthor: Hashable, Sendable {
  /// Who asks for it.
  public var name: String
  /// Who approved it; another person than `name`.
  public var approvedBy: String?
  /// Why.
  public var reason: String

  /// Names the author.
  public init(name: String, approvedBy: String? = nil, reason: String) {
    self.name = name
    self.approvedBy = approvedBy
    self.reason = reason
  }
}

/// Which remote commands are allowed.
public struct CommandPolicy: Hashable, Sendable {
  /// Whether parameters may be set.
  public var allowsSettings = false
  /// Numbers of the controls allowed; upgrade (1), power off (2), reset (3), factory reset (4) and
  /// dropping the link (5) are off unless named here.
  public var controls: Set<UInt8> = [6, 7]
  /// Controls that a second person has to approve, and settings, too, if they are allowed.
  public var needsApproval: Set<UInt8> = [1, 2, 3, 4, 5]
  /// Whether a second person has to approve settings.
  public var settingsNeedApproval = true

  /// Creates the usual policy: queries, warnings and sampling links alone.
  public init() {}

  /// Why a control is forbidden; nil when it is not.
  func objection(toControl number: UInt8, _ author: CommandAuthor) -> String? {
    guard controls.contains(number) else {
      return "control \(number) is off; name it under commands.controls in the configuration"
    }
    return needsApproval.contains(number) ? lackOfApproval(author) : nil
  }

  /// Why setting parameters is forbidden; nil when it is not.
  func objectionToSetting(_ author: CommandAuthor) -> String? {
    guard allowsSettings else {
      return "setting parameters is off; switch commands.settings on in the configuration"
    }
    return settingsNeedApproval ? lackOfApproval(author) : nil
  }

  private func lackOfApproval(_ author: CommandAuthor) -> String? {
    guard let second = author.approvedBy, !second.isEmpty else {
      return "a second person has to approve it"
    }
    return second == author.name ? "the second person must be another one" : nil
  }
}

/// What a vehicle answered to a setting or control.
public struct CommandAnswer: Hashable, Sendable {
  /// The answer flag.
  public var acknowledgement: Acknowledgement
  /// The time that came back.
  public var time: WireTime?
}

/// Queries (0x80), settings (0x81) and controls (0x82) of connected vehicles.
///
/// Before anything is sent its audit record is durable; the outcome follows as another record.
public struct RemoteCommands: Sendable {
  private let gateway: GatewayServer
  private let policy: CommandPolicy
  private let audit: any AuditLog
  private let timeout: Double
  private let now: @Sendable () -> Double
  private let counter = Counter()

  /// Creates the interface.
  ///
  /// - Parameters:
  ///   - gateway: Where the vehicles are connected.
  ///   - policy: What is allowed.
  ///   - audit: Where records go.
  ///   - timeout: Longest wait for an answer, in seconds.
  ///   - now: Gives the time, Unix seconds.
  public init(
    gateway: GatewayServer, policy: CommandPolicy = CommandPolicy(), audit: any AuditLog,
    timeout: Double = 30, now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
  ) {
    self.gateway = gateway
    self.policy = policy
    self.audit = audit
    self.timeout = timeout
    self.now = now
  }

  /// Asks a vehicle for parameters.
  ///
  /// - Parameters:
  ///   - identity: VIN of a connected vehicle.
  ///   - parameters: Numbers of the parameters.
  ///   - author: Who asks.
  /// - Returns: What it told.
  /// - Throws: ``GatewayError``, ``GatewayError/protocolViolation(_:)`` for an answer that holds
  ///   no parameters.
  public func query(
    _ identity: String, parameters: [UInt8], by author: CommandAuthor
  ) async throws(GatewayError) -> ParameterList {
    let time = try wireTime()
    let unit = DataUnit.parameterQuery(ParameterQuery(time: time, identifiers: Counted(parameters)))
    let names = parameters.map { String($0) }.joined(separator: ",")
    let answer = try await send(
      identity, .parameterQuery, unit, at: time, "query \(names)", author, objection: nil
    ) { answer in
      guard case .parameters(let list)? = try? answer.decodedUnit() else {
        return "flag \(answer.acknowledgement.rawValue), no parameters"
      }
      return list.parameters.map { "\($0.identifier)=\(Self.text($0))" }.joined(separator: " ")
    }
    guard case .parameters(let list)? = try? answer.decodedUnit() else {
      throw .protocolViolation("the answer to the query holds no parameters")
    }
    return list
  }

  /// Sets parameters of a vehicle.
  ///
  /// - Returns: What it answered; the flag tells whether it obeyed.
  /// - Throws: ``GatewayError``.
  public func set(
    _ identity: String, _ parameters: [Parameter], by author: CommandAuthor
  ) async throws(GatewayError) -> CommandAnswer {
    let time = try wireTime()
    let unit = DataUnit.parameters(ParameterList(time: time, parameters: parameters))
    let values = parameters.map { "\($0.identifier)=\(Self.text($0))" }.joined(separator: " ")
    let answer = try await send(
      identity, .parameterSetting, unit, at: time, "set \(values)", author,
      objection: policy.objectionToSetting(author)
    ) { "flag \($0.acknowledgement.rawValue)" }
    return CommandAnswer(acknowledgement: answer.acknowledgement, time: answer.time)
  }

  /// Controls a vehicle's terminal.
  ///
  /// - Parameters:
  ///   - identity: VIN of a connected vehicle.
  ///   - number: 1 upgrade, 2 power off, 3 reset, 4 factory reset, 5 drop the link, 6 warning,
  ///     7 start the sampling link, 0x80–0xFE user-defined.
  ///   - content: What goes with it.
  ///   - author: Who asks.
  /// - Returns: What it answered.
  /// - Throws: ``GatewayError``.
  public func control(
    _ identity: String, _ number: UInt8, _ content: TerminalControl.Content = .bytes([]),
    by author: CommandAuthor
  ) async throws(GatewayError) -> CommandAnswer {
    let time = try wireTime()
    let unit = DataUnit.terminalControl(
      TerminalControl(time: time, command: number, content: content))
    // The content may hold passwords (upgrade): only the number is recorded.
    let answer = try await send(
      identity, .terminalControl, unit, at: time, "control \(number)", author,
      objection: policy.objection(toControl: number, author)
    ) { "flag \($0.acknowledgement.rawValue)" }
    return CommandAnswer(acknowledgement: answer.acknowledgement, time: answer.time)
  }

  // MARK: - Proposing

  /// Whether a second person has to approve an action that the policy allows.
  func needsApproval(_ action: CommandRequest.Action) -> Bool {
    switch action {
    case .query: false
    case .set: policy.allowsSettings && policy.settingsNeedApproval
    case .control(let number, _):
      policy.controls.contains(number) && policy.needsApproval.contains(number)
    }
  }

  /// Records that a command waits for a second person.
  ///
  /// - Returns: Its number.
  /// - Throws: ``GatewayError/auditFailed(reason:)``.
  func propose(_ request: CommandRequest, by author: CommandAuthor) async throws(GatewayError)
    -> Int
  {
    let number = counter.next()
    let action =
      switch request.action {
      case .query(let list): "query " + list.map { String($0) }.joined(separator: ",")
      case .set(let list): "set " + list.map { "\($0.identifier)" }.joined(separator: " ")
      case .control(let control, _): "control \(control)"
      }
    try await audit.append(
      AuditRecord(
        command: number, step: .proposed, time: stamp(), by: author.name, reason: author.reason,
        vehicle: gateway.auditName(of: request.vehicle), action: action))
    gateway.metrics.update { $0.commands["proposed", default: 0] += 1 }
    return number
  }

  /// The edition that a connected vehicle speaks.
  func edition(of identity: String) throws(GatewayError) -> Edition {
    try gateway.peer(identity).edition
  }

  // MARK: - Sending

  private func send(
    _ identity: String, _ command: Command, _ unit: DataUnit, at time: WireTime,
    _ action: String, _ author: CommandAuthor, objection: String?, told: (Frame) -> String
  ) async throws(GatewayError) -> Frame {
    var record = AuditRecord(
      command: counter.next(), step: .requested, time: stamp(), by: author.name,
      approvedBy: author.approvedBy, reason: author.reason,
      vehicle: gateway.auditName(of: identity),
      action: action)
    if let objection {
      record.step = .forbidden
      record.outcome = objection
      gateway.metrics.update { $0.commands["forbidden", default: 0] += 1 }
      try await audit.append(record)
      throw .commandForbidden(reason: objection)
    }
    try await audit.append(record)
    do throws(GatewayError) {
      let peer = try gateway.peer(identity)
      let frame = try request(identity, command, unit, peer)
      let answer = try await gateway.command(frame, at: time, seconds: timeout)
      record.step = .answered
      record.outcome = told(answer)
      record.time = stamp()
      gateway.metrics.update { $0.commands["answered", default: 0] += 1 }
      await appendOutcome(record)
      return answer
    } catch {
      record.step = .failed
      record.outcome = "\(error)"
      record.time = stamp()
      gateway.metrics.update { $0.commands["failed", default: 0] += 1 }
      await appendOutcome(record)
      throw error
    }
  }

  /// Records how a command that was sent ended. The command cannot be taken back, so an outcome that
  /// cannot be written is counted and does not hide what the vehicle said.
  private func appendOutcome(_ record: AuditRecord) async {
    do throws(GatewayError) {
      try await audit.append(record)
    } catch {
      gateway.metrics.update { $0.commands["unrecorded", default: 0] += 1 }
    }
  }

  private func request(
    _ identity: String, _ command: Command, _ unit: DataUnit, _ peer: GatewayServer.Peer
  ) throws(GatewayError) -> Frame {
    guard let identifier = UniqueIdentifier(identity),
      var frame = try? Frame(
        edition: peer.edition, command: command, identifier: identifier, unit: unit)
    else { throw .protocolViolation("the command does not fit the edition of the vehicle") }
    // A vehicle is spoken to as it logged in; in plain text only where that is allowed.
    guard peer.encryption != .none || peer.vehicle.requiresEncryption else { return frame }
    frame.encryption = peer.encryption == .none ? .aes128 : peer.encryption
    guard let sealed = try? peer.vehicle.keys.ciphertext(of: frame.unit, for: frame) else {
      throw .protocolViolation("no key to encrypt the command with")
    }
    frame.unit = sealed
    return frame
  }

  private func wireTime() throws(GatewayError) -> WireTime {
    guard let time = WireTime(unixSeconds: Int64(now().rounded(.down))) else {
      throw .protocolViolation("the clock of this machine is not between the years 2000 and 2099")
    }
    return time
  }

  private func stamp() -> String { Date(timeIntervalSince1970: now()).ISO8601Format() }

  static func text(_ parameter: Parameter) -> String {
    switch parameter.value {
    case .byte(let value): "\(value)"
    case .word(let value): "\(value)"
    case .text(let bytes): WireText.text(of: bytes)
    }
  }
}

/// Numbers from 1.
private final class Counter: Sendable {
  private let value = Mutex(0)
  func next() -> Int {
    value.withLock { value in
      value += 1
      return value
    }
  }
}
