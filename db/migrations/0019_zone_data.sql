-- Releases of the zone data by which every open booking was planned again.
CREATE TABLE zone_data (
  version    text PRIMARY KEY,
  planned_at timestamptz NOT NULL DEFAULT now()
);
