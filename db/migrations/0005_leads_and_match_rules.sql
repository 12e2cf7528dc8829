-- One status per lead, written on the person: the ledger knows it like any other record.

ALTER TABLE crm_link DROP CONSTRAINT crm_link_type_check;
ALTER TABLE crm_link ADD CONSTRAINT crm_link_type_check CHECK (type IN ('person', 'appointment', 'opportunity', 'lead'));

-- All bookings of a person are read for it.
CREATE INDEX booking_person ON booking ((picture->>'personId')) WHERE merged_into IS NULL;

-- Who a guest is in a CRM, as a person decided it: holds for all bookings of the guest until it is removed. The newest row counts.
CREATE TABLE match_rule (
  id            uuid PRIMARY KEY,
  seq           bigint GENERATED ALWAYS AS IDENTITY,
  connection    text NOT NULL,
  person_id     uuid NOT NULL REFERENCES person (id),
  choice        text NOT NULL CHECK (choice IN ('use_contact', 'create_contact', 'no_contact')),
  crm_person_id text CHECK ((choice = 'use_contact') = (crm_person_id IS NOT NULL)),
  -- The booking whose task was decided.
  booking_id    text NOT NULL REFERENCES booking (id),
  decided_by    text NOT NULL,
  decided_at    timestamptz NOT NULL,
  removed_at    timestamptz,
  removed_by    text
);
CREATE INDEX match_rule_of_person ON match_rule (connection, person_id, seq DESC);
INSERT INTO match_rule (id, connection, person_id, choice, crm_person_id, booking_id, decided_by, decided_at)
  SELECT e.id, e.fact->'decision'->>'connection', (b.picture->>'personId')::uuid, e.fact->'decision'->'contact'->>'choice',
         e.fact->'decision'->'contact'->>'crmPersonId', b.id, 'operator', e.received_at
  FROM booking_event e JOIN booking b ON b.id = e.booking_id
  WHERE e.type = 'contact_decided' AND b.picture->>'personId' IS NOT NULL
  ORDER BY e.received_at, e.id;
