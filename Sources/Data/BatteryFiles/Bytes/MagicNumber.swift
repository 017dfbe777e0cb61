// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Names the content of a file from its first bytes, for hints and for choosing a reader.

/// Names the content of a file from its first bytes.
enum MagicNumber {
  private static let table: [(bytes: [UInt8], name: String)] = [
    ([0x89, 0x50, 0x4E, 0x47], "a PNG image"), ([0xFF, 0xD8, 0xFF], "a JPEG image"),
    ([0x7F, 0x45, 0x4C, 0x46], "an ELF program"), ([0x25, 0x50, 0x44, 0x46], "a PDF document"),
    ([0x47, 0x49, 0x46, 0x38], "a GIF image"), ([0x4D, 0x5A], "a Windows program"),
    ([0x53, 0x51, 0x4C, 0x69, 0x74, 0x65], "an SQLite database"),
    ([0xD0, 0xCF, 0x11, 0xE0], "an old Excel or Access file; save it as .xlsx or .csv"),
    ([0x89, 0x48, 0x44, 0x46], "an HDF5 or MATLAB 7.3 file; save it with -v7 or as CSV"),
    ([0x50, 0x41, 0x52, 0x31], "a Parquet file; save it as CSV"),
    ([0x42, 0x49, 0x4F, 0x2D], "a BioLogic binary file; export it as text (.mpt)"),
    ([0x4E, 0x45, 0x57, 0x41, 0x52, 0x45], "a Neware binary file; export it as CSV"),
    ([0xCF, 0xFA, 0xED, 0xFE], "a macOS program"), ([0x3C, 0x3F, 0x78, 0x6D, 0x6C], "XML"),
    ([0x3C, 0x21, 0x44, 0x4F, 0x43], "a web page"), ([0x3C, 0x68, 0x74, 0x6D, 0x6C], "a web page"),
    ([0x7B], "JSON"), ([0xFF, 0xFE], "UTF-16 text; save it as UTF-8"),
    ([0xFE, 0xFF], "UTF-16 text; save it as UTF-8"),
    (
      Array("MATLAB 5.0".utf8),
      "a MATLAB file inside a compressed stream or archive; extract it first"
    ),
    ([0x50, 0x4B, 0x03, 0x04], "a workbook or zip inside another archive; extract it first"),
  ]

  /// A phrase for a hint: what the bytes look like.
  static func describe(_ bytes: [UInt8]) -> String {
    if let row = table.first(where: { bytes.starts(with: $0.bytes) }) {
      return "it looks like \(row.name)"
    }
    return "give delimited text, .xlsx, MATLAB .mat, or one of these in .gz .xz .zst .zip"
  }
}
