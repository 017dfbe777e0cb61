// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Titles in the encodings that test equipment writes.

import Foundation

/// Titles in the encodings that test equipment writes.
enum TextEncoding {
  /// Bytes that stand for °, ², ³, µ, Ø, ø and the hard blank in Latin-1, the high bytes that
  /// European cyclers print in titles.
  private static let latinSigns: Set<UInt8> = [0xA0, 0xB0, 0xB2, 0xB3, 0xB5, 0xD8, 0xF8]

  /// Decodes UTF-8, else Latin-1 where only its signs occur, else GB 18030, else Latin-1.
  static func decode(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    let high = bytes.filter { $0 >= 0x80 }
    if !high.allSatisfy(latinSigns.contains), let text = chinese(bytes) { return text }
    return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
      .replacing("ø", with: "°").replacing("Ø", with: "°")
  }

  private static func chinese(_ bytes: [UInt8]) -> String? {
    // kCFStringEncodingGB_18030_2000 as a Foundation encoding.
    let encoding = String.Encoding(rawValue: 0x8000_0632)
    return String(data: Data(bytes), encoding: encoding)
  }
}
