// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where a secret is: in the environment or in a file of its own, never in the configuration.

import Foundation
import FrameCryptography
import StructuredInput

/// Where a secret is: `env:NAME` or `@FILE`. The secret itself is never kept in a printable place.
struct SecretReference: Hashable, Sendable, CustomStringConvertible {
  /// The reference as written.
  let description: String
  /// The bytes; of a text file without the newline at its end.
  let bytes: [UInt8]

  /// Follows a reference; notes a fault, never with the secret, where it leads nowhere.
  init?(_ value: InputValue, _ place: ConfigurationPlace) {
    guard let text = value.text() else { return nil }
    var found: [UInt8]?
    if text.hasPrefix("env:") {
      found = place.environment[String(text.dropFirst(4))].map { Array($0.utf8) }
      if found?.isEmpty ?? true {
        value.note("the environment variable \(text.dropFirst(4)) is empty or not set")
        return nil
      }
    } else if text.hasPrefix("@") {
      let path = place.path(String(text.dropFirst()))
      found = FileManager.default.contents(atPath: path).map { Array($0) }
      if found == nil {
        value.note("the file \(path) cannot be read")
        return nil
      }
    }
    guard let found else {
      value.note("a secret does not stand here: write env:NAME or @FILE")
      return nil
    }
    description = text
    bytes = Self.withoutLineEnd(found)
  }

  /// A text without the newline at its end; binary content, which may end in the same bytes, whole.
  private static func withoutLineEnd(_ bytes: [UInt8]) -> [UInt8] {
    var text = bytes
    while text.last == 0x0A || text.last == 0x0D { text.removeLast() }
    let isText =
      text.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
      && String(validating: text, as: UTF8.self) != nil
    return isText ? text : bytes
  }

  /// Hexadecimal digits as the bytes they state, anything else as it is.
  var key: [UInt8] {
    Digest.bytes(hexadecimal: String(decoding: bytes, as: UTF8.self)) ?? bytes
  }
}

/// What references and paths of a configuration are relative to.
struct ConfigurationPlace: Sendable {
  /// Folder of the file.
  var folder: URL
  /// Environment variables.
  var environment: [String: String]

  /// A path as seen from the folder of the file.
  func path(_ text: String) -> String {
    URL(fileURLWithPath: text, relativeTo: folder).standardizedFileURL.path
  }
}
