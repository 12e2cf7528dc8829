-- Everything the first slice stores. Migrations are only added, never edited after they landed.
-- Personal data is in columns of type bytea only: sealed by db/vault.ts.

CREATE TABLE vault_key (
  purpose     text PRIMARY KEY,
  wrapped_key bytea NOT NULL
);

CREATE TABLE lease (
  name       text PRIMARY KEY,
  holder     text NOT NULL,
  expires_at timestamptz NOT NULL,
  fence      bigint NOT NULL DEFAULT 1
);

CREATE TABLE person (
  id          uuid PRIMARY KEY,
  -- Null once the person is erased: nothing sealed with it can be read again.
  wrapped_key bytea,
  sealed      bytea NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  erased_at   timestamptz
);

CREATE TABLE person_index (
  kind      text NOT NULL CHECK (kind IN ('email', 'phone', 'name')),
  hash      bytea NOT NULL,
  person_id uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  PRIMARY KEY (kind, hash, person_id)
);
CREATE INDEX person_index_person ON person_index (person_id);

-- One HTTP request of a source, as it came. `seq` is the order in which the dispatcher takes them.
CREATE TABLE delivery (
  id              uuid PRIMARY KEY,
  seq             bigint GENERATED ALWAYS AS IDENTITY,
  connection      text NOT NULL,
  dedupe_key      bytea NOT NULL,
  received_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  headers         jsonb NOT NULL DEFAULT '{}',
  sealed_body     bytea NOT NULL,
  -- The body's own key: wrapped by the master key, later by the person's key.
  wrapped_key     bytea NOT NULL,
  key_person_id   uuid REFERENCES person (id),
  repeats         int NOT NULL DEFAULT 0,
  state           text NOT NULL DEFAULT 'stored' CHECK (state IN ('stored', 'done', 'ignored', 'dead')),
  trigger         text,
  reason          text,
  attempts        int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
  -- Facts that this delivery brought, or that it repeats by meaning.
  fact_ids        uuid[] NOT NULL DEFAULT '{}',
  settled_at      timestamptz,
  UNIQUE (connection, dedupe_key)
);
CREATE INDEX delivery_waiting ON delivery (connection, seq) WHERE state = 'stored';
CREATE INDEX delivery_by_state ON delivery (state, seq DESC);

CREATE TABLE booking (
  id             text PRIMARY KEY,
  connection     text NOT NULL,
  root_uid       text NOT NULL,
  version        int NOT NULL DEFAULT 0,
  -- Null until the first record: facts are stored by the dispatcher, the picture by the workflow.
  status         text,
  picture        jsonb,
  slot_start     timestamptz,
  slot_end       timestamptz,
  slot_zone      text,
  slot_key       text,
  person_id      uuid REFERENCES person (id),
  host_id        uuid REFERENCES person (id),
  contact_match  text NOT NULL DEFAULT 'pending',
  merged_into    text REFERENCES booking (id),
  opened_at      timestamptz NOT NULL DEFAULT now(),
  recorded_at    timestamptz,
  closed_at      timestamptz
);
CREATE INDEX booking_open ON booking (id) WHERE closed_at IS NULL AND merged_into IS NULL;
CREATE INDEX booking_by_slot ON booking (slot_start DESC NULLS LAST, id);
CREATE INDEX booking_by_status ON booking (status, slot_start DESC NULLS LAST, id);

CREATE TABLE booking_alias (
  connection text NOT NULL,
  uid        text NOT NULL,
  booking_id text NOT NULL REFERENCES booking (id),
  PRIMARY KEY (connection, uid)
);
CREATE INDEX booking_alias_booking ON booking_alias (booking_id);

CREATE TABLE booking_calendar_uid (
  connection text NOT NULL,
  ical_uid   text NOT NULL,
  booking_id text NOT NULL REFERENCES booking (id),
  PRIMARY KEY (connection, ical_uid)
);
CREATE INDEX booking_calendar_uid_booking ON booking_calendar_uid (booking_id);

-- Facts. Rows are only added; `outcome` and `why` are what the last fold made of them.
CREATE TABLE booking_event (
  id          uuid PRIMARY KEY,
  booking_id  text NOT NULL REFERENCES booking (id),
  connection  text NOT NULL,
  type        text NOT NULL,
  fact        jsonb NOT NULL,
  -- Title, notes, answers, place: sealed with the guest's key.
  sealed      bytea,
  person_id   uuid REFERENCES person (id),
  meaning     bytea,
  delivery_id uuid REFERENCES delivery (id),
  ordinal     int NOT NULL DEFAULT 0,
  received_at timestamptz NOT NULL,
  outcome     text,
  why         text,
  UNIQUE (connection, meaning),
  UNIQUE (delivery_id, ordinal)
);
CREATE INDEX booking_event_booking ON booking_event (booking_id);

CREATE TABLE message (
  id           uuid PRIMARY KEY,
  booking_id   text NOT NULL REFERENCES booking (id),
  -- What it is about, once per booking: `confirmation`, `reminder/86400000/<slot key>`, …
  key          text NOT NULL,
  kind         text NOT NULL,
  channel      text NOT NULL,
  recipient    text NOT NULL CHECK (recipient IN ('guest', 'host')),
  slot_key     text NOT NULL,
  due_at       timestamptz NOT NULL,
  state        text NOT NULL CHECK (state IN ('planned', 'held', 'skipped', 'sending', 'sent', 'delivered', 'failed', 'unknown')),
  reason       text,
  attempts     int NOT NULL DEFAULT 0,
  sending_at   timestamptz,
  settled_at   timestamptz,
  provider_id  text,
  UNIQUE (booking_id, key)
);

-- One row per booking and CRM: what has been written, and what stands in the way.
CREATE TABLE crm_sync (
  booking_id      text NOT NULL REFERENCES booking (id),
  connection      text NOT NULL,
  state           text NOT NULL CHECK (state IN ('pending', 'synced', 'parked', 'needs_contact', 'refused', 'skipped')),
  reason          text,
  written_version int NOT NULL DEFAULT 0,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (booking_id, connection)
);
CREATE INDEX crm_sync_parked ON crm_sync (connection, booking_id) WHERE state = 'parked';

-- The ledger's links: which CRM record is ours, and whether a create's outcome is known.
CREATE TABLE crm_link (
  connection   text NOT NULL,
  type         text NOT NULL CHECK (type IN ('person', 'appointment', 'opportunity')),
  external_key text NOT NULL,
  booking_id   text REFERENCES booking (id),
  crm_id       text,
  state        text NOT NULL CHECK (state IN ('intent', 'done', 'unknown', 'tombstone', 'surplus')),
  intent_at    timestamptz,
  last_version int NOT NULL DEFAULT 0,
  last_hash    text,
  -- What we wrote last, in the CRM's own ids and status words (a stage, an outcome, instants): tells a person's change from ours.
  last_written jsonb,
  updated_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (connection, type, external_key)
);
CREATE INDEX crm_link_booking ON crm_link (booking_id);

-- Every write that reached, or may have reached, a CRM. Ids, property names and status words only.
CREATE TABLE crm_write (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  booking_id text NOT NULL REFERENCES booking (id),
  connection text NOT NULL,
  type       text NOT NULL,
  action     text NOT NULL,
  crm_id     text,
  version    int NOT NULL,
  cause      uuid,
  before     jsonb,
  after      jsonb,
  at         timestamptz NOT NULL
);
CREATE INDEX crm_write_booking ON crm_write (booking_id, id);

-- Health of a connection, for the circuit and the console.
CREATE TABLE connection_health (
  connection text PRIMARY KEY,
  state      text NOT NULL CHECK (state IN ('up', 'down')),
  reason     text,
  since      timestamptz NOT NULL DEFAULT now(),
  probes     int NOT NULL DEFAULT 0
);

CREATE TABLE task (
  id          uuid PRIMARY KEY,
  workflow_id text NOT NULL UNIQUE,
  kind        text NOT NULL,
  booking_id  text NOT NULL REFERENCES booking (id),
  about       text NOT NULL,
  n           int NOT NULL,
  state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'decided', 'withdrawn')),
  owner       text NOT NULL,
  opened_at   timestamptz NOT NULL,
  due_at      timestamptz NOT NULL,
  remind_at   timestamptz NOT NULL,
  -- Candidates (CRM ids), what was tried, why it was opened. No personal data.
  evidence    jsonb NOT NULL DEFAULT '{}',
  decision    jsonb,
  decided_by  text,
  decided_at  timestamptz,
  UNIQUE (booking_id, kind, about, n)
);
CREATE UNIQUE INDEX task_open_once ON task (booking_id, kind, about) WHERE state = 'open';
CREATE INDEX task_by_state ON task (state, due_at);

CREATE TABLE audit_entry (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at      timestamptz NOT NULL,
  actor   text NOT NULL,
  action  text NOT NULL,
  subject text NOT NULL,
  detail  jsonb NOT NULL DEFAULT '{}'
);
