/** The calendar's date as text. */
import { wallClock } from '../../config/zones';
import { localDate } from '../../domain/wall-clock';

test.each([
  ['2026-03-05T12:00Z', 'UTC', '2026-03-05'],
  ['2026-01-01T03:00Z', 'America/Denver', '2025-12-31'],
  ['2026-12-31T23:30Z', 'Europe/Berlin', '2027-01-01'],
  ['0987-06-05T12:00Z', 'UTC', '0987-06-05'],
])('%s in %s is %s', (instant, zone, date) => {
  expect(localDate(wallClock, Date.parse(instant), zone)).toBe(date);
});
