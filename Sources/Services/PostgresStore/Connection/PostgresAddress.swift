// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where a database is, as libpq reads it, and how it may be shown.

import CPostgres

/// Where a database is, as libpq reads it, and how it may be shown.
///
/// `postgres://` and `postgresql://` addresses with one or several hosts. What is not in the address
/// comes from the environment and the password file, as with `psql`.
package struct PostgresAddress: Hashable, Sendable {
  /// Keywords and values for libpq, with our defaults; the password is among them if it was given.
  let options: [String: String]
  /// Hosts and database without user, password and other options, for messages.
  package let place: String

  /// Whether a text names a database rather than a folder.
  package static func isAddress(_ text: String) -> Bool {
    text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
  }

  /// Reads an address.
  ///
  /// - Parameter text: `postgres://[user[:password]@]host[:port][,…]/database[?option=value&…]`.
  /// - Throws: ``PostgresError/badAddress(reason:)``; the message repeats nothing of the address.
  package init(_ text: String) throws(PostgresError) {
    guard Self.isAddress(text) else {
      throw .badAddress(reason: "it must begin with postgres:// or postgresql://")
    }
    var message: UnsafeMutablePointer<CChar>?
    guard let list = PQconninfoParse(text, &message) else {
      // libpq's message may repeat the password.
      PQfreemem(message)
      throw .badAddress(
        reason:
          "libpq cannot read it; the form is postgres://user@host:5432/database?option=value, "
          + "with %-escapes for special characters")
    }
    defer { PQconninfoFree(list) }
    var options: [String: String] = [:]
    var entry = list
    while let keyword = entry.pointee.keyword {
      if let value = entry.pointee.val {
        options[String(cString: keyword)] = String(cString: value)
      }
      entry += 1
    }
    let hosts = options["host"] ?? options["hostaddr"] ?? "the local server"
    let database = options["dbname"] ?? "the default database"
    place = "PostgreSQL at \(hosts)\(options["port"].map { ":\($0)" } ?? "")/\(database)"
    // A server that lost its power says nothing: these find out within some ten seconds.
    let defaults = [
      "connect_timeout": "5", "keepalives_idle": "5", "keepalives_interval": "2",
      "keepalives_count": "3", "tcp_user_timeout": "10000", "application_name": "anodyne",
      "client_encoding": "UTF8",
    ]
    options.merge(defaults) { given, _ in given }
    if hosts.contains(","), options["target_session_attrs"] == nil {
      options["target_session_attrs"] = "read-write"
    }
    self.options = options
  }
}
