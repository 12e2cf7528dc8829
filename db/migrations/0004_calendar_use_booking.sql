-- Which booking a calendar id was seen in, with the id itself: one look is enough however long the chain is.

ALTER TABLE calendar_use ADD COLUMN booking_id text REFERENCES booking (id);
UPDATE calendar_use u SET booking_id = a.booking_id FROM booking_alias a WHERE a.connection = u.connection AND a.uid = u.uid;
-- Their uid turned out to be shared by several guests.
DELETE FROM calendar_use WHERE booking_id IS NULL;
ALTER TABLE calendar_use ALTER COLUMN booking_id SET NOT NULL;
CREATE INDEX calendar_use_oldest ON calendar_use (connection, ical_uid, booking_id, sequence);
CREATE INDEX calendar_use_version ON calendar_use (connection, ical_uid, sequence);
CREATE INDEX calendar_use_booking ON calendar_use (booking_id);
