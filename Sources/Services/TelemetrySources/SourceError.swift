// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Why a live source gives nothing, and what to do about it.

/// Why a live source gives nothing.
public enum SourceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The other side cannot be reached.
  case unreachable(host: String, port: Int, reason: String)
  /// The connection ended or was silent.
  case connectionLost(String)
  /// No answer within the time allowed.
  case silent(what: String, seconds: Double)
  /// The other side refused.
  case refused(what: String, code: UInt8, reason: String)
  /// What came in does not follow the protocol.
  case protocolViolation(String)
  /// A CAN interface cannot be opened.
  case interfaceUnavailable(name: String, reason: String)
  /// A certificate, key or authority cannot be used.
  case badCredentials(file: String, reason: String)

  /// What is wrong, with the next step.
  public var description: String {
    switch self {
    case .unreachable(let host, let port, let reason):
      "\(host):\(port) cannot be reached: \(reason); check address, port and firewall"
    case .connectionLost(let reason): "the connection was lost: \(reason)"
    case .silent(let what, let seconds):
      "no answer to \(what) within \(seconds) s; the device may be busy, raise --timeout"
    case .refused(let what, let code, let reason):
      "\(what) was refused with code \(code): \(reason)"
    case .protocolViolation(let what): "the other side does not follow the protocol: \(what)"
    case .interfaceUnavailable(let name, let reason):
      "CAN interface \(name) cannot be opened: \(reason); `ip link show type can` lists those there"
    case .badCredentials(let file, let reason): "\(file) cannot be used for TLS: \(reason)"
    }
  }
}
