// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The smallest workbook and MATLAB file, built byte by byte so that no binary fixture is needed.

import Foundation

/// The smallest workbook with an Arbin channel, as a stored (uncompressed) zip.
enum TinyWorkbook {
  static let bytes: [UInt8] = zip([
    (
      "xl/workbook.xml",
      "<workbook xmlns:r='r'><sheets><sheet name='Channel_1' sheetId='1' r:id='a'/></sheets></workbook>"
    ),
    (
      "xl/_rels/workbook.xml.rels",
      "<Relationships><Relationship Id='a' Target='worksheets/sheet1.xml'/></Relationships>"
    ),
    (
      "xl/sharedStrings.xml",
      "<sst><si><t>Data_Point</t></si><si><t>Test_Time(s)</t></si><si><r><t>Current</t></r>"
        + "<r><t>(A)</t></r></si><si><t>Voltage(V)</t></si></sst>"
    ),
    (
      "xl/worksheets/sheet1.xml",
      "<worksheet><sheetData><row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c>"
        + "<c r='C1' t='s'><v>2</v></c><c r='D1' t='s'><v>3</v></c></row>"
        + "<row r='2'><c r='A2'><v>1</v></c><c r='B2'><v>0</v></c><c r='C2'><v>1</v></c>"
        + "<c r='D2'><v>3.5</v></c></row><row r='3'><c r='A3'><v>2</v></c><c r='B3'><v>1E1</v></c>"
        + "<c r='C3'><v>-1</v></c><c r='D3'><v>3.6</v></c></row></sheetData></worksheet>"
    ),
  ])

  /// A zip of stored members (PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16).
  private static func zip(_ members: [(name: String, text: String)]) -> [UInt8] {
    var body: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let name = Array(member.name.utf8)
      let data = Array(member.text.utf8)
      let offset = body.count
      let shared =
        little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(crc(data), 4)
        + little(data.count, 4) + little(data.count, 4) + little(name.count, 2) + little(0, 2)
      body += [0x50, 0x4B, 3, 4] + shared + name + data
      directory +=
        [0x50, 0x4B, 1, 2] + little(20, 2) + shared + little(0, 2) + little(0, 2) + little(0, 2)
        + little(0, 4) + little(offset, 4) + name
    }
    return body + directory + [0x50, 0x4B, 5, 6] + little(0, 4) + little(members.count, 2)
      + little(members.count, 2) + little(directory.count, 4) + little(body.count, 4)
      + little(0, 2)
  }

  /// CRC-32 of ISO 3309, bit by bit.
  private static func crc(_ data: [UInt8]) -> Int {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in data {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return Int(~crc)
  }

  static func little(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

/// The smallest MATLAB v5 file with a structure of vectors `t`, `I`, `V`.
enum TinyMatlab {
  static let bytes: [UInt8] = {
    var header = Array("MATLAB 5.0 MAT-file, written by a test".utf8)
    header += [UInt8](repeating: 0x20, count: 116 - header.count)
    header += [UInt8](repeating: 0, count: 8) + [0x00, 0x01, 0x49, 0x4D]
    let fields = [[0.0, 10, 20], [1.0, 1, 1], [3.5, 3.4, 3.3]]
    var names: [UInt8] = []
    for name in ["t", "I", "V"] {
      names += Array(name.utf8) + [UInt8](repeating: 0, count: 8 - name.utf8.count)
    }
    let children = fields.flatMap { vector($0) }
    let structure =
      element(6, TinyWorkbook.little(2, 4) + TinyWorkbook.little(0, 4))
      + element(5, TinyWorkbook.little(1, 4) + TinyWorkbook.little(1, 4))
      + element(1, Array("test".utf8)) + TinyWorkbook.little(4 << 16 | 5, 4)
      + TinyWorkbook.little(8, 4) + element(1, names) + children
    return header + element(14, structure)
  }()

  /// An element with its tag, filled up to eight bytes.
  private static func element(_ type: Int, _ data: [UInt8]) -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: (8 - data.count % 8) % 8)
    return TinyWorkbook.little(type, 4) + TinyWorkbook.little(data.count, 4) + data + padding
  }

  private static func vector(_ values: [Double]) -> [UInt8] {
    let data = values.flatMap { TinyWorkbook.little(Int(truncatingIfNeeded: $0.bitPattern), 8) }
    return element(
      14,
      element(6, TinyWorkbook.little(6, 4) + TinyWorkbook.little(0, 4))
        + element(5, TinyWorkbook.little(values.count, 4) + TinyWorkbook.little(1, 4))
        + element(1, []) + element(9, data))
  }
}
