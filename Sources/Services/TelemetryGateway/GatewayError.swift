// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What can go wrong on the link between vehicles and gateway.

/// What can go wrong on the link between vehicles and gateway.
public enum GatewayError: Error, Hashable, Sendable {
  /// The address is taken by another program.
  case addressInUse(host: String, port: Int)
  /// The address cannot be listened on; `reason` is the system's word.
  case cannotListen(host: String, port: Int, reason: String)
  /// Nobody answers at the address, after this many attempts.
  case unreachable(host: String, port: Int, attempts: Int, reason: String)
  /// The gateway refused the login.
  case loginRefused(identity: String)
  /// The other side broke the protocol.
  case protocolViolation(String)
  /// The connection was lost or an answer did not come in time.
  case connectionLost(String)
  /// A certificate or key file cannot be used.
  case badCertificate(file: String, reason: String)
  /// The vehicle is not connected, so it cannot be commanded.
  case notConnected
  /// The vehicle did not answer a command in time.
  case noAnswer(seconds: Double)
  /// The command is not allowed by the policy; `reason` says by which rule.
  case commandForbidden(reason: String)
  /// The audit record could not be written, so nothing was sent.
  case auditFailed(reason: String)
  /// A row cannot be expressed as a frame.
  case cannotEncode(row: Int, reason: String)
}

extension GatewayError: CustomStringConvertible {
  /// One line: what happened, where, and what to do.
  public var description: String {
    switch self {
    case .addressInUse(let host, let port):
      "port \(port) on \(host) is in use: stop the other program, or choose another --gateway-port"
    case .cannotListen(let host, let port, let reason):
      "cannot listen on \(host):\(port): \(reason)"
    case .unreachable(let host, let port, let attempts, let reason):
      "no gateway answers at \(host):\(port) after \(attempts) attempts (\(reason)): is `anodyne serve` running?"
    case .loginRefused(let identity):
      "the gateway refused the login of \(identity)"
    case .protocolViolation(let what): "the gateway broke the protocol: \(what)"
    case .connectionLost(let reason): "the connection was lost: \(reason)"
    case .badCertificate(let file, let reason): "certificate or key \(file): \(reason)"
    case .notConnected:
      "the vehicle is not connected: try again when it has logged in"
    case .noAnswer(let seconds):
      "the vehicle did not answer within \(seconds) s: it may still have obeyed; query it"
    case .commandForbidden(let reason): "the command is not allowed: \(reason)"
    case .auditFailed(let reason):
      "the command was not sent, because its audit record cannot be written: \(reason)"
    case .cannotEncode(let row, let reason): "row \(row) cannot be sent as a frame: \(reason)"
    }
  }
}
