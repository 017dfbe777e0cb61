// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A table of keys: which were asked for, which are left over.

import Foundation
import Yams

/// A table of keys inside an ``InputDocument``.
///
/// Keys that no call asked for are faults: a misspelt key must not pass as a default.
public final class InputTable {
  /// Path of keys to this table; empty at the top.
  public let path: String
  /// Line where the table begins, from 1.
  public let line: Int?
  unowned let document: InputDocument
  private let entries: [String: Node]
  private let lines: [String: Int]
  private var read: Set<String> = []
  private let order: [String]

  init(_ mapping: Node.Mapping, path: String, document: InputDocument) {
    self.path = path
    self.document = document
    var entries: [String: Node] = [:]
    var lines: [String: Int] = [:]
    var order: [String] = []
    for (key, value) in mapping {
      let name = key.scalar?.string ?? "?"
      entries[name] = value
      lines[name] = key.mark?.line
      order.append(name)
    }
    self.entries = entries
    self.lines = lines
    self.order = order
    line = mapping.mark?.line
  }

  /// Keys in the order of the file.
  public var keys: [String] { order }

  /// Whether the key is there (with any value but null).
  public func has(_ key: String) -> Bool {
    guard let node = entries[key] else { return false }
    return !InputValue.isNull(node)
  }

  /// Full path of a key of this table.
  public func pathOf(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Notes a fault at a key of this table.
  public func note(_ problem: String, at key: String) {
    document.note(problem, key: pathOf(key), line: lines[key] ?? line)
  }

  /// The value of a key, or nil when it is absent or null.
  public func value(_ key: String) -> InputValue? {
    read.insert(key)
    guard let node = entries[key], !InputValue.isNull(node) else { return nil }
    return InputValue(node, path: pathOf(key), line: lines[key], document: document)
  }

  func required(_ key: String, _ expected: String) -> InputValue? {
    if let value = value(key) { return value }
    document.note("is missing; \(expected) is expected", key: pathOf(key), line: line)
    return nil
  }

  func noteUnreadKeys() {
    for key in order where !read.contains(key) {
      let near = Self.nearest(to: key, among: read)
      let hint = near.map { "; did you mean \($0)?" } ?? known
      note("is not a known key" + hint, at: key)
    }
  }

  private var known: String {
    read.isEmpty ? "" : "; known here: " + read.sorted().joined(separator: ", ")
  }

  /// The candidate with the smallest edit distance, if that is at most a third of the word.
  ///
  /// - Complexity: O(*n·m*) a candidate in the lengths of the words.
  public static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let limit = max(1, word.count / 3)
    let scored = candidates.map { (distance(word.lowercased(), $0.lowercased()), $0) }
    guard let best = scored.min(by: { $0.0 == $1.0 ? $0.1 < $1.1 : $0.0 < $1.0 }),
      best.0 <= limit
    else { return nil }
    return best.1
  }

  /// Number of single-character insertions, deletions and substitutions between two words
  /// (Levenshtein, 1966).
  static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let change = diagonal + (a == b ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(change, row[j] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
