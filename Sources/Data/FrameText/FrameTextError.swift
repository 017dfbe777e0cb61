// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What can be wrong with a frame written as JSON.

public import TelemetryCodec

/// What can be wrong with a frame written as JSON; paths look like `data.items[0].speed_kmh`.
public enum FrameTextError: Error, Hashable, Sendable {
  /// The text is no JSON; the offset counts bytes.
  case notJSON(offset: Int)
  /// The JSON value is the line of a frame that could not be decoded.
  case errorLine(String)
  /// A member is missing.
  case missing(path: String)
  /// A member is not known, perhaps misspelt.
  case unknownMember(path: String)
  /// A member has a value that it cannot have.
  case badValue(path: String, expected: String)
  /// Two members say different things about the same bytes.
  case contradiction(path: String, other: String)
  /// The values cannot be encoded.
  case codec(CodecError)

  /// Stable machine name.
  public var code: String {
    switch self {
    case .notJSON: "not_json"
    case .errorLine: "error_line"
    case .missing: "missing_member"
    case .unknownMember: "unknown_member"
    case .badValue: "bad_value"
    case .contradiction: "contradiction"
    case .codec(let error): error.code
    }
  }

  /// What, where, and what to do, in one sentence.
  public var message: String {
    switch self {
    case .notJSON(let offset): "the text is no JSON from byte \(offset) on"
    case .errorLine(let code):
      "the line reports a frame that could not be decoded (\(code)); there is nothing to encode"
    case .missing(let path): "\(path) is missing"
    case .unknownMember(let path): "\(path) is not a known member; remove it or check its spelling"
    case .badValue(let path, let expected): "\(path) must be \(expected)"
    case .contradiction(let path, let other):
      "\(path) and \(other) say different things; change both or remove the first"
    case .codec(let error): CodecErrorText.message(error)
    }
  }
}
