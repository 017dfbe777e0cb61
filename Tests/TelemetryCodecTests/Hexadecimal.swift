// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Bytes of hexadecimal texts.

/// The bytes of a hexadecimal text.
func bytes(hex: String) -> [UInt8] {
  var result: [UInt8] = []
  var high: UInt8?
  for character in hex {
    guard let digit = character.hexDigitValue.map(UInt8.init) else { continue }
    if let first = high {
      result.append(first << 4 | digit)
      high = nil
    } else {
      high = digit
    }
  }
  return result
}
