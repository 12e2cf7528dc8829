-- Appointments that a person made in a CRM, and what became of booking them at a source. No personal data.

CREATE TABLE crm_appointment (
  connection    text NOT NULL,
  crm_id        text NOT NULL,
  -- `booking`: a create is under way, or its outcome is not known. `left`: nothing is booked, and nobody is asked.
  state         text NOT NULL CHECK (state IN ('heard', 'booking', 'booked', 'asked', 'left')),
  reason        text,
  -- The slot that was wanted when it was held or booked: event type, instants.
  wanted        jsonb,
  -- Until when a slot may be held for it, and by which reservation; null: its answer was lost.
  hold_until    timestamptz,
  hold_id       text,
  -- Comes back with the booking: nobody can guess it, so nobody can claim the record.
  mark          uuid UNIQUE,
  intent_at     timestamptz,
  source        text,
  crm_person_id text,
  uid           text,
  booking_id    text REFERENCES booking (id),
  heard_at      timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (connection, crm_id)
);

-- When all that is open was last compared with a CRM.
CREATE TABLE crm_read_back (
  connection text PRIMARY KEY,
  read_at    timestamptz NOT NULL,
  -- Appointments that were looked at, and bookings that were told of a difference.
  looked     int NOT NULL,
  told       int NOT NULL
);
