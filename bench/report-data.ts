/**
 * Bookings of two years for the report, the same ones every time: written past the application, counted by the real triggers.
 */
import type { Pool } from 'pg';
import { addUpDays } from '../db/report-days';

const PIECE = 5_000;
/** Bookings that a CRM does not show as they are; as many in every size. */
const DIFFERENT = 100;

const BOOKINGS = `
  INSERT INTO booking (id, connection, root_uid, version)
  SELECT 'b' || n, 'calcom-' || n % 2, 'b' || n, 1 FROM generate_series($1::int, $2::int) n`;
const PEOPLE = `INSERT INTO person (id, sealed) SELECT md5('person ' || n)::uuid, '' FROM generate_series($1::int - 1, $2::int) n ON CONFLICT DO NOTHING`;
// Primes: days, hours and outcomes do not go together.
const LINES = `
  INSERT INTO report_booking (booking_id, source, zone, person_id, host, status, booked_at, booked_date, slot_start, slot_end, slot_date,
    outcome, outcome_by, outcome_sure, outcome_at, outcome_date, cancel_timing, moved_count, excluded_reason)
  SELECT 'b' || n, 'calcom-' || n % 2, 'UTC', md5('person ' || n - n % 2)::uuid, md5('host ' || n % 20)::uuid, status,
    at - interval '3 days', (at - interval '3 days')::date, at, at + interval '30 minutes', at::date,
    outcome, CASE WHEN outcome IS NOT NULL THEN 'source' END, CASE WHEN outcome IS NOT NULL THEN 'marked' END,
    CASE WHEN outcome IS NOT NULL THEN at + interval '1 hour' END, CASE WHEN outcome IS NOT NULL THEN at::date END,
    CASE WHEN outcome = 'canceled' THEN CASE n % 2 WHEN 0 THEN 'early' ELSE 'late' END END,
    (n % 11 = 0)::int, CASE WHEN n % 37 = 0 THEN 'internal' END
  FROM (
    SELECT n, status, nullif(nullif(status, 'awaiting_outcome'), 'scheduled') AS outcome,
      (CASE WHEN status = 'scheduled' THEN timestamp '2100-01-01' ELSE timestamp '2024-01-01' END
        + n::bigint * 7919 % 728 * interval '1 day' + n % 9 * interval '1 hour') AT TIME ZONE 'UTC' AS at
    FROM (
      SELECT n, (ARRAY['showed','showed','showed','showed','showed','showed','no_show','canceled','canceled','awaiting_outcome','scheduled'])[
        n::bigint * 7907 % 11 + 1] AS status
      FROM generate_series($1::int, $2::int) n
    ) AS drawn
  ) AS dated`;

const MESSAGES = `
  INSERT INTO message (id, booking_id, key, kind, channel, recipient, slot_key, due_at, state, settled_at)
  SELECT md5('message ' || n)::uuid, 'b' || n, 'confirmation', 'confirmation', 'email', 'guest', 'slot', now(), 'sent', now()
  FROM generate_series($1::int, $2::int, 4) n`;
const TASKS = `
  INSERT INTO task (id, workflow_id, kind, booking_id, about, n, owner, opened_at, due_at, remind_at)
  SELECT md5('task ' || n)::uuid, 'task/b' || n, 'no_show_review', 'b' || n, 'outcome', 1, 'front-desk', now(), now(), now()
  FROM generate_series($1::int, $2::int, 40) n`;

/** Ends with tables as autovacuum would have left them. */
export async function fillReport(pool: Pool, bookings: number): Promise<void> {
  for (let from = 1; from <= bookings; from += PIECE) {
    const piece = [from, Math.min(bookings, from + PIECE - 1)];
    await pool.query(PEOPLE, piece);
    await pool.query(BOOKINGS, piece);
    await pool.query(LINES, piece);
    await pool.query(MESSAGES, piece);
    await pool.query(TASKS, piece);
    await addUpDays(pool);
  }
  await pool.query(
    `INSERT INTO crm_sync (booking_id, connection, state, written_version)
     SELECT booking_id, 'hubspot-main', 'parked', 0 FROM report_booking WHERE slot_date < '2025-12-29'
     ORDER BY slot_date DESC, booking_id LIMIT ${DIFFERENT}`,
  );
  await addUpDays(pool);
  await pool.query('VACUUM ANALYZE');
}
