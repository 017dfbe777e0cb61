// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A temporary store and made-up frames for the tests of the store.

import Foundation
import TelemetryStore

/// A folder that is removed when the value goes away.
final class TemporaryFolder: Sendable {
  let url = FileManager.default.temporaryDirectory.appending(path: "anodyne-\(UUID().uuidString)")
  init() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(at: url) }
}

/// A made-up frame: a 24-byte header, the unit and a check byte.
func frame(
  _ identity: String = "VIN00000000000001", at time: Int64, unit: [UInt8] = [1, 2, 3],
  command: UInt8 = 2
) -> NewFrame {
  let bytes = [UInt8](repeating: 0x23, count: 24) + unit + [0]
  return NewFrame(
    identity: identity, collectionTime: time, receiveTime: Double(time) + 0.5, command: command,
    bytes: bytes, unit: 24..<(24 + unit.count))
}
