// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What a PostgreSQL server or the way to it may refuse, in words that say what to do.

package import TelemetryStore

/// What a PostgreSQL server or the way to it may refuse. No message holds a password or a value.
package enum PostgresError: Error, Hashable, Sendable {
  /// The address cannot be read.
  case badAddress(reason: String)
  /// No server answers, or the connection broke.
  case unreachable(place: String, reason: String)
  /// The server refused a statement; `state` is its SQLSTATE.
  case refused(place: String, statement: String, state: String, reason: String)
  /// A setting of the server would lose acknowledged frames.
  case unsafe(place: String, setting: String, value: String, need: String)
  /// The commit is on this server, but no standby has confirmed it.
  case unconfirmed(place: String, reason: String)
  /// A newer version of this program made the tables.
  case tooNew(place: String, version: Int32)
  /// The server answered in a form that was not asked for.
  case unexpected(place: String, statement: String, reason: String)

  /// Whether the server's function wants blocks searched before it takes frames.
  var asksForSearch: Bool {
    if case .refused(_, _, "AN001", _) = self { true } else { false }
  }

  /// Whether a new connection, perhaps to another server, may succeed where this one failed.
  package var isTransient: Bool {
    switch self {
    case .unreachable, .unconfirmed: true
    case .refused(_, _, let state, _):
      // Connection faults; shut-down, crash and start; serialisation and deadlock; a server that
      // only reads because its fellow is being promoted.
      state.hasPrefix("08")
        || ["57P01", "57P02", "57P03", "40001", "40P01", "25006"].contains(state)
        || state == "53300"
    case .badAddress, .unsafe, .tooNew, .unexpected: false
    }
  }
}

extension PostgresError: CustomStringConvertible {
  /// One line: what happened, where, and what to do.
  package var description: String {
    switch self {
    case .badAddress(let reason):
      "the address of the database cannot be used: \(reason)"
    case .unreachable(let place, let reason):
      "\(place) does not answer (\(reason)): see that the server runs and the address is right"
    case .refused(let place, let statement, let state, let reason):
      "\(place) refused \(statement) with SQLSTATE \(state) (\(reason)): \(Self.next(after: state))"
    case .unsafe(let place, let setting, let value, let need):
      "\(place) runs with \(setting)=\(value), so acknowledged frames could be lost: set \(need)"
    case .unconfirmed(let place, let reason):
      "\(place) did not wait for its standby (\(reason)): see that the standby runs"
    case .tooNew(let place, let version):
      "\(place) holds tables of version \(version): use the version of anodyne that made them"
    case .unexpected(let place, let statement, let reason):
      "\(place) answered \(statement) in another form (\(reason)): see that its tables were not changed"
    }
  }

  private static func next(after state: String) -> String {
    switch state.prefix(2) {
    case "28": "check user, password (PGPASSFILE or PGPASSWORD) and pg_hba.conf"
    case "3D": "make the database first, with createdb"
    case "42": "check the rights of the user and that no one changed the tables"
    case "53": "free disk, memory or connections of the server"
    case "25": "name the primary; with several hosts add target_session_attrs=read-write"
    case "57": "wait until the server is up again"
    default: "see the log of the server"
    }
  }
}

extension StoreError {
  /// An error of the server in the terms of the store.
  package init(_ error: PostgresError) {
    switch error {
    case .badAddress(let reason):
      self = .cannotOpen(path: "the database", reason: reason)
    case .refused(let place, _, "53100", _):
      self = .diskFull(path: place)
    case .refused(let place, let statement, let state, let reason)
    where state == "XX001" || state == "XX002":
      self = .corrupt(path: place, reason: "\(statement): \(reason)")
    case .refused(let place, _, let state, let reason)
    where state.hasPrefix("28") || state.hasPrefix("3D"):
      self = .cannotOpen(path: place, reason: reason)
    case .tooNew(let place, _):
      self = .tooNew(path: place)
    case .unreachable(let place, _), .refused(let place, _, _, _), .unsafe(let place, _, _, _),
      .unconfirmed(let place, _), .unexpected(let place, _, _):
      let text = error.description.dropFirst(place.count).drop { $0 == " " }
      let parts = text.split(separator: "): ", maxSplits: 1)
      if parts.count == 2 {
        self = .server(place: place, reason: parts[0] + ")", next: String(parts[1]))
      } else {
        let halves = text.split(separator: ": ", maxSplits: 1)
        self = .server(
          place: place, reason: String(halves.first ?? ""), next: String(halves.last ?? ""))
      }
    }
  }
}
