-- Which mapping each CRM write was made under, whether it fits the account, and what was taken back.

-- A mapping as it was in force, by the hash of its canonical JSON. No personal data: ids and words of the configuration.
CREATE TABLE mapping_version (
  connection  text NOT NULL,
  hash        text NOT NULL,
  mapping     jsonb NOT NULL,
  first_seen  timestamptz NOT NULL,
  -- When a worker last started with it: the newest one of a connection is in force.
  in_force_at timestamptz NOT NULL,
  PRIMARY KEY (connection, hash)
);

-- What the last check of a mapping against the live CRM found, one sentence each.
CREATE TABLE mapping_check (
  connection text PRIMARY KEY,
  checked_at timestamptz NOT NULL,
  findings   jsonb NOT NULL
);

-- Null: written, or synced, before mappings had versions.
ALTER TABLE crm_write ADD COLUMN mapping_version text;
ALTER TABLE crm_sync ADD COLUMN mapping_version text;
CREATE INDEX crm_write_mapping ON crm_write (mapping_version, at) WHERE mapping_version IS NOT NULL;

-- One undo: what it was asked for, and what became of each record.
CREATE TABLE undo_run (
  id           uuid PRIMARY KEY,
  selection    jsonb NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL
);
CREATE TABLE undo_item (
  undo_id    uuid NOT NULL REFERENCES undo_run (id),
  ordinal    int NOT NULL,
  booking_id text NOT NULL REFERENCES booking (id),
  connection text NOT NULL,
  type       text NOT NULL,
  crm_id     text NOT NULL,
  state      text NOT NULL CHECK (state IN ('planned', 'reverted', 'conflict', 'left')),
  -- Why it was left, or what stands in the way.
  reason     text,
  item       jsonb NOT NULL,
  PRIMARY KEY (undo_id, ordinal)
);
ALTER TABLE crm_write ADD COLUMN undone_by uuid REFERENCES undo_run (id);
