// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Derives a JSON Schema from Decodable types by watching them decode.

import BatteryDomain
import Foundation

/// Why a schema cannot be derived.
enum SchemaError: Error {
  case unsupported(String)
}

/// Derives a JSON Schema from `Decodable` types by watching them decode dummy values.
///
/// A type asks its decoder for keys and types; the recorder writes them down. So the schema is
/// that of the types as they are compiled, and cannot fall behind them.
final class SchemaRecorder {
  /// The definitions found so far, by name.
  private(set) var definitions: [String: SchemaNode] = [:]
  private var inProgress: Set<String> = []
  private var depth = 0
  private let overrides: [ObjectIdentifier: (name: String, node: SchemaNode)]
  private let describe: (_ type: String, _ property: String) -> String?

  init(
    overrides: [ObjectIdentifier: (name: String, node: SchemaNode)],
    describe: @escaping (_ type: String, _ property: String) -> String?
  ) {
    self.overrides = overrides
    self.describe = describe
  }

  /// The node for a type; named types become definitions.
  func node(for type: any Decodable.Type) throws -> SchemaNode {
    if let simple = Self.primitive(type) { return simple }
    if let optional = type as? any AnyOptional.Type {
      return .nullable(try node(for: optional.wrappedType))
    }
    if let array = type as? any AnyArray.Type { return .array(try node(for: array.elementType)) }
    if let map = type as? any AnyMap.Type {
      guard map.hasObjectForm else {
        throw SchemaError.unsupported("\(type): keys are not strings")
      }
      return .map(try node(for: map.valueType))
    }
    let name = Self.name(of: type)
    if definitions[name] != nil || inProgress.contains(name) { return .reference(name) }
    if let override = overrides[ObjectIdentifier(type)] {
      definitions[override.name] = override.node
      return .reference(override.name)
    }
    inProgress.insert(name)
    defer { inProgress.remove(name) }
    if let cases = Self.enumerationCases(type) {
      definitions[name] = .enumeration(
        cases.map { .init(value: $0.value, description: describe(name, $0.name)) })
    } else {
      definitions[name] = .object(try record(type).properties)
    }
    return .reference(name)
  }

  /// A dummy value of a type, while its keys are written down.
  fileprivate func record(_ type: any Decodable.Type) throws -> (
    properties: [SchemaProperty], value: any Decodable
  ) {
    let decoder = RecordingDecoder(recorder: self, name: Self.name(of: type))
    let value = try type.init(from: decoder)
    let owner = Self.name(of: type)
    let properties = decoder.log.entries.map { entry in
      SchemaProperty(
        key: Self.snakeCase(entry.key), node: entry.node, isRequired: entry.isRequired,
        description: describe(owner, entry.key))
    }
    return (properties, value)
  }

  /// A value that decodes where only the type matters.
  fileprivate func dummy<T: Decodable>(_ type: T.Type) throws -> T {
    func cast(_ value: Any) throws -> T {
      guard let result = value as? T else { throw SchemaError.unsupported("\(type)") }
      return result
    }
    if let numeric = type as? any ExpressibleByIntegerLiteral.Type,
      Self.primitive(type) != nil
    {
      return try cast(Self.zero(numeric))
    }
    if type == String.self { return try cast("x") }
    if type == Bool.self { return try cast(false) }
    if let range = (0.0...1.0) as? T { return range }
    if let optional = type as? any AnyOptional.Type { return try cast(optional.nothing) }
    if let array = type as? any AnyArray.Type {
      // One element, for types that refuse an empty list; none where types contain themselves.
      guard depth < 12 else { return try cast(array.emptyValue) }
      depth += 1
      defer { depth -= 1 }
      return try cast(array.one { try dummy($0) })
    }
    if let map = type as? any AnyMap.Type { return try cast(map.emptyValue) }
    if let cases = type as? any CaseIterable.Type, let first = Self.firstCase(cases) {
      return try cast(first)
    }
    return try cast(try record(type).value)
  }

  private static func zero<N: ExpressibleByIntegerLiteral>(_ type: N.Type) -> N { 0 }

  private static func firstCase<C: CaseIterable>(_ type: C.Type) -> Any? { type.allCases.first }

  private static func primitive(_ type: any Decodable.Type) -> SchemaNode? {
    switch type {
    case is String.Type: .string
    case is Bool.Type: .boolean
    case is Double.Type, is Float.Type: .number
    case is any FixedWidthInteger.Type: .integer
    case is ClosedRange<Double>.Type: .range
    default: nil
    }
  }

  private static func enumerationCases(_ type: any Decodable.Type) -> [(
    name: String, value: String
  )]? {
    guard let cases = type as? any CaseIterable.Type else { return nil }
    func values<C: CaseIterable>(_ type: C.Type) -> [(name: String, value: String)]? {
      var result: [(String, String)] = []
      for each in type.allCases {
        guard let raw = (each as? any RawRepresentable)?.rawValue as? String else { return nil }
        result.append(("\(each)", raw))
      }
      return result
    }
    return values(cases)
  }

  /// The name of a type without its module, nested names joined by a dot.
  static func name(of type: Any.Type) -> String {
    String(String(reflecting: type).split(separator: ".").dropFirst().joined(separator: "."))
  }

  /// The key form of `JSONEncoder.KeyEncodingStrategy.convertToSnakeCase` for our names.
  static func snakeCase(_ key: String) -> String {
    var result = ""
    for character in key {
      if character.isUppercase, !result.isEmpty { result.append("_") }
      result += character.lowercased()
    }
    return result
  }
}

private protocol AnyOptional {
  static var wrappedType: any Decodable.Type { get }
  static var nothing: Any { get }
}
extension Optional: AnyOptional where Wrapped: Decodable {
  static var wrappedType: any Decodable.Type { Wrapped.self }
  static var nothing: Any { Self.none as Any }
}
private protocol AnyArray {
  static var elementType: any Decodable.Type { get }
  static var emptyValue: Any { get }
  static func one(_ make: (any Decodable.Type) throws -> Any) throws -> Any
}
extension Array: AnyArray where Element: Decodable {
  static func one(_ make: (any Decodable.Type) throws -> Any) throws -> Any {
    (try make(Element.self) as? Element).map { [$0] } ?? Self()
  }
  static var elementType: any Decodable.Type { Element.self }
  static var emptyValue: Any { Self() }
}
private protocol AnyMap {
  static var valueType: any Decodable.Type { get }
  static var hasObjectForm: Bool { get }
  static var emptyValue: Any { get }
}
extension Dictionary: AnyMap where Key: Decodable, Value: Decodable {
  static var valueType: any Decodable.Type { Value.self }
  static var hasObjectForm: Bool {
    Key.self == String.self || Key.self is any CodingKeyRepresentable.Type
  }
  static var emptyValue: Any { Self() }
}

private final class RecordingLog {
  var entries: [(key: String, node: SchemaNode, isRequired: Bool)] = []
}

private struct RecordingDecoder: Decoder {
  let recorder: SchemaRecorder
  let name: String
  let log = RecordingLog()
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(RecordingContainer<Key>(recorder: recorder, log: log))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw SchemaError.unsupported("\(name) has no keys: add an override")
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    throw SchemaError.unsupported(
      "\(name) is a single value but not CaseIterable: make it so or add an override")
  }
}

private struct RecordingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let recorder: SchemaRecorder
  let log: RecordingLog
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { [] }

  func contains(_ key: Key) -> Bool { true }
  func decodeNil(forKey key: Key) throws -> Bool { false }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    log.entries.append((key.stringValue, try recorder.node(for: type), true))
    return try recorder.dummy(type)
  }

  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
    log.entries.append((key.stringValue, .nullable(try recorder.node(for: type)), false))
    return nil
  }

  // The standard library asks for these by name, not through the generic form.
  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
    log.entries.append((key.stringValue, .nullable(.boolean), false))
    return nil
  }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
    log.entries.append((key.stringValue, .nullable(.string), false))
    return nil
  }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
    log.entries.append((key.stringValue, .nullable(.number), false))
    return nil
  }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
    log.entries.append((key.stringValue, .nullable(.integer), false))
    return nil
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> {
    throw SchemaError.unsupported("nested containers: add an override")
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    throw SchemaError.unsupported("nested containers: add an override")
  }
  func superDecoder() throws -> any Decoder { throw SchemaError.unsupported("super") }
  func superDecoder(forKey key: Key) throws -> any Decoder {
    throw SchemaError.unsupported("super")
  }
}
