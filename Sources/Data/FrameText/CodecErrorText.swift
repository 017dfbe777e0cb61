// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Codec errors in words and as JSON.

public import TelemetryCodec

/// Codec errors in words and as JSON.
public enum CodecErrorText {
  /// What, where, which value and which limit, in one sentence.
  public static func message(_ error: CodecError) -> String {
    switch error {
    case .incomplete(let needed, let found):
      "the frame needs \(needed) bytes and has \(found)"
    case .badStart(let a, let b):
      "the frame starts with \(hex(a)) \(hex(b)) instead of 23 23 (2016) or 24 24 (2025)"
    case .badHeader(let offset, let value):
      "the header byte at offset \(offset) is \(hex(value)), which is no "
        + (offset == 2 ? "command" : offset == 3 ? "answer flag" : "encryption")
    case .unitTooLong(let length, let limit):
      "the data unit has \(length) bytes; the limit is \(limit)"
    case .checksumMismatch(let computed, let found):
      "the check byte is \(hex(found)); the bytes give \(hex(computed))"
    case .unitTruncated(let offset, let needed, let found):
      "the data unit ends too early: \(needed) bytes are needed at its offset \(offset), "
        + "\(found) are left"
    case .itemTruncated(let type, let offset, let needed, let found):
      "item \(hex(type)) ends too early: \(needed) bytes are needed at offset \(offset) of the "
        + "data unit, \(found) are left"
    case .trailingBytes(let count): "\(count) bytes follow the end"
    case .countMismatch(let count, let elements):
      "a count of \(count) announces a list of \(elements)"
    case .listTooLong(let elements, let limit):
      "a list has \(elements) elements; its count can say at most \(limit)"
    case .wrongLength(let found, let expected):
      "a text or byte string has \(found) bytes instead of \(expected)"
    case .valueOutOfRange(let kind): "a value is outside the range of \(kind)"
    case .wrongField(let found, let expected): "a field is \(found) instead of \(expected)"
    case .notInEdition(let edition):
      "the item, field or command is not part of the \(edition.year) edition"
    case .badCustomType(let type): "item type \(hex(type)) cannot be written as that"
    case .badControl(let command):
      "the content does not go with terminal command \(command)"
    case .protection(let error): message(error)
    }
  }

  /// Why a data unit could not be decrypted, in one sentence.
  public static func message(_ error: ProtectionError) -> String {
    switch error {
    case .noKey(let encryption):
      "there is no key for \(Words.name(of: encryption)) encryption"
    case .noSigningKey: "there is no private key to sign with"
    case .unsupported(let code): "encryption or algorithm \(hex(code)) is not known"
    case .cannotOpen(let encryption):
      "the bytes do not decrypt to a data unit with \(Words.name(of: encryption)): wrong key, "
        + "wrong mode, padding or initial vector, or damaged bytes"
    case .failed(let encryption):
      "\(Words.name(of: encryption)) cannot work with this key and these bytes"
    }
  }

  /// An object whose member `error` is the stable code, with `message` and the numbers.
  ///
  /// Offsets of data-unit errors are also given from the start of the frame, as `frame_offset`.
  public static func json(_ error: CodecError) -> JSONNode {
    var members = [
      JSONNode.Member("error", .string(error.code)),
      JSONNode.Member("message", .string(message(error))),
    ]
    func add(_ name: String, _ value: Int) {
      members.append(JSONNode.Member(name, .integer(value)))
    }
    switch error {
    case .incomplete(let needed, let found):
      add("needed", needed)
      add("found", found)
    case .badStart: add("frame_offset", 0)
    case .badHeader(let offset, _): add("frame_offset", offset)
    case .unitTruncated(let offset, let needed, let found):
      add("offset", offset)
      add("frame_offset", offset + Frame.headerByteCount)
      add("needed", needed)
      add("found", found)
    case .itemTruncated(let type, let offset, let needed, let found):
      members.append(JSONNode.Member("item", .string("0x" + hex(type))))
      add("offset", offset)
      add("frame_offset", offset + Frame.headerByteCount)
      add("needed", needed)
      add("found", found)
    case .trailingBytes(let count): add("count", count)
    default: break
    }
    return .object(members)
  }

  private static func hex(_ byte: UInt8) -> String { Words.hexadecimal(byte) }
}
