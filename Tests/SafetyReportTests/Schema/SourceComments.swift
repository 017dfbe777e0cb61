// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Reads documentation comments out of the sources, so that the schema repeats their words.

import Foundation
import TestSupport

/// The documentation comments of stored properties and enumeration cases, by type.
///
/// Relies on the repository's formatting: two spaces a level, one declaration a line.
struct SourceComments {
  private var texts: [String: String] = [:]

  /// Reads all sources below folders of the repository.
  init(folders: [String]) throws {
    for folder in folders {
      let root = Datasets.repositoryRoot.appending(path: folder)
      let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
      while let file = files?.nextObject() as? URL {
        guard file.pathExtension == "swift" else { continue }
        read(try String(contentsOf: file, encoding: .utf8))
      }
    }
  }

  /// The first paragraph above a property or case, in one line.
  subscript(type: String, member: String) -> String? { texts["\(type).\(member)"] }

  private mutating func read(_ source: String) {
    var stack: [(indent: Int, name: String)] = []
    var comment: [String] = []
    for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
      let indent = line.prefix { $0 == " " }.count
      let text = line.dropFirst(indent)
      if text.hasPrefix("///") {
        comment.append(text.dropFirst(3).trimmingCharacters(in: .whitespaces))
        continue
      }
      defer { if !text.hasPrefix("@") { comment = [] } }
      guard !text.isEmpty else { continue }
      stack.removeAll { $0.indent >= indent && text != "}" }
      var words = text.split(whereSeparator: { " :({,=<".contains($0) })[...]
      while let word = words.first,
        ["public", "package", "internal", "private", "final", "indirect", "fileprivate", "static"]
          .contains(word)
      {
        words = words.dropFirst()
      }
      guard let keyword = words.first, let name = words.dropFirst().first else { continue }
      switch keyword {
      case "struct", "enum", "class", "extension", "actor":
        stack.append((indent, String(name)))
      case "var", "let", "case":
        let owner = stack.map(\.name).joined(separator: ".")
        let paragraph = comment.prefix { !$0.isEmpty }.joined(separator: " ")
        guard !paragraph.isEmpty else { continue }
        let plain =
          paragraph
          .replacingOccurrences(of: "``", with: "").replacingOccurrences(of: "`", with: "")
          .replacing(/\bnil\b/, with: "null")
        texts["\(owner).\(name)"] = plain
      default: break
      }
    }
  }
}
