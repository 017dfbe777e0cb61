// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tables of the store and how older layouts become the present one.

import GRDB

/// Tables of the store and how older layouts become the present one.
enum StoreSchema {
  /// The migrations, in order; an applied one is never changed again.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 frames and snapshots") { db in
      try db.execute(
        sql: """
          CREATE TABLE vehicle(
            id INTEGER PRIMARY KEY,
            identity TEXT NOT NULL UNIQUE,
            first_received REAL NOT NULL);
          CREATE TABLE frame(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            vehicle_id INTEGER NOT NULL REFERENCES vehicle(id),
            collection_time INTEGER NOT NULL,
            receive_time REAL NOT NULL,
            command INTEGER NOT NULL,
            unit_hash INTEGER NOT NULL,
            bytes BLOB NOT NULL);
          CREATE UNIQUE INDEX frame_identity
            ON frame(vehicle_id, collection_time, unit_hash);
          CREATE INDEX frame_order ON frame(vehicle_id, id);
          CREATE TABLE analysis_snapshot(
            vehicle_id INTEGER PRIMARY KEY REFERENCES vehicle(id),
            frame_id INTEGER NOT NULL,
            revision TEXT NOT NULL,
            saved_at REAL NOT NULL,
            state BLOB NOT NULL);
          """)
    }
    return migrator
  }
}
