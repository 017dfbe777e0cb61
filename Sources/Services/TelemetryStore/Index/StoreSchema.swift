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
    migrator.registerMigration("2 column blocks") { db in
      try db.execute(
        sql: """
          CREATE TABLE store_state(
            name TEXT PRIMARY KEY,
            value INTEGER NOT NULL);
          INSERT INTO store_state(name, value) VALUES ('sealed_through', 0);
          CREATE TABLE block_file(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            is_dropped INTEGER NOT NULL DEFAULT 0);
          CREATE TABLE block(
            id INTEGER PRIMARY KEY,
            vehicle_id INTEGER NOT NULL REFERENCES vehicle(id),
            file_id INTEGER NOT NULL REFERENCES block_file(id),
            place INTEGER NOT NULL,
            length INTEGER NOT NULL,
            rows INTEGER NOT NULL,
            first_id INTEGER NOT NULL,
            last_id INTEGER NOT NULL,
            first_time INTEGER NOT NULL,
            last_time INTEGER NOT NULL,
            first_report INTEGER,
            last_report INTEGER);
          CREATE INDEX block_order ON block(vehicle_id, last_id);
          CREATE INDEX block_times ON block(vehicle_id, last_time);
          CREATE INDEX block_place ON block(file_id);
          """)
    }
    migrator.registerMigration("3 alarms, audit and rules") { db in
      try db.execute(
        sql: """
          CREATE TABLE alarm(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            identity TEXT NOT NULL,
            rule TEXT NOT NULL,
            scope TEXT NOT NULL,
            is_open INTEGER NOT NULL,
            body BLOB NOT NULL);
          CREATE UNIQUE INDEX alarm_open ON alarm(identity, rule, scope) WHERE is_open = 1;
          CREATE INDEX alarm_identity ON alarm(identity, id);
          CREATE TABLE audit(
            number INTEGER PRIMARY KEY,
            time REAL NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail TEXT NOT NULL,
            digest TEXT NOT NULL);
          CREATE TABLE rule(
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            body TEXT NOT NULL,
            author TEXT NOT NULL,
            time REAL NOT NULL,
            PRIMARY KEY(name, version)) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("4 where units are looked for") { db in
      try db.execute(
        sql: """
          ALTER TABLE block ADD COLUMN frame_bytes INTEGER NOT NULL DEFAULT 0;
          ALTER TABLE block ADD COLUMN is_hasty INTEGER NOT NULL DEFAULT 0;
          ALTER TABLE block ADD COLUMN core_first INTEGER;
          ALTER TABLE block ADD COLUMN core_last INTEGER;
          ALTER TABLE block ADD COLUMN is_loose INTEGER NOT NULL DEFAULT 0;
          UPDATE block SET core_first = first_time, core_last = last_time, is_loose = 1;
          CREATE INDEX block_core ON block(vehicle_id, is_loose, core_last);
          CREATE TABLE unit(
            vehicle_id INTEGER NOT NULL REFERENCES vehicle(id),
            time INTEGER NOT NULL,
            hash INTEGER NOT NULL,
            frame_id INTEGER NOT NULL,
            PRIMARY KEY(vehicle_id, time, hash, frame_id)) WITHOUT ROWID;
          """)
    }
    return migrator
  }
}
