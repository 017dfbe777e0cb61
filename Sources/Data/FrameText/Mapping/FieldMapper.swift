// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Maps fields to JSON members or back: one description of an item serves both directions.

import TelemetryCodec

/// Maps fields to JSON members, or members to fields: one description of an item serves both
/// directions, so that what is written can be read back.
///
/// Every mapping function takes its field `inout`: rendering reads it, parsing sets it.
struct FieldMapper {
  /// The edition of the frame.
  let edition: Edition
  /// Whether members are read into fields.
  let isParsing: Bool
  /// Exact bytes and counts where the plain member does not tell them, by path.
  var exact: [JSONNode.Member] = []
  /// What a reader should know: values out of range, reserved bits.
  private(set) var warnings: [String] = []

  private var members: [JSONNode.Member] = []
  private var places: [String: Int] = [:]
  private var used: Set<String> = []
  private(set) var path: String

  /// A mapper that renders.
  init(rendering edition: Edition, path: String) {
    self.edition = edition
    self.path = path
    isParsing = false
  }

  /// A mapper that parses.
  init(parsing edition: Edition, exact: [JSONNode.Member], path: String) {
    self.edition = edition
    self.exact = exact
    self.path = path
    isParsing = true
  }

  /// Where a member is.
  func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Notes something that a reader should know.
  mutating func warn(_ key: String, _ text: String) {
    if warnings.count < 20 { warnings.append("\(path(of: key)): \(text)") }
  }

  /// The exact text noted for a member.
  func exact(_ key: String) -> JSONNode? {
    let path = path(of: key)
    return exact.first { $0.name == path }?.value
  }

  /// Notes the exact text of a member.
  mutating func note(_ key: String, _ value: JSONNode) {
    exact.append(JSONNode.Member(path(of: key), value))
  }

  /// Adds a member while rendering.
  mutating func put(_ key: String, _ value: JSONNode) {
    members.append(JSONNode.Member(key, value))
  }

  /// Takes a member while parsing; nil when it is absent.
  mutating func takeIfPresent(_ key: String) -> JSONNode? {
    guard let place = places[key] else { return nil }
    used.insert(key)
    return members[place].value
  }

  /// Takes a member while parsing.
  mutating func take(_ key: String) throws(FrameTextError) -> JSONNode {
    guard let value = takeIfPresent(key) else { throw .missing(path: path(of: key)) }
    return value
  }

  /// A fault of a member's value.
  func bad(_ key: String, _ expected: String) -> FrameTextError {
    .badValue(path: path(of: key), expected: expected)
  }

  /// Maps the members of an object; gives the object rendered, or what was given while parsing.
  mutating func object<Value>(
    _ node: JSONNode, at path: String, _ value: inout Value,
    _ body: (inout FieldMapper, inout Value) throws(FrameTextError) -> Void
  ) throws(FrameTextError) -> JSONNode {
    let outer = (members, places, used, self.path)
    (members, places, used, self.path) = ([], [:], [], path)
    if isParsing {
      guard case .object(let given) = node else {
        throw .badValue(path: path, expected: "an object")
      }
      members = given
      for (place, member) in given.enumerated() { places[member.name] = place }
    }
    try body(&self, &value)
    if isParsing, let stranger = members.first(where: { !used.contains($0.name) }) {
      throw .unknownMember(path: self.path(of: stranger.name))
    }
    let result = JSONNode.object(members)
    (members, places, used, self.path) = outer
    return result
  }

  /// Maps a member that is an object.
  mutating func nested<Value>(
    _ key: String, _ value: inout Value,
    _ body: (inout FieldMapper, inout Value) throws(FrameTextError) -> Void
  ) throws(FrameTextError) {
    let node = isParsing ? try take(key) : .null
    let rendered = try object(node, at: path(of: key), &value, body)
    if !isParsing { put(key, rendered) }
  }

  /// Maps a member that is a list of objects; parsing fills in the blank element.
  mutating func list<Element>(
    _ key: String, _ elements: inout [Element], blank: Element,
    _ body: (inout FieldMapper, inout Element) throws(FrameTextError) -> Void
  ) throws(FrameTextError) {
    let outer = path(of: key)
    if isParsing {
      guard case .array(let nodes) = try take(key) else { throw bad(key, "a list") }
      elements = []
      elements.reserveCapacity(nodes.count)
      for (place, node) in nodes.enumerated() {
        var element = blank
        _ = try object(node, at: "\(outer)[\(place)]", &element, body)
        elements.append(element)
      }
    } else {
      var nodes: [JSONNode] = []
      for place in elements.indices {
        nodes.append(try object(.null, at: "\(outer)[\(place)]", &elements[place], body))
      }
      put(key, .array(nodes))
    }
  }

  /// Maps a member that is a list of objects behind a count.
  mutating func counted<Element>(
    _ key: String, _ list: inout Counted<Element>, blank: Element, bytes: Int = 1,
    _ body: (inout FieldMapper, inout Element) throws(FrameTextError) -> Void
  ) throws(FrameTextError) {
    var elements = list.elements
    try self.list(key, &elements, blank: blank, body)
    try count(key, &list, elements, bytes: bytes)
  }

  /// Maps the count of a list: it is noted only where it is a sentinel.
  mutating func count<Element>(
    _ key: String, _ list: inout Counted<Element>, _ elements: [Element], bytes: Int
  ) throws(FrameTextError) {
    let allOnes: UInt16 = bytes == 1 ? 0xFF : 0xFFFF
    if isParsing {
      guard let noted = exact(key) else {
        list = Counted(elements)
        return
      }
      switch noted {
      case .string("invalid"): list = Counted(rawCount: allOnes, elements: elements)
      case .string("abnormal"): list = Counted(rawCount: allOnes - 1, elements: elements)
      default:
        throw .badValue(
          path: "exact.\(path(of: key))", expected: "\"abnormal\" or \"invalid\"")
      }
    } else if list.rawCount == allOnes || list.rawCount == allOnes - 1 {
      note(key, .string(list.rawCount == allOnes ? "invalid" : "abnormal"))
    }
  }
}
