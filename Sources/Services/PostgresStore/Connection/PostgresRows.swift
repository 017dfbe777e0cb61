// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Rows that a statement returned, in PostgreSQL's binary form.

import CPostgres

/// Rows that a statement returned, in PostgreSQL's binary form.
final class PostgresRows {
  private let result: OpaquePointer
  /// Number of rows.
  let count: Int
  private let columns: Int
  private let place: String
  private let statement: String

  init(_ result: OpaquePointer, place: String, statement: String) {
    self.result = result
    self.place = place
    self.statement = statement
    count = Int(PQntuples(result))
    columns = Int(PQnfields(result))
  }

  deinit { PQclear(result) }

  /// Rows that an INSERT, UPDATE or DELETE touched.
  var touched: Int { PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0 }

  private func raw(_ row: Int, _ column: Int) throws(PostgresError) -> UnsafeRawBufferPointer? {
    guard row >= 0, row < count, column >= 0, column < columns else {
      throw .unexpected(
        place: place, statement: statement,
        reason: "\(count) rows of \(columns) columns, asked for \(row), \(column)")
    }
    if PQgetisnull(result, Int32(row), Int32(column)) == 1 { return nil }
    return UnsafeRawBufferPointer(
      start: PQgetvalue(result, Int32(row), Int32(column)),
      count: Int(PQgetlength(result, Int32(row), Int32(column))))
  }

  private func present(_ row: Int, _ column: Int) throws(PostgresError) -> UnsafeRawBufferPointer {
    guard let value = try raw(row, column) else {
      throw .unexpected(
        place: place, statement: statement, reason: "no value in row \(row), column \(column)")
    }
    return value
  }

  /// An integer of two, four or eight bytes; nil for null.
  func optionalInteger(_ row: Int, _ column: Int) throws(PostgresError) -> Int64? {
    guard let value = try raw(row, column) else { return nil }
    switch value.count {
    case 2: return Int64(Int16(bigEndian: value.loadUnaligned(as: Int16.self)))
    case 4: return Int64(Int32(bigEndian: value.loadUnaligned(as: Int32.self)))
    case 8: return Int64(bigEndian: value.loadUnaligned(as: Int64.self))
    default:
      throw .unexpected(
        place: place, statement: statement, reason: "an integer of \(value.count) bytes")
    }
  }

  /// An integer of two, four or eight bytes.
  func integer(_ row: Int, _ column: Int) throws(PostgresError) -> Int64 {
    guard let value = try optionalInteger(row, column) else {
      throw .unexpected(
        place: place, statement: statement, reason: "no value in row \(row), column \(column)")
    }
    return value
  }

  /// Whether there is no value.
  func isNull(_ row: Int, _ column: Int) throws(PostgresError) -> Bool {
    try raw(row, column) == nil
  }

  /// A truth value.
  func isTrue(_ row: Int, _ column: Int) throws(PostgresError) -> Bool {
    try present(row, column).first == 1
  }

  /// A number of eight bytes.
  func double(_ row: Int, _ column: Int) throws(PostgresError) -> Double {
    let value = try present(row, column)
    guard value.count == 8 else {
      throw .unexpected(
        place: place, statement: statement, reason: "a number of \(value.count) bytes")
    }
    return Double(bitPattern: UInt64(bigEndian: value.loadUnaligned(as: UInt64.self)))
  }

  /// Bytes.
  func bytes(_ row: Int, _ column: Int) throws(PostgresError) -> [UInt8] {
    [UInt8](try present(row, column))
  }

  /// Text.
  func text(_ row: Int, _ column: Int) throws(PostgresError) -> String {
    String(decoding: try present(row, column), as: UTF8.self)
  }
}
