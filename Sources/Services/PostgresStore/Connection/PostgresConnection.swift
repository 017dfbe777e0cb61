// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One connection to a PostgreSQL server through libpq.

import CPostgres

/// One connection to a PostgreSQL server through libpq.
///
/// Calls block; ``PostgresSession`` gives each connection a thread. Statements are prepared when they
/// are first used; parameters and rows travel in binary form.
final class PostgresConnection {
  /// What the server said beside its answers since the last look.
  private final class Notices {
    var warning: String?
  }

  let place: String
  /// Whether some partitions are on other servers.
  var isSharded = false
  private let handle: OpaquePointer
  private let notices = Notices()
  private var prepared: [String: String] = [:]

  /// Connects.
  ///
  /// - Throws: ``PostgresError/unreachable(place:reason:)`` or what the server refused.
  init(_ address: PostgresAddress) throws(PostgresError) {
    place = address.place
    let options = address.options.sorted { $0.key < $1.key }
    let keywords = CStrings(options.map(\.key))
    let values = CStrings(options.map(\.value))
    // The strings have to outlive the call, not just their last use.
    let made = withExtendedLifetime((keywords, values)) {
      PQconnectdbParams(keywords.pointers, values.pointers, 0)
    }
    guard let handle = made else {
      throw .unreachable(place: place, reason: "no memory for a connection")
    }
    // From here on `deinit` lets it go, also when this throws.
    self.handle = handle
    guard PQstatus(handle) == CONNECTION_OK else {
      let reason = Self.line(PQerrorMessage(handle))
      let needsPassword = PQconnectionNeedsPassword(handle) == 1
      // libpq keeps no SQLSTATE of a refused connection; the words tell a wrong password.
      let isRefused =
        needsPassword || reason.contains("authentication failed")
        || reason.contains("no pg_hba.conf entry") || reason.contains("role \"")
      if isRefused {
        throw .refused(place: place, statement: "the connection", state: "28000", reason: reason)
      }
      if reason.contains("database \""), reason.contains("does not exist") {
        throw .refused(place: place, statement: "the connection", state: "3D000", reason: reason)
      }
      throw .unreachable(place: place, reason: reason)
    }
    PQsetNoticeReceiver(
      handle,
      { context, result in
        guard let context, let severity = PQresultErrorField(result, PostgresConnection.severity),
          String(cString: severity) == "WARNING"
        else { return }
        Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue().warning =
          PostgresConnection.line(PQresultErrorField(result, PostgresConnection.primary))
      }, Unmanaged.passUnretained(notices).toOpaque())
  }

  deinit { PQfinish(handle) }

  // Field codes of error reports; libpq gives them as character literals.
  private static let severity = Int32(UInt8(ascii: "V"))
  private static let state = Int32(UInt8(ascii: "C"))
  private static let primary = Int32(UInt8(ascii: "M"))

  /// Whether it still works as far as is known.
  var isOpen: Bool { PQstatus(handle) == CONNECTION_OK }

  /// The last warning of the server since this was asked; nil without one.
  func takeWarning() -> String? {
    defer { notices.warning = nil }
    return notices.warning
  }

  // MARK: - Statements

  /// Runs a statement with parameters, prepared at its first use.
  ///
  /// - Parameters:
  ///   - sql: One statement; parameters are `$1`, `$2`, …
  ///   - values: Their values.
  /// - Returns: Rows.
  /// - Throws: ``PostgresError`` naming the statement by its first words.
  @discardableResult
  func run(_ sql: String, _ values: [PostgresValue] = []) throws(PostgresError) -> PostgresRows {
    let name = try prepare(sql, values)
    var buffer: [UInt8] = []
    var places: [(start: Int, length: Int)?] = []
    for value in values {
      let start = buffer.count
      let isThere = value.write(to: &buffer)
      // Room for a byte, so that empty values have an address too.
      places.append(isThere ? (start, buffer.count - start) : nil)
      buffer.append(0)
    }
    let lengths = places.map { Int32($0?.length ?? 0) }
    let formats = [Int32](repeating: 1, count: values.count)
    let result = buffer.withUnsafeBytes { bytes in
      let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      let pointers = places.map { place in place.flatMap { base?.advanced(by: $0.start) } }
      return PQexecPrepared(handle, name, Int32(values.count), pointers, lengths, formats, 1)
    }
    return try rows(result, sql)
  }

  /// Runs one or more statements without parameters.
  ///
  /// - Throws: ``PostgresError`` naming the statement by its first words.
  func execute(_ sql: String) throws(PostgresError) {
    _ = try rows(PQexec(handle, sql), sql)
  }

  /// Runs statements in one transaction.
  ///
  /// - Parameters:
  ///   - mode: What stands behind BEGIN.
  ///   - body: What happens in it; when it throws, everything is undone.
  /// - Returns: What `body` returns, once the commit is done.
  /// - Throws: What `body` throws, or ``PostgresError`` of the commit.
  func transaction<Value>(
    _ mode: String = "", _ body: () throws -> Value
  ) throws -> Value {
    try execute("BEGIN \(mode)")
    do {
      let value = try body()
      try execute("COMMIT")
      return value
    } catch {
      // On a broken connection the server does it by itself.
      if isOpen { try? execute("ROLLBACK") }
      throw error
    }
  }

  /// A transaction that sees one moment and changes nothing.
  func moment<Value>(_ body: () throws -> Value) throws -> Value {
    try transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY", body)
  }

  private func prepare(
    _ sql: String, _ values: [PostgresValue]
  ) throws(PostgresError) -> String {
    if let name = prepared[sql] { return name }
    let name = "s\(prepared.count)"
    _ = try rows(PQprepare(handle, name, sql, Int32(values.count), values.map(\.type)), sql)
    prepared[sql] = name
    return name
  }

  private func rows(
    _ result: OpaquePointer?, _ sql: String
  ) throws(PostgresError) -> PostgresRows {
    let statement = Self.name(of: sql)
    guard let result else {
      throw .unreachable(place: place, reason: Self.line(PQerrorMessage(handle)))
    }
    switch PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
      return PostgresRows(result, place: place, statement: statement)
    default:
      defer { PQclear(result) }
      guard let state = PQresultErrorField(result, Self.state).map({ String(cString: $0) }) else {
        throw .unreachable(place: place, reason: Self.line(PQerrorMessage(handle)))
      }
      throw .refused(
        place: place, statement: statement, state: state,
        reason: Self.line(PQresultErrorField(result, Self.primary)))
    }
  }

  /// The first words of a statement.
  private static func name(of sql: String) -> String {
    let words = sql.split(whereSeparator: \.isWhitespace).prefix(4).joined(separator: " ")
    return "\u{201C}\(words)\u{2009}…\u{201D}"
  }

  /// The first line of a message of libpq.
  private static func line(_ text: UnsafePointer<CChar>?) -> String {
    let text = text.map { String(cString: $0) } ?? ""
    let first = text.split(separator: "\n").first.map(String.init) ?? "no reason given"
    return first.trimmingSpaces()
  }
}

extension String {
  fileprivate func trimmingSpaces() -> String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}

/// Strings as C wants them: a list of pointers that ends with null.
private final class CStrings {
  private let owned: [UnsafeMutablePointer<CChar>]
  let pointers: [UnsafePointer<CChar>?]

  init(_ strings: [String]) {
    owned = strings.map { text in
      let bytes = text.utf8CString
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
      for (index, byte) in bytes.enumerated() { copy[index] = byte }
      return copy
    }
    pointers = owned.map { UnsafePointer($0) } + [nil]
  }

  deinit { for pointer in owned { pointer.deallocate() } }
}
