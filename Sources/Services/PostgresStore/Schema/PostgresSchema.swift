// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Tables of the store in PostgreSQL and how older layouts become the present one.

/// Tables of the store in PostgreSQL and how older layouts become the present one.
enum PostgresSchema {
  /// Partitions of the log and of the blocks, each by hash of the vehicle.
  static let partitions = 16

  /// SQL of each version, in order; an applied one is never changed again.
  static let migrations: [String] = [frames, records]

  /// Brings the tables up to date, in one transaction that others wait for.
  ///
  /// - Throws: ``PostgresError/tooNew(place:version:)`` if a newer program made them.
  static func migrate(_ connection: PostgresConnection, schema: String) throws {
    try connection.execute("CREATE SCHEMA IF NOT EXISTS \(PostgresNames.quoted(schema))")
    try connection.transaction {
      try connection.run(PostgresNames.lock(.migration))
      try connection.execute(
        "CREATE TABLE IF NOT EXISTS store_version(version integer PRIMARY KEY, "
          + "applied timestamptz NOT NULL DEFAULT now())")
      let known = Int(
        try connection.run("SELECT coalesce(max(version), 0) FROM store_version").integer(0, 0))
      guard known <= migrations.count else {
        throw PostgresError.tooNew(place: connection.place, version: Int32(known))
      }
      for version in known..<migrations.count {
        try connection.execute(migrations[version])
        try connection.run(
          "INSERT INTO store_version(version) VALUES ($1)", [.int32(Int32(version + 1))])
      }
    }
  }

  /// Tables of one partition on a server of its own; the first server has them as foreign tables.
  static func loosePartition(_ number: Int) -> String {
    """
    CREATE TABLE frame_\(number)(\(frameColumns))
      WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
    ALTER TABLE frame_\(number) ALTER bytes SET STORAGE EXTERNAL;
    CREATE TABLE block_\(number)(\(blockColumns));
    ALTER TABLE block_\(number) ALTER data SET STORAGE EXTERNAL;
    CREATE UNIQUE INDEX ON frame_\(number)(vehicle_id, time, digest);
    CREATE UNIQUE INDEX ON frame_\(number)(vehicle_id, id);
    CREATE INDEX ON frame_\(number)(id) INCLUDE (vehicle_id);
    CREATE UNIQUE INDEX ON block_\(number)(vehicle_id, last_id);
    CREATE UNIQUE INDEX ON block_\(number)(id);
    CREATE INDEX ON block_\(number)(vehicle_id, last_time);
    CREATE INDEX ON block_\(number)(last_id) INCLUDE (vehicle_id);
    """
  }

  private static let frameColumns = """
    vehicle_id integer NOT NULL, id bigint NOT NULL, time bigint NOT NULL, received bigint NOT NULL,
    command smallint NOT NULL, digest bytea NOT NULL, unit_start integer NOT NULL,
    unit_length integer NOT NULL, bytes bytea NOT NULL
    """
  private static let blockColumns = """
    vehicle_id integer NOT NULL, id bigint NOT NULL, rows integer NOT NULL, first_id bigint NOT NULL,
    last_id bigint NOT NULL, first_time bigint NOT NULL, last_time bigint NOT NULL,
    first_report bigint, last_report bigint, length integer NOT NULL, data bytea NOT NULL
    """

  // Unique indices are on the partitions, not on the whole: a partition may be a foreign table on
  // another server, which then has the index.
  private static let frames = """
    CREATE TABLE store_counter(
      is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
      next_id bigint NOT NULL,
      last_id bigint NOT NULL) WITH (fillfactor = 10);
    INSERT INTO store_counter(next_id, last_id) VALUES (0, 0);
    CREATE TABLE vehicle(
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      identity text NOT NULL UNIQUE,
      first_received bigint NOT NULL,
      sealed_from bigint,
      sealed_to bigint);
    CREATE TABLE frame(\(frameColumns)) PARTITION BY HASH (vehicle_id);
    ALTER TABLE frame ALTER bytes SET STORAGE EXTERNAL;
    CREATE SEQUENCE block_key;
    CREATE TABLE block(\(blockColumns)) PARTITION BY HASH (vehicle_id);
    ALTER TABLE block ALTER data SET STORAGE EXTERNAL;
    CREATE TABLE analysis_snapshot(
      vehicle_id integer PRIMARY KEY REFERENCES vehicle(id),
      frame_id bigint NOT NULL,
      revision text NOT NULL,
      saved_at double precision NOT NULL,
      state bytea NOT NULL);
    DO $$
    BEGIN
      FOR part IN 0..\(partitions - 1) LOOP
        EXECUTE format('CREATE TABLE frame_%1$s PARTITION OF frame
          FOR VALUES WITH (MODULUS \(partitions), REMAINDER %1$s)
          WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000)', part);
        EXECUTE format('CREATE UNIQUE INDEX ON frame_%s(vehicle_id, time, digest)', part);
        EXECUTE format('CREATE UNIQUE INDEX ON frame_%s(vehicle_id, id)', part);
        EXECUTE format('CREATE INDEX ON frame_%s(id) INCLUDE (vehicle_id)', part);
        EXECUTE format('CREATE TABLE block_%1$s PARTITION OF block
          FOR VALUES WITH (MODULUS \(partitions), REMAINDER %1$s)', part);
        EXECUTE format('CREATE UNIQUE INDEX ON block_%s(vehicle_id, last_id)', part);
        EXECUTE format('CREATE UNIQUE INDEX ON block_%s(id)', part);
        EXECUTE format('CREATE INDEX ON block_%s(vehicle_id, last_time)', part);
        EXECUTE format('CREATE INDEX ON block_%s(last_id) INCLUDE (vehicle_id)', part);
      END LOOP;
    END $$;

    -- Stores frames in one transaction. The counter's row is locked first and stays locked until the
    -- commit is durable, so ids grow in the order of commits with any number of writers, and a reader
    -- that has seen an id has seen all before it. The row is written even if every frame is known:
    -- the answer then waits, as every commit, for what is before it in the log of the server.
    --
    -- A frame whose time lies in a block that is not among `checked` ends it with SQLSTATE AN001: the
    -- caller looks into the block and calls again, with the id of the equal frame in `known` or 0.
    --
    -- `first` is null, or ids after it were handed out in a transaction of their own before: with
    -- partitions on other servers, which commit by themselves, an id must never be given twice.
    --
    -- Returns (0, id before the first) and, for each frame that was there already, (place, its id).
    CREATE FUNCTION store_append(
      identities text[], slots integer[], times bigint[], arrivals bigint[], commands smallint[],
      contents bytea[], starts integer[], lengths integer[], known bigint[], checked bigint[],
      first bigint)
    RETURNS TABLE(place bigint, frame_id bigint) LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    DECLARE
      amount bigint := cardinality(slots);
      fresh bigint := cardinality(array_positions(known, 0));
      added bigint;
      last bigint;
      keys integer[];
    BEGIN
      IF first IS NULL THEN
        UPDATE store_counter SET next_id = next_id + amount, last_id = next_id + amount
          RETURNING last_id - amount INTO last;
      ELSE
        last := first;
        UPDATE store_counter SET last_id = last + amount;
      END IF;
      SELECT array_agg(v.id ORDER BY n.place) INTO keys
        FROM unnest(identities) WITH ORDINALITY n(identity, place) LEFT JOIN vehicle v USING (identity);
      IF array_position(keys, NULL) IS NOT NULL THEN
        INSERT INTO vehicle(identity, first_received)
          SELECT n.identity, min(f.arrival)
          FROM unnest(identities) WITH ORDINALITY n(identity, place)
          JOIN unnest(slots, arrivals) f(slot, arrival) ON f.slot = n.place
          WHERE keys[n.place] IS NULL GROUP BY n.identity, n.place ORDER BY n.place;
        SELECT array_agg(v.id ORDER BY n.place) INTO keys
          FROM unnest(identities) WITH ORDINALITY n(identity, place) JOIN vehicle v USING (identity);
      END IF;
      IF EXISTS (
        SELECT FROM unnest(slots, times) f(slot, time)
        JOIN vehicle v ON v.id = keys[f.slot] AND f.time BETWEEN v.sealed_from AND v.sealed_to
        JOIN block b ON b.vehicle_id = v.id AND f.time BETWEEN b.first_time AND b.last_time
        WHERE b.id <> ALL (checked))
      THEN
        RAISE EXCEPTION 'a block was not searched for these frames' USING ERRCODE = 'AN001';
      END IF;
      INSERT INTO frame(
          vehicle_id, id, time, received, command, digest, unit_start, unit_length, bytes)
        SELECT keys[f.slot], last + f.place, f.time, f.arrival, f.command,
          substring(sha256(substring(f.content FROM f.start FOR f.length)) FOR 16), f.start, f.length,
          f.content
        FROM unnest(slots, times, arrivals, commands, contents, starts, lengths, known)
          WITH ORDINALITY f(slot, time, arrival, command, content, start, length, known, place)
        WHERE f.known = 0
        ON CONFLICT DO NOTHING;
      GET DIAGNOSTICS added = ROW_COUNT;
      place := 0;
      frame_id := last;
      RETURN NEXT;
      IF added = amount THEN RETURN; END IF;
      RETURN QUERY
        SELECT f.place, f.known FROM unnest(known) WITH ORDINALITY f(known, place) WHERE f.known <> 0;
      IF added = fresh THEN RETURN; END IF;
      RETURN QUERY
        SELECT f.place, (
          SELECT e.id FROM frame e
          WHERE e.vehicle_id = keys[f.slot] AND e.time = f.time
            AND e.digest = substring(sha256(substring(f.content FROM f.start FOR f.length)) FOR 16))
        FROM unnest(slots, times, contents, starts, lengths, known)
          WITH ORDINALITY f(slot, time, content, start, length, known, place)
        LEFT JOIN (SELECT id FROM frame WHERE id > last AND id <= last + amount) s
          ON s.id = last + f.place
        WHERE f.known = 0 AND s.id IS NULL;
    END $$;
    """

  // `store_token` lets a commit whose answer was lost be found again.
  private static let records = """
    CREATE TABLE store_token(
      token bytea PRIMARY KEY,
      made timestamptz NOT NULL DEFAULT now());
    CREATE TABLE alarm(
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      identity text NOT NULL,
      rule text NOT NULL,
      scope text NOT NULL,
      is_open boolean NOT NULL,
      body bytea NOT NULL);
    CREATE UNIQUE INDEX alarm_open ON alarm(identity, rule, scope) WHERE is_open;
    CREATE INDEX alarm_identity ON alarm(identity, id);
    CREATE TABLE audit(
      number bigint PRIMARY KEY,
      time double precision NOT NULL,
      actor text NOT NULL,
      action text NOT NULL,
      subject text NOT NULL,
      detail text NOT NULL,
      digest text NOT NULL);
    CREATE TABLE rule(
      name text COLLATE "C" NOT NULL,
      version bigint NOT NULL,
      body text NOT NULL,
      author text NOT NULL,
      time double precision NOT NULL,
      PRIMARY KEY (name, version));
    """
}

/// Names in the database.
enum PostgresNames {
  /// Locks of the store that are no rows.
  enum Lock: Int32 {
    case migration = 1
    case sealing = 2
    case records = 3
    case append = 4
  }

  /// A statement that waits for a lock until the transaction ends.
  static func lock(_ lock: Lock) -> String {
    "SELECT pg_advisory_xact_lock(hashtext('anodyne.' || current_schema()), \(lock.rawValue))"
  }

  /// A statement that says whether a lock of the connection could be had at once.
  static func tryLock(_ lock: Lock) -> String {
    "SELECT pg_try_advisory_lock(hashtext('anodyne.' || current_schema()), \(lock.rawValue))::int"
  }

  /// A statement that waits for a lock of the connection.
  static func holdLock(_ lock: Lock) -> String {
    "SELECT pg_advisory_lock(hashtext('anodyne.' || current_schema()), \(lock.rawValue))"
  }

  /// A statement that gives a lock of the connection back.
  static func unlock(_ lock: Lock) -> String {
    "SELECT pg_advisory_unlock(hashtext('anodyne.' || current_schema()), \(lock.rawValue))"
  }

  /// A name as an identifier.
  static func quoted(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}
