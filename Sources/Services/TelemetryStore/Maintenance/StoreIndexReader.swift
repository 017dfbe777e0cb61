// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The index of a store that another process may have open, for reading.

import Foundation
import GRDB

/// The index of a store that another process may have open, for reading.
struct StoreIndexReader {
  private let queue: DatabaseQueue

  /// Opens the index.
  ///
  /// - Throws: An error of the database, or ``StoreError/cannotOpen(path:reason:)`` without one.
  init(folder: String) throws {
    let path = folder + "/telemetry.sqlite"
    guard FileManager.default.fileExists(atPath: path) else {
      throw StoreError.cannotOpen(path: path, reason: "there is no such file")
    }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    queue = try DatabaseQueue(path: path, configuration: configuration)
    let migrator = StoreSchema.migrator
    if try queue.read(migrator.hasBeenSuperseded) { throw StoreError.tooNew(path: path) }
    guard try queue.read(migrator.hasCompletedMigrations) else {
      throw StoreError.cannotOpen(
        path: path, reason: "it has the layout of an earlier version: open it with serve first")
    }
  }

  func read<Value>(_ body: (Database) throws -> Value) throws -> Value { try queue.read(body) }

  func identities() throws -> [Int32: String] {
    try queue.read { db in
      var identities: [Int32: String] = [:]
      for row in try Row.fetchAll(db, sql: "SELECT id, identity FROM vehicle") {
        identities[row[0]] = row[1]
      }
      return identities
    }
  }

  /// Whether a block is no longer in the index.
  func isGone(_ block: BlockEntry) throws -> Bool {
    try queue.read { db in
      try BlockIndex.blocks(
        db, where: "file_id = ? AND place = ?", arguments: [block.file, block.place]
      ).isEmpty
    }
  }

  func backup(to target: DatabaseQueue) throws { try queue.backup(to: target) }

  func close() { try? queue.close() }
}
