-- Depth of human tasks: rest, notices to their owners, and links in e-mails that act once.

-- Until then the task rests; its due time was moved along when it was put to rest.
ALTER TABLE task ADD COLUMN snoozed_until timestamptz;

-- One notice per task, occasion and channel.
CREATE TABLE task_notice (
  key     text PRIMARY KEY,
  task_id uuid NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  state   text NOT NULL CHECK (state IN ('planned', 'sending', 'sent', 'refused', 'unknown')),
  at      timestamptz NOT NULL
);

-- Questions that a signed link has answered: ids and words only.
CREATE TABLE used_link (
  -- Purpose and subject, as the link names them.
  question text PRIMARY KEY,
  decision text NOT NULL,
  used_at  timestamptz NOT NULL
);
