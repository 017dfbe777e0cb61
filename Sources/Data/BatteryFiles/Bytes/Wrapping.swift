// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Whether the bytes of a file are wrapped in a compressed stream or an archive.

/// Whether the bytes of a file are wrapped, told from the first bytes.
enum Wrapping: Hashable {
  case none
  /// A stream of one file, by the usual ending of its compression.
  case compressed(String)
  case zip

  init(head: [UInt8]) {
    let streams: [(bytes: [UInt8], name: String)] = [
      ([0x1F, 0x8B], "gz"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz"),
      ([0x28, 0xB5, 0x2F, 0xFD], "zst"), ([0x42, 0x5A, 0x68], "bz2"),
    ]
    if let stream = streams.first(where: { head.starts(with: $0.bytes) }) {
      self = .compressed(stream.name)
    } else if head.starts(with: [0x50, 0x4B, 0x03, 0x04])
      || head.starts(with: [0x50, 0x4B, 0x05, 0x06])
    {
      self = .zip
    } else {
      self = .none
    }
  }
}
