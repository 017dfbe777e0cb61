// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a frame or data unit, with the place and the numbers.

/// What can be wrong with a frame or a data unit; every case carries what is needed to find it.
public enum CodecError: Error, Hashable, Sendable {
  /// The bytes end before the frame does.
  case incomplete(needed: Int, found: Int)
  /// The first two bytes are neither `##` nor `$$`.
  case badStart(UInt8, UInt8)
  /// A header byte is outside the codes that the protocol defines; `offset` is its place.
  case badHeader(offset: Int, value: UInt8)
  /// The data unit is longer than the limit in force.
  case unitTooLong(length: Int, limit: Int)
  /// The exclusive-or check byte differs.
  case checksumMismatch(computed: UInt8, found: UInt8)
  /// The data unit ends inside its fixed part or a list that it announces.
  case unitTruncated(offset: Int, needed: Int, found: Int)
  /// A report item ends inside its body; `offset` counts from the start of the data unit.
  case itemTruncated(type: UInt8, offset: Int, needed: Int, found: Int)
  /// Bytes follow the end of a frame or data unit.
  case trailingBytes(count: Int)
  /// A count field differs from the length of its list, or a sentinel count has a list.
  case countMismatch(count: Int, elements: Int)
  /// A list is longer than its count field can say; `limit` is the longest.
  case listTooLong(elements: Int, limit: Int)
  /// A text or byte string does not have the length that its field demands.
  case wrongLength(found: Int, expected: Int)
  /// A value is outside what its field may carry.
  case valueOutOfRange(FieldKind)
  /// A field of another kind stands where this edition demands a certain one.
  case wrongField(found: FieldKind, expected: FieldKind)
  /// The item, field or command does not exist in this edition.
  case notInEdition(Edition)
  /// A custom item type is outside 0x80–0xFE.
  case badCustomType(UInt8)
  /// The content of a terminal command does not go with its number, or cannot be written.
  case badControl(UInt8)
  /// The data unit cannot be decrypted.
  case protection(ProtectionError)

  /// Stable machine name for logs and counters.
  public var code: String {
    switch self {
    case .incomplete: "incomplete"
    case .badStart: "bad_start"
    case .badHeader: "bad_header"
    case .unitTooLong: "unit_too_long"
    case .checksumMismatch: "bcc_mismatch"
    case .unitTruncated: "unit_truncated"
    case .itemTruncated: "item_truncated"
    case .trailingBytes: "trailing_bytes"
    case .countMismatch: "count_mismatch"
    case .listTooLong: "list_too_long"
    case .wrongLength: "wrong_length"
    case .valueOutOfRange: "value_out_of_range"
    case .wrongField: "wrong_field"
    case .notInEdition: "not_in_edition"
    case .badCustomType: "bad_custom_type"
    case .badControl: "bad_control"
    case .protection(let error): error.code
    }
  }
}
