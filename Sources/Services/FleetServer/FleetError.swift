// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What can go wrong at the edge of the fleet server.

/// What can go wrong at the edge of the fleet server.
public enum FleetError: Error, Hashable, Sendable {
  /// The address is taken by another program.
  case addressInUse(host: String, port: Int)
  /// The address cannot be listened on; `reason` is the system's word.
  case cannotListen(host: String, port: Int, reason: String)
}

extension FleetError: CustomStringConvertible {
  /// One line: what happened, where, and what to do.
  public var description: String {
    switch self {
    case .addressInUse(let host, let port):
      "port \(port) on \(host) is in use: stop the other program, or choose another --http-port"
    case .cannotListen(let host, let port, let reason):
      "cannot listen on \(host):\(port): \(reason)"
    }
  }
}
