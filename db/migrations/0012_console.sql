-- The operator console: who is signed in, one-time sign-in links, and attempts that are counted. Keyed hashes only.

CREATE TABLE console_session (
  -- Keyed by the operator token: with another token, no session is found.
  id_hash    bytea PRIMARY KEY,
  -- An opaque operator id, kept with what is decided.
  operator   text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE TABLE console_link (
  secret_hash bytea PRIMARY KEY,
  expires_at  timestamptz NOT NULL
);

-- Attempts to sign in that were not right.
CREATE TABLE console_attempt (
  -- Keyed hash of the client's address.
  client bytea NOT NULL,
  at     timestamptz NOT NULL
);
CREATE INDEX console_attempt_client ON console_attempt (client, at);
