// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A JSON value that compares numbers with a tolerance, for the vector files.

public import Testing

/// A JSON value; numbers compare within 1e-6, the tolerance that the vector files state.
public indirect enum JSONValue: Equatable, Sendable, Decodable, CustomStringConvertible {
  /// Nothing.
  case null
  /// True or false.
  case bool(Bool)
  /// A number.
  case number(Double)
  /// A text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Named values.
  case object([String: JSONValue])

  /// Reads any JSON value.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// Compares, numbers with a tolerance.
  public static func == (lhs: JSONValue, rhs: JSONValue) -> Bool {
    switch (lhs, rhs) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.number(let a), .number(let b)): (a - b).magnitude <= 1e-6
    case (.string(let a), .string(let b)): a == b
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }

  /// The value of a member.
  public subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The text.
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  /// The number.
  public var number: Double? { if case .number(let value) = self { value } else { nil } }
  /// The list.
  public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

  /// The value as JSON, members sorted.
  public var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): "\"\(value)\""
    case .array(let values): "[" + values.map(\.description).joined(separator: ",") + "]"
    case .object(let members):
      "{"
        + members.keys.sorted().map { "\"\($0)\":\(members[$0] ?? .null)" }
        .joined(separator: ",") + "}"
    }
  }
}

extension JSONValue: CustomTestStringConvertible {
  /// Test logs name a vector by its number, not by its content.
  public var testDescription: String { self["id"]?.string ?? description }
}
