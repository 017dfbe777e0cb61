// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Small made-up measurement files, good and bad, for tests of the command line.

import Foundation
import Testing

/// Small made-up measurement files, good and bad.
enum MeasurementFiles {
  /// Telemetry of a healthy vehicle: one row every 30 s, 12 cells, 2 probes.
  static func vehicle(rows: Int = 240) -> String {
    var text =
      "tboxTime,BMSChargeStatus,vehSpeed,BMSBatteryVoltage,BMSCellVoltageMax,BMSCellVoltageMin,"
      + "BMSBatteryCurrent,vehBMSPackSOC,BMSProbeTempMax,BMSProbeTempMin,BMSWarningInformation,"
      + "vehOdo,insulationResistance,BMSCellVoltageM"
    text += (1...12).map { ",V_\($0)" }.joined() + ",BMSProbeTempM,T_1,T_2\n"
    for row in 0..<rows {
      let seconds = 8 * 3600 + row * 30
      let stamp = String(
        format: "2019-04-15 %02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
      let current = row % 20 < 10 ? 40.0 : 0.0
      let level = 3.9 - 0.0005 * Double(row) - current * 0.001
      let cells = (1...12).map { level + 0.002 * sin(Double($0)) }
      let total = cells.reduce(0, +)
      let numbers: [Double] =
        [
          3, 30, total, cells.max() ?? 0, cells.min() ?? 0, current, 90 - Double(row) / 10, 25, 24,
          0,
        ]
        + [18_837 + Double(row) * 0.2, 5000, total / 12] + cells + [64, 65, 64]
      text += stamp + numbers.map { String(format: ",%.3f", $0) }.joined() + "\n"
    }
    return text
  }

  /// A file that must be refused, with the reason in machine form.
  struct Bad: Sendable, CustomTestStringConvertible {
    let name: String
    let codes: Set<String>
    let status: Int32
    let content: @Sendable () -> Data?

    var testDescription: String { name }

    init(
      _ name: String, _ codes: Set<String>, status: Int32 = 65,
      content: @escaping @Sendable () -> Data?
    ) {
      self.name = name
      self.codes = codes
      self.status = status
      self.content = content
    }
  }

  /// One file for each way in which data arrive broken.
  static let bad: [Bad] = [
    Bad("absent.csv", ["unreadable"], status: 66) { nil },
    Bad("empty.csv", ["empty"]) { Data() },
    Bad("header-only.csv", ["empty"]) {
      Data((vehicle(rows: 1).split(separator: "\n")[0] + "\n").utf8)
    },
    Bad("truncated.csv", ["truncated", "malformed"]) {
      Data(vehicle().utf8.dropLast(60))
    },
    Bad("truncated.csv.gz", ["truncated", "library", "malformed", "unreadable"]) {
      // The head of a gzip stream without its body.
      Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x4B, 0x4C, 0x4A])
    },
    Bad("picture.csv", ["unrecognised", "malformed"]) {
      Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + (0..<4000).map { UInt8($0 % 251) })
    },
    Bad("prose.csv", ["unrecognised"]) {
      Data("Dear colleague,\nplease find the measurements attached.\n".utf8)
    },
    Bad("mixed-encoding.csv", ["malformed"]) {
      var bytes = Array(vehicle().utf8)
      let middle = bytes.count / 2
      // UTF-16 text in the middle of UTF-8 text.
      bytes.insert(
        contentsOf: Array("3.9,4.0\n".utf16).flatMap { [UInt8($0 & 0xFF), 0] }, at: middle)
      return Data(bytes)
    },
    Bad("nan-filled.csv", ["malformed"]) {
      let lines = vehicle().split(separator: "\n")
      let rows = lines.dropFirst().map { line -> String in
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        return fields[0] + String(repeating: ",NaN", count: fields.count - 1)
      }
      return Data((String(lines[0]) + "\n" + rows.joined(separator: "\n") + "\n").utf8)
    },
    Bad("time-reversed.csv", ["malformed"]) {
      let lines = vehicle().split(separator: "\n")
      return Data(
        (String(lines[0]) + "\n" + lines.dropFirst().reversed().joined(separator: "\n") + "\n").utf8
      )
    },
    Bad("ten-million-columns.csv", ["too_large", "unrecognised"]) {
      var data = Data(repeating: UInt8(ascii: ","), count: 9_999_999)
      data.append(contentsOf: "V\n".utf8)
      data.append(Data(repeating: UInt8(ascii: ","), count: 9_999_999))
      data.append(contentsOf: "1\n".utf8)
      return data
    },
  ]
}
