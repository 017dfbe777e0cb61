// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The index of a store that another process may have open, for reading.

import Foundation
import GRDB

/// The index of a store that another process may have open, for reading.
struct StoreIndexReader {
  private let queue: DatabaseQueue
  /// Where the index was copied to, because it lies where nothing can be written.
  private let copy: URL?

  /// Opens the index.
  ///
  /// SQLite needs to write beside a database to read what its log holds. On a medium that is
  /// mounted read-only a copy is read in its place.
  ///
  /// - Throws: An error of the database, or ``StoreError/cannotOpen(path:reason:)`` without one.
  init(folder: String) throws {
    let path = try Self.path(in: folder)
    do {
      queue = try Self.open(path, Self.configuration)
      copy = nil
      return
    } catch let error as DatabaseError
      where [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode)
    {}
    let place = FileManager.default.temporaryDirectory
      .appending(path: "anodyne-index-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let name = place.appending(path: "telemetry.sqlite").path
    try FileManager.default.copyItem(atPath: path, toPath: name)
    if FileManager.default.fileExists(atPath: path + "-wal") {
      try FileManager.default.copyItem(atPath: path + "-wal", toPath: name + "-wal")
    }
    queue = try Self.open(name, Configuration())
    copy = place
  }

  private static func open(_ path: String, _ configuration: Configuration) throws -> DatabaseQueue {
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.read(check(path))
    return queue
  }

  /// The index of a folder.
  ///
  /// - Throws: ``StoreError/cannotOpen(path:reason:)`` if there is none.
  static func path(in folder: String) throws(StoreError) -> String {
    let path = folder + "/telemetry.sqlite"
    guard FileManager.default.fileExists(atPath: path) else {
      throw .cannotOpen(path: path, reason: "there is no such file")
    }
    return path
  }

  /// How an index is opened that is only read.
  static var configuration: Configuration {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    return configuration
  }

  /// Fails unless the index has the layout of this version.
  static func check(_ path: String) -> (Database) throws -> Void {
    { db in
      let migrator = StoreSchema.migrator
      if try migrator.hasBeenSuperseded(db) { throw StoreError.tooNew(path: path) }
      guard try migrator.hasCompletedMigrations(db) else {
        throw StoreError.cannotOpen(
          path: path,
          reason: "an earlier version made it: open it once with anodyne serve or store compact")
      }
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

  func close() {
    try? queue.close()
    if let copy { try? FileManager.default.removeItem(at: copy) }
  }
}
