// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Text that is already HTML, kept apart from text that must be escaped.

/// Text that is already HTML.
///
/// A string that comes from outside (a file name, a column, a title) can enter only through
/// interpolation, and interpolation escapes it; so no input can become markup by mistake.
///
/// ```swift
/// let cell: Markup = "<td>\(fileName)</td>"   // escaped
/// let row: Markup = "<tr>\(cell)</tr>"        // inserted as it is
/// ```
package struct Markup: Sendable, Hashable {
  /// The HTML text.
  package private(set) var text: String

  /// Empty markup.
  package init() { text = "" }

  /// Takes text as HTML without escaping it; for our own bundled style sheets and scripts only.
  package init(trusted text: String) { self.text = text }

  /// Escapes text for use in an element or a quoted attribute.
  ///
  /// - Complexity: O(*n*) in the length of the text.
  package init(escaping text: String) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): bytes += "&amp;".utf8
      case UInt8(ascii: "<"): bytes += "&lt;".utf8
      case UInt8(ascii: ">"): bytes += "&gt;".utf8
      case UInt8(ascii: "\""): bytes += "&quot;".utf8
      case UInt8(ascii: "'"): bytes += "&#39;".utf8
      // Other control characters are not allowed in HTML.
      case 0..<9, 11, 12, 14..<32, 127: bytes += "\u{FFFD}".utf8
      default: bytes.append(byte)
      }
    }
    self.text = String(decoding: bytes, as: UTF8.self)
  }

  /// Appends markup.
  package static func += (lhs: inout Markup, rhs: Markup) { lhs.text += rhs.text }

  /// Joins markup in order.
  package static func joined(_ parts: some Sequence<Markup>, separator: String = "") -> Markup {
    Markup(trusted: parts.map(\.text).joined(separator: separator))
  }
}

extension Markup: ExpressibleByStringInterpolation {
  /// Collects literal HTML and escaped values.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text: String

    package init(literalCapacity: Int, interpolationCount: Int) {
      text = ""
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    package mutating func appendLiteral(_ literal: String) { text += literal }

    /// Inserts a string, escaped.
    package mutating func appendInterpolation(_ value: String) {
      text += Markup(escaping: value).text
    }

    /// Inserts a whole number.
    package mutating func appendInterpolation(_ value: Int) { text += String(value) }

    /// Inserts markup as it is.
    package mutating func appendInterpolation(_ value: Markup) { text += value.text }
  }

  package init(stringLiteral value: String) { text = value }

  package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }
}
