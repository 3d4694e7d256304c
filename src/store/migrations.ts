/**
 * The schema, step by step: step n takes a database of user_version n to n + 1. A step that was released is never
 * changed. Readings lie by meter and number (WITHOUT ROWID), so that a profile is one run through neighbouring pages.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE meters (
    id                  INTEGER PRIMARY KEY,
    sap                 INTEGER NOT NULL UNIQUE CHECK (sap >= 16 AND sap <> 127),
    logical_device_name TEXT UNIQUE,
    kind                TEXT,
    interface_name      TEXT NOT NULL,
    secondary_address   TEXT,
    primary_address     INTEGER,
    position            TEXT NOT NULL
  ) STRICT;

  CREATE TABLE kind_objects (
    kind         TEXT NOT NULL,
    position     INTEGER NOT NULL,
    identity     TEXT NOT NULL,
    class_id     INTEGER NOT NULL,
    logical_name TEXT NOT NULL,
    scaler       INTEGER NOT NULL,
    unit         INTEGER NOT NULL,
    data_type    TEXT NOT NULL,
    unmapped     INTEGER NOT NULL CHECK (unmapped IN (0, 1)),
    PRIMARY KEY (kind, position),
    UNIQUE (kind, class_id, logical_name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE layouts (
    id    INTEGER PRIMARY KEY,
    kind  TEXT NOT NULL,
    shape BLOB NOT NULL,
    UNIQUE (kind, shape)
  ) STRICT;

  CREATE TABLE readings (
    meter_id     INTEGER NOT NULL REFERENCES meters (id),
    number       INTEGER NOT NULL CHECK (number >= 1),
    read_at_ms   INTEGER NOT NULL,
    layout_id    INTEGER NOT NULL REFERENCES layouts (id),
    clock_status INTEGER NOT NULL,
    payload      BLOB NOT NULL,
    PRIMARY KEY (meter_id, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX readings_by_time ON readings (meter_id, read_at_ms);

  CREATE TABLE state (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // Tells meters of one secondary address apart.
  "ALTER TABLE meters ADD COLUMN fabrication_number TEXT",
  // Which layouts a meter has sent itself. Ordinal 0: in what order is not known, the objects keep that of the kind.
  `
  CREATE TABLE meter_layouts (
    meter_id     INTEGER NOT NULL REFERENCES meters (id),
    layout_id    INTEGER NOT NULL REFERENCES layouts (id),
    ordinal      INTEGER NOT NULL,
    object_count INTEGER NOT NULL,
    PRIMARY KEY (meter_id, layout_id)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO meter_layouts
    SELECT meter_id, layout_id, 0, (SELECT count(*) FROM kind_objects WHERE kind_objects.kind = meters.kind)
    FROM (SELECT DISTINCT meter_id, layout_id FROM readings) JOIN meters ON meters.id = meter_id;
  `,
  // Compacted readings; the bytes last, so that a look at the rest does not read them. AUTOINCREMENT: readers remember
  // decoded blocks by id. The index holds all that a query needs to find its blocks.
  `
  CREATE TABLE reading_blocks (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    meter_id     INTEGER NOT NULL REFERENCES meters (id),
    first_number INTEGER NOT NULL,
    last_number  INTEGER NOT NULL CHECK (last_number >= first_number),
    from_ms      INTEGER NOT NULL,
    to_ms        INTEGER NOT NULL CHECK (to_ms >= from_ms),
    count        INTEGER NOT NULL,
    size         INTEGER NOT NULL,
    bytes        BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX reading_blocks_of_meter
    ON reading_blocks (meter_id, first_number, last_number, from_ms, to_ms, count, size);
  CREATE INDEX reading_blocks_by_age ON reading_blocks (to_ms);

  CREATE TABLE telegrams (
    meter_id       INTEGER NOT NULL REFERENCES meters (id),
    number         INTEGER NOT NULL,
    received_at_ms INTEGER NOT NULL,
    bytes          BLOB NOT NULL,
    PRIMARY KEY (meter_id, number)
  ) STRICT, WITHOUT ROWID;
  `,
  // The meter list, and the keys that open telegrams (sealed). Meters so far are those of the settings file.
  `
  ALTER TABLE meters ADD COLUMN baud_rate INTEGER;
  ALTER TABLE meters ADD COLUMN addressing_mode TEXT;
  ALTER TABLE meters ADD COLUMN receiver TEXT;
  ALTER TABLE meters ADD COLUMN is_passive INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE meters ADD COLUMN mbus_settings TEXT;
  ALTER TABLE meters ADD COLUMN is_declared INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE meters ADD COLUMN removed_at_ms INTEGER;
  UPDATE meters SET is_declared = 1;

  CREATE TABLE meter_keys (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    address      TEXT,
    manufacturer TEXT,
    device_type  INTEGER,
    version      INTEGER,
    meter_id     INTEGER REFERENCES meters (id),
    added_at_ms  INTEGER NOT NULL,
    seal_name    TEXT NOT NULL UNIQUE,
    sealed       TEXT NOT NULL
  ) STRICT;
  `,
  // How readouts went: AUTOINCREMENT, so that trimming the oldest gives no id twice. origin: 0 cycle, 1 manual, 2 telegram.
  `
  CREATE TABLE readout_records (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    meter_id        INTEGER NOT NULL,
    origin          INTEGER NOT NULL,
    created_at_ms   INTEGER NOT NULL,
    reason          TEXT,
    message         TEXT NOT NULL,
    telegram_count  INTEGER NOT NULL,
    duration_ms     INTEGER NOT NULL,
    retries         INTEGER NOT NULL,
    response_ms     INTEGER,
    signal_dbm      INTEGER
  ) STRICT;
  CREATE INDEX readout_records_of_meter ON readout_records (meter_id, id);
  CREATE INDEX readout_records_failed ON readout_records (id) WHERE reason IS NOT NULL;

  CREATE TABLE meter_statistics (
    meter_id        INTEGER PRIMARY KEY,
    attempts        INTEGER NOT NULL,
    good            INTEGER NOT NULL,
    retries         INTEGER NOT NULL,
    response_count  INTEGER NOT NULL,
    response_sum_ms INTEGER NOT NULL,
    response_max_ms INTEGER NOT NULL,
    first_at_ms     INTEGER NOT NULL,
    last_at_ms      INTEGER NOT NULL,
    last_good_at_ms INTEGER
  ) STRICT;
  `,
  // Runs of jobs. One without an end runs, or was interrupted by the gateway's end.
  `
  CREATE TABLE job_runs (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    job              TEXT NOT NULL,
    reason           TEXT NOT NULL,
    started_by       TEXT,
    attempt          INTEGER NOT NULL,
    scheduled_for_ms INTEGER NOT NULL,
    started_at_ms    INTEGER NOT NULL,
    ended_at_ms      INTEGER,
    outcome          TEXT,
    words            TEXT,
    parameters       TEXT,
    detail           TEXT
  ) STRICT;
  CREATE INDEX job_runs_of_job ON job_runs (job, id);
  CREATE INDEX job_runs_open ON job_runs (id) WHERE ended_at_ms IS NULL;
  `,
  // The system log. `size`: what a row takes with its place in the indexes, nearly. Entries of a meter that is gone stay.
  `
  CREATE TABLE log (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms             INTEGER NOT NULL,
    deviation_minutes INTEGER NOT NULL,
    clock_status      INTEGER NOT NULL,
    severity          INTEGER NOT NULL,
    text_id           INTEGER NOT NULL,
    origin            TEXT NOT NULL,
    meter_id          INTEGER,
    cosem_log         INTEGER NOT NULL,
    size              INTEGER NOT NULL,
    parameters        TEXT NOT NULL
  ) STRICT;
  CREATE INDEX log_of_meter ON log (meter_id, id) WHERE meter_id IS NOT NULL;
  CREATE INDEX log_of_cosem ON log (cosem_log, id) WHERE cosem_log > 0 AND meter_id IS NULL;
  `,
  // Users, API tokens (of the secret only a hash), and the audit, whose ids are never given twice.
  `
  CREATE TABLE users (
    name               TEXT PRIMARY KEY,
    role               TEXT NOT NULL,
    password_hash      TEXT,
    created_at_ms      INTEGER NOT NULL,
    password_set_at_ms INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE api_tokens (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    user_name     TEXT NOT NULL REFERENCES users (name),
    role          TEXT NOT NULL,
    scope         TEXT,
    hash          TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE audit (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms     INTEGER NOT NULL,
    user_name TEXT NOT NULL,
    role      TEXT NOT NULL,
    door      TEXT NOT NULL,
    peer      TEXT NOT NULL,
    action    TEXT NOT NULL,
    target    TEXT NOT NULL,
    detail    TEXT,
    result    TEXT NOT NULL,
    count     INTEGER NOT NULL
  ) STRICT;
  `,
  // Where the numbers of a meter's readings go on once its history was deleted.
  "ALTER TABLE meters ADD COLUMN last_number INTEGER",
  // Of each open reading; those from before have none.
  "ALTER TABLE readings ADD COLUMN checksum INTEGER",
  "ALTER TABLE audit ADD COLUMN token TEXT",
];
