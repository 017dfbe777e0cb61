// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Stores in the server of the tests, each in a schema of its own, and made-up frames.

import Foundation
import PostgresStore
import TelemetryStore
import TestSupport
import Testing

/// Whether the server's programs are there, and the words if not.
let isInstalled = PostgresCluster.programs != nil
let absence = Comment(rawValue: PostgresCluster.absence)

/// A name that no other test uses.
func freshSchema() -> String { "test-\(UUID().uuidString.prefix(12))" }

/// Opens the engine in the shared server.
func openEngine(
  _ schema: String, settings: StoreSettings = StoreSettings(readerCount: 1),
  options: String = "", durability: PostgresEngine.Durability = .required
) throws -> PostgresEngine {
  let cluster = try #require(PostgresCluster.shared)
  return try PostgresEngine(
    cluster.address(options: options), schema: schema, settings: settings, durability: durability)
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
