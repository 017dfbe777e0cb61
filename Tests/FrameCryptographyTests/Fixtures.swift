// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The frames that other implementations have encrypted and signed.

import Foundation
import FrameCryptography
import TelemetryCodec
import TestSupport

/// Frames made by gmssl and cryptography (PyPI), see Scripts/make-crypto-fixtures.py.
enum Fixtures {
  static let all: JSONValue = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Resources/frames.json")
    return (try? JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: file))) ?? .null
  }()

  static func text(_ name: String) -> [UInt8] { Array((all[name]?.string ?? "").utf8) }
  static func bytes(_ name: String) -> [UInt8] { hex(all[name]?.string ?? "") }
  static func list(_ name: String) -> [JSONValue] { all[name]?.array ?? [] }

  static func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map {
      UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
  }

  /// A ring with every key of the fixtures.
  static func ring() throws -> KeyRing {
    var ring = KeyRing()
    ring.symmetricKeys = [bytes("key")]
    ring.privateKeys =
      try KeyReader.privateKeys(text("rsa_private"))
      + KeyReader.privateKeys(bytes("sm2_private"))
    ring.publicKeys = [
      try KeyReader.publicKey(text("rsa_public")), try KeyReader.publicKey(bytes("sm2_public")),
      try KeyReader.publicKey(text("ecc_public")),
    ]
    return ring
  }
}
