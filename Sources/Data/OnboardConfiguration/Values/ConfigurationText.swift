// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A configuration written out: as YAML that can be read again, and as JSON.

/// Writes the tree of a configuration.
public enum ConfigurationText {
  /// YAML with the meaning of each field behind it; read again it gives the same image.
  ///
  /// - Parameters:
  ///   - entries: The tree.
  ///   - withMeanings: Whether meanings and units are written as comments.
  /// - Returns: The text.
  public static func yaml(_ entries: [ConfigurationEntry], withMeanings: Bool = true) -> String {
    var text = ""
    write(entries, indent: 0, withMeanings, to: &text)
    return text
  }

  private static func write(
    _ entries: [ConfigurationEntry], indent: Int, _ withMeanings: Bool, to text: inout String
  ) {
    let margin = String(repeating: "  ", count: indent)
    for entry in entries {
      text += "\(margin)\(entry.key):"
      let comment =
        withMeanings
        ? "  # \(entry.meaning)\(entry.unit.isEmpty ? "" : " [\(entry.unit)]")" : ""
      switch entry.value {
      case .table(let inner):
        text += "\(comment)\n"
        write(inner, indent: indent + 1, withMeanings, to: &text)
      case .list(let items) where items.contains(where: \.isTable):
        text += "\(comment)\n"
        for item in items {
          guard case .table(let inner) = item else { continue }
          var block = ""
          write(inner, indent: indent + 2, withMeanings, to: &block)
          text += "\(margin)  - " + block.dropFirst(2 * (indent + 2))
        }
      default: text += " \(word(entry.value))\(comment)\n"
      }
    }
  }

  private static func word(_ value: ConfigurationValue) -> String {
    switch value {
    case .number(let number, _): number.map(digits) ?? "none"
    case .integer(let number, _): "\(number)"
    case .flag(let flag): flag ? "true" : "false"
    case .word(let word, _): word
    case .words(let words, _): "[" + words.joined(separator: ", ") + "]"
    case .list(let items): list(items)
    case .table: ""
    }
  }

  /// A list, or one number where all are alike; lists of words stand for themselves.
  private static func list(_ items: [ConfigurationValue]) -> String {
    let words = items.map(word)
    if case .words? = items.first { return "[" + words.joined(separator: ", ") + "]" }
    if let first = words.first, words.count > 3, words.allSatisfy({ $0 == first }) { return first }
    return "[" + words.joined(separator: ", ") + "]"
  }

  private static func digits(_ number: Double) -> String {
    number == number.rounded() && number.magnitude < 1e9 ? "\(Int(number))" : "\(number)"
  }

  /// JSON with the same keys; absent limits are `"none"`.
  public static func json(_ entries: [ConfigurationEntry]) -> String {
    "{" + entries.map { "\(quoted($0.key)):\(json($0.value))" }.joined(separator: ",") + "}"
  }

  private static func json(_ value: ConfigurationValue) -> String {
    switch value {
    case .number(let number, _): number.map { "\($0)" } ?? "\"none\""
    case .integer(let number, _): "\(number)"
    case .flag(let flag): flag ? "true" : "false"
    case .word(let word, _): quoted(word)
    case .words(let words, _): "[" + words.map(quoted).joined(separator: ",") + "]"
    case .list(let items): "[" + items.map(json).joined(separator: ",") + "]"
    case .table(let inner): json(inner)
    }
  }

  /// Keys and words hold neither quotes nor backslashes.
  private static func quoted(_ text: String) -> String { "\"\(text)\"" }
}

extension ConfigurationValue {
  var isTable: Bool {
    if case .table = self { return true }
    return false
  }
}
