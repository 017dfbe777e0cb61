// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A column title taken apart into a name and a unit.

/// A column title taken apart: `Test_Time(s)` is the name `test time` and the unit `s`.
struct HeaderName: Hashable, Sendable {
  /// The title as the source prints it, without quotes and outer blanks.
  let title: String
  /// The name in lower case, blanks for `_`, `-` and runs of blanks, without the unit.
  let name: String
  /// The unit in the source's spelling; empty where the title has none.
  let unit: String

  /// Takes a title apart.
  ///
  /// Forms: `Voltage#V`, `Voltage [V]`, `Current(A)`, `Current（mA）`, `Test Time / s`, `Voltage/mV`,
  /// `Test Time (sec)`. A slash counts as a unit mark only where a known unit follows it.
  init(_ raw: String) {
    var text = Substring(raw.drop { $0 == "\u{FEFF}" })
    while let last = text.last, last.isWhitespace || last == "\0" { text.removeLast() }
    text = text.drop { $0.isWhitespace }
    title = String(text)
    for (open, close) in [("[", "]"), ("(", ")"), ("（", "）")] as [(Character, Character)] {
      guard text.last == close, let start = text.lastIndex(of: open) else { continue }
      let inner = text[text.index(after: start)...].dropLast()
      name = Self.folded(text[..<start])
      unit = String(inner)
      return
    }
    if let slash = text.lastIndex(of: "/") {
      // `Q charge/discharge/mA.h` has its unit after the last slash, `ox/red` has none.
      let after = text[text.index(after: slash)...].drop { $0.isWhitespace }
      if UnitTable.entry(of: String(after)) != nil {
        name = Self.folded(text[..<slash])
        unit = String(after)
        return
      }
    }
    if let hash = text.lastIndex(of: "#") {
      // Digatron prints `Voltage#V`.
      let after = text[text.index(after: hash)...]
      if !after.isEmpty, UnitTable.entry(of: String(after)) != nil {
        name = Self.folded(text[..<hash])
        unit = String(after)
        return
      }
    }
    name = Self.folded(text)
    unit = ""
  }

  /// Lower case with single blanks; `_` and `-` count as blanks.
  static func folded(_ text: some StringProtocol) -> String {
    var out = ""
    var pending = false
    for character in text.lowercased() {
      // A leading minus is kept: `-Im(Z)` is not `Im(Z)`.
      if character.isWhitespace || character == "_" || (character == "-" && !out.isEmpty) {
        pending = !out.isEmpty
        continue
      }
      if pending {
        out.append(" ")
        pending = false
      }
      out.append(character)
    }
    return out
  }

  /// The name without a trailing number, and the number: `v 12` gives `v #` and 12.
  var indexed: (pattern: String, number: Int)? {
    let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty, digits.count <= 6, digits.count < name.count,
      let number = Int(String(digits.reversed()))
    else { return nil }
    return (name.dropLast(digits.count) + "#", number)
  }
}
