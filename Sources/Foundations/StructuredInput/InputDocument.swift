// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A YAML or JSON file read key by key, with all faults collected.

import Foundation
import Yams

/// A file of settings in YAML (of which JSON is a part), read key by key.
///
/// Reading never stops at the first mistake: each call notes what is wrong and returns a value
/// inside the allowed range, so that a reader can go through the whole file; ``finish()`` then
/// throws all faults at once, and also names keys that nobody asked for.
///
/// ```swift
/// let document = try InputDocument(text, file: "pack.yaml")
/// let gap = document.root.number("gap_mm", in: 0...100, default: 1)
/// try document.finish()
/// ```
public final class InputDocument {
  /// The file as the person named it.
  public let file: String
  private var faults: [InputFault] = []
  private var tables: [InputTable] = []
  private let top: Node.Mapping
  private var cachedRoot: InputTable?

  /// Parses a text.
  ///
  /// - Parameters:
  ///   - text: YAML or JSON; the top level is a table of keys.
  ///   - file: Name for messages.
  ///   - overrides: Values that replace those of the file, by path of keys such as
  ///     `barrier.thickness_mm`; tables on the way are made where they are absent.
  /// - Throws: ``InputFaults`` where the text is not YAML or not a table.
  public init(
    _ text: String, file: String, overrides: [(path: String, value: String)] = []
  ) throws(InputFaults) {
    self.file = file
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw Self.faults(error, file: file)
    } catch {
      throw InputFaults([InputFault(file: file, line: nil, key: "", problem: "\(error)")])
    }
    guard let node else {
      throw InputFaults([
        InputFault(file: file, line: nil, key: "", problem: "the file is empty; keys are expected")
      ])
    }
    guard case .mapping(let mapping) = node else {
      throw InputFaults([
        InputFault(
          file: file, line: node.mark?.line, key: "",
          problem: "the top level is not a table; write lines of the form 'key: value'")
      ])
    }
    top = overrides.reduce(mapping) { Self.replacing($0, Self.keys($1.path), $1.value) }
  }

  private static func keys(_ path: String) -> ArraySlice<String> {
    path.split(separator: ".").map(String.init)[...]
  }

  private static func replacing(
    _ mapping: Node.Mapping, _ keys: ArraySlice<String>, _ value: String
  ) -> Node.Mapping {
    guard let first = keys.first else { return mapping }
    var copy = mapping
    let key = copy.keys.first { $0.scalar?.string == first } ?? Node(first)
    if keys.count == 1 {
      copy[key] = Node(value)
    } else {
      let inner: Node.Mapping
      if case .mapping(let table)? = copy[key] { inner = table } else { inner = Node.Mapping([]) }
      copy[key] = .mapping(replacing(inner, keys.dropFirst(), value))
    }
    return copy
  }

  /// The keys of the top level.
  public var root: InputTable {
    if let cachedRoot { return cachedRoot }
    let table = InputTable(top, path: "", document: self)
    cachedRoot = table
    tables.append(table)
    return table
  }

  /// Notes a fault.
  ///
  /// - Parameters:
  ///   - problem: What is wrong, with the value and what is allowed.
  ///   - key: Path of keys.
  ///   - line: Line, from 1.
  public func note(_ problem: String, key: String, line: Int?) {
    faults.append(InputFault(file: file, line: line, key: key, problem: problem))
  }

  /// Whether a fault has been noted so far.
  public var hasFaults: Bool { !faults.isEmpty }

  /// Throws all faults; call after the last key was read.
  ///
  /// - Throws: ``InputFaults`` when there is any, keys that were never read included.
  public func finish() throws(InputFaults) {
    for table in tables { table.noteUnreadKeys() }
    tables = []
    guard !faults.isEmpty else { return }
    let ordered = faults.enumerated().sorted {
      let (left, right) = ($0.element.line ?? 0, $1.element.line ?? 0)
      return left == right ? $0.offset < $1.offset : left < right
    }
    throw InputFaults(ordered.map(\.element))
  }

  func register(_ table: InputTable) { tables.append(table) }

  private static func faults(_ error: YamlError, file: String) -> InputFaults {
    var line: Int?
    let problem: String
    switch error {
    case .scanner(_, let text, let mark, _), .parser(_, let text, let mark, _),
      .composer(_, let text, let mark, _):
      line = mark.line
      problem = "not valid YAML: \(text)"
    case .reader(let text, _, _, _): problem = "not valid YAML: \(text)"
    case .duplicatedKeysInMapping(let duplicates, let context):
      line = context.mark.line
      problem = "written twice in one table: \(duplicates.sorted().joined(separator: ", "))"
    default: problem = "not valid YAML: \(error)"
    }
    return InputFaults([InputFault(file: file, line: line, key: "", problem: problem)])
  }
}
