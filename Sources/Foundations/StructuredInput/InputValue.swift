// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One value of a file, with its place, read as what the reader expects.

import Foundation
import Yams

/// One value inside an ``InputDocument``.
///
/// Each reading notes a fault and returns nil where the value is not what was asked for.
public struct InputValue {
  /// Path of keys.
  public let path: String
  /// Line, from 1.
  public let line: Int?
  let node: Node
  unowned let document: InputDocument

  init(_ node: Node, path: String, line: Int?, document: InputDocument) {
    self.node = node
    self.path = path
    self.line = line ?? node.mark?.line
    self.document = document
  }

  static func isNull(_ node: Node) -> Bool {
    guard case .scalar(let scalar) = node, scalar.style == .any || scalar.style == .plain else {
      return false
    }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// Notes a fault at this value.
  public func note(_ problem: String) {
    document.note(problem, key: path, line: line)
  }

  /// A finite number within a range.
  public func number(in range: ClosedRange<Double>) -> Double? {
    guard let word = scalar(expecting: "a number from \(range)") else { return nil }
    guard let value = Double(word), value.isFinite else {
      note("'\(word)' is not a number; a number from \(range) is expected, without its unit")
      return nil
    }
    guard range.contains(value) else {
      note("\(word) is outside \(range)")
      return nil
    }
    return value
  }

  /// A whole number within a range.
  public func integer(in range: ClosedRange<Int>) -> Int? {
    guard let word = scalar(expecting: "a whole number from \(range)") else { return nil }
    guard let value = Int(word) else {
      note("'\(word)' is not a whole number; one from \(range) is expected")
      return nil
    }
    guard range.contains(value) else {
      note("\(word) is outside \(range)")
      return nil
    }
    return value
  }

  /// Text.
  public func text() -> String? { scalar(expecting: "text") }

  /// `true` or `false`.
  public func flag() -> Bool? {
    guard let word = scalar(expecting: "true or false") else { return nil }
    switch word.lowercased() {
    case "true", "yes", "on": return true
    case "false", "no", "off": return false
    default:
      note("'\(word)' is neither true nor false")
      return nil
    }
  }

  /// One of the words of an enumeration.
  public func choice<Choice: RawRepresentable & CaseIterable>() -> Choice?
  where Choice.RawValue == String {
    let words = Choice.allCases.map(\.rawValue)
    guard let word = scalar(expecting: "one of \(words.joined(separator: ", "))") else {
      return nil
    }
    if let value = Choice(rawValue: word) { return value }
    let near = InputTable.nearest(to: word, among: words).map { "did you mean \($0)? " } ?? ""
    note("'\(word)' is not known; \(near)Allowed: \(words.joined(separator: ", "))")
    return nil
  }

  /// Whether the value is a table.
  public var isTable: Bool {
    if case .mapping = node { return true }
    return false
  }

  /// Whether the value is a list.
  public var isList: Bool {
    if case .sequence = node { return true }
    return false
  }

  /// A table of keys.
  public func table() -> InputTable? {
    guard case .mapping(let mapping) = node else {
      note("a table of keys is expected")
      return nil
    }
    let table = InputTable(mapping, path: path, document: document)
    document.register(table)
    return table
  }

  /// The items of a list; a single value counts as a list of one.
  public func list() -> [InputValue] {
    guard case .sequence(let sequence) = node else { return [self] }
    return sequence.enumerated().map { index, item in
      InputValue(item, path: "\(path)[\(index + 1)]", line: item.mark?.line, document: document)
    }
  }

  private func scalar(expecting expected: String) -> String? {
    guard case .scalar(let scalar) = node else {
      note("\(expected) is expected, not a \(isTable ? "table" : "list")")
      return nil
    }
    return scalar.string
  }
}
