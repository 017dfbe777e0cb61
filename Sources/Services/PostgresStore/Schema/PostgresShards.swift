// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Puts partitions of an empty store on other servers, as foreign tables.

package import TelemetryStore

/// Puts partitions of an empty store on other servers, as foreign tables of `postgres_fdw`.
///
/// Log and blocks of a vehicle lie on the same server. The first server keeps its share, the
/// vehicles, the counter, alarms, audit and rules.
package enum PostgresShards {
  /// Spreads the partitions evenly over the first server and others.
  ///
  /// - Parameters:
  ///   - address: The first server; its user may make extensions and servers.
  ///   - shards: Addresses of the others, as the first server reaches them. User and password in
  ///     them are kept in the first server's user mapping.
  ///   - schema: Schema of the tables on all of them.
  /// - Throws: ``StoreError``; ``StoreError/cannotOpen(path:reason:)`` if frames are stored already.
  package static func spread(
    _ address: String, over shards: [String], schema: String = "anodyne"
  ) throws(StoreError) {
    let places: [PostgresAddress]
    do throws(PostgresError) {
      places = try [address].map(PostgresAddress.init) + shards.map(PostgresAddress.init)
    } catch {
      throw StoreError(error)
    }
    let name = PostgresNames.quoted(schema)
    for (shard, place) in places.enumerated().dropFirst() {
      let session = PostgresSession("shard", place) { _ throws(PostgresError) in }
      let numbers = Self.numbers(of: shard, among: places.count)
      try session.runNow(patience: .seconds(5)) { connection in
        try connection.execute("CREATE SCHEMA IF NOT EXISTS \(name)")
        try connection.transaction {
          try connection.execute("SET LOCAL search_path TO \(name)")
          for number in numbers { try connection.execute(PostgresSchema.loosePartition(number)) }
        }
      }
      session.closeNow()
    }
    let session = PostgresSession("first", places[0]) { connection throws(PostgresError) in
      try connection.execute("SET search_path TO \(name), public")
    }
    defer { session.closeNow() }
    try session.runNow(patience: .seconds(5)) { connection in
      let rows = try connection.run(
        "SELECT EXISTS (SELECT FROM frame) OR EXISTS (SELECT FROM block)")
      if try rows.isTrue(0, 0) {
        throw StoreError.cannotOpen(
          path: connection.place, reason: "partitions can be spread only while no frame is stored")
      }
      try connection.execute("CREATE EXTENSION IF NOT EXISTS postgres_fdw SCHEMA public")
      try connection.transaction {
        for (shard, place) in places.enumerated().dropFirst() {
          try attach(
            shard, place, Self.numbers(of: shard, among: places.count), schema, connection)
        }
      }
    }
  }

  private static func numbers(of shard: Int, among count: Int) -> [Int] {
    (0..<PostgresSchema.partitions).filter { $0 % count == shard }
  }

  private static func attach(
    _ shard: Int, _ place: PostgresAddress, _ numbers: [Int], _ schema: String,
    _ connection: PostgresConnection
  ) throws {
    let server = PostgresNames.quoted("\(schema)_shard_\(shard)")
    var options: [String] = ["batch_size '1000'", "fetch_size '1000'"]
    for key in [
      "host", "hostaddr", "port", "dbname", "sslmode", "sslrootcert", "connect_timeout",
      "target_session_attrs", "keepalives_idle", "keepalives_interval", "keepalives_count",
      "tcp_user_timeout",
    ] {
      if let value = place.options[key] { options.append("\(key) \(literal(value))") }
    }
    try connection.execute(
      "CREATE SERVER \(server) FOREIGN DATA WRAPPER postgres_fdw "
        + "OPTIONS (\(options.joined(separator: ", ")))")
    var login: [String] = []
    for key in ["user", "password"] {
      if let value = place.options[key] { login.append("\(key) \(literal(value))") }
    }
    let mapping = login.isEmpty ? "" : " OPTIONS (\(login.joined(separator: ", ")))"
    try connection.execute("CREATE USER MAPPING FOR CURRENT_USER SERVER \(server)\(mapping)")
    for number in numbers {
      for table in ["frame", "block"] {
        try connection.execute(
          """
          DROP TABLE \(table)_\(number);
          CREATE FOREIGN TABLE \(table)_\(number) PARTITION OF \(table)
            FOR VALUES WITH (MODULUS \(PostgresSchema.partitions), REMAINDER \(number))
            SERVER \(server) OPTIONS (schema_name \(literal(schema)), table_name '\(table)_\(number)')
          """)
      }
    }
  }

  private static func literal(_ text: String) -> String {
    let doubled = text.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "''")
    // A backslash is plain between these quotes, unless the server was told otherwise.
    return text.contains("\\") ? "E'" + doubled.replacingBackslashes() + "'" : "'\(doubled)'"
  }
}

extension String {
  fileprivate func replacingBackslashes() -> String {
    split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
  }
}
