// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Parameters of statements in PostgreSQL's binary form.

/// A parameter of a statement.
enum PostgresValue: Sendable {
  case null(of: UInt32)
  case int32(Int32)
  case int64(Int64)
  case double(Double)
  case text(String)
  case bytes([UInt8])
  case texts([String])
  case int16s([Int16])
  case int32s([Int32])
  case int64s([Int64])
  case byteStrings([[UInt8]])

  /// Numbers of types in `pg_type`, which are part of the protocol and never change.
  static let int64Type: UInt32 = 20
  static let int16Type: UInt32 = 21
  static let int32Type: UInt32 = 23
  static let textType: UInt32 = 25
  static let bytesType: UInt32 = 17

  /// Its type.
  var type: UInt32 {
    switch self {
    case .null(let type): type
    case .int32: Self.int32Type
    case .int64: Self.int64Type
    case .double: 701
    case .text: Self.textType
    case .bytes: Self.bytesType
    case .texts: 1_009
    case .int16s: 1_005
    case .int32s: 1_007
    case .int64s: 1_016
    case .byteStrings: 1_001
    }
  }

  static func optional(_ value: Int64?) -> PostgresValue {
    value.map { .int64($0) } ?? .null(of: int64Type)
  }

  /// Appends the binary form; false for null.
  func write(to sink: inout [UInt8]) -> Bool {
    switch self {
    case .null: return false
    case .int32(let value): Self.put(value, &sink)
    case .int64(let value): Self.put(value, &sink)
    case .double(let value): Self.put(value.bitPattern, &sink)
    case .text(let value): sink += value.utf8
    case .bytes(let value): sink += value
    case .texts(let values):
      Self.header(Self.textType, values.count, &sink)
      for value in values {
        Self.put(Int32(value.utf8.count), &sink)
        sink += value.utf8
      }
    case .int16s(let values):
      Self.header(Self.int16Type, values.count, &sink)
      for value in values {
        Self.put(Int32(2), &sink)
        Self.put(value, &sink)
      }
    case .int32s(let values):
      Self.header(Self.int32Type, values.count, &sink)
      for value in values {
        Self.put(Int32(4), &sink)
        Self.put(value, &sink)
      }
    case .int64s(let values):
      Self.header(Self.int64Type, values.count, &sink)
      for value in values {
        Self.put(Int32(8), &sink)
        Self.put(value, &sink)
      }
    case .byteStrings(let values):
      Self.header(Self.bytesType, values.count, &sink)
      for value in values {
        Self.put(Int32(value.count), &sink)
        sink += value
      }
    }
    return true
  }

  /// Dimensions, whether nulls occur, type, then length and lower bound of the one dimension.
  private static func header(_ type: UInt32, _ count: Int, _ sink: inout [UInt8]) {
    put(Int32(count == 0 ? 0 : 1), &sink)
    put(Int32(0), &sink)
    put(type, &sink)
    if count == 0 { return }
    put(Int32(count), &sink)
    put(Int32(1), &sink)
  }

  private static func put(_ value: some FixedWidthInteger, _ sink: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { sink.append(contentsOf: $0) }
  }
}
