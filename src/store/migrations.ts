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
];
