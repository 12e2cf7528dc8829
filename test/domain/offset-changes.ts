/**
 * Fifty offset changes, and what the documented wall time is on each: written down by hand, instants with their offsets.
 * Invariant: a row can be checked by eye. Its four times show one clock, except where clocks skip the time that is asked for.
 */

export interface OffsetChange {
  readonly zone: string;
  readonly why: string;
  /** What becomes of the wall time that is asked for: skipped, shown twice, or shown once as on any day. */
  readonly change: 'gap' | 'overlap' | 'none';
  /** A hold of seven days that begins here ends at `on`. */
  readonly since: string;
  /** The reminder, `days` before, of a slot that begins at `on`. */
  readonly eve: string;
  /** On the change: the reminder, `days` before, of a slot that begins at `slot`. */
  readonly on: string;
  readonly slot: string;
  readonly days: number;
}

type Row = [OffsetChange['change'], zone: string, since: string, eve: string, on: string, slot: string, why: string];

// prettier-ignore
const ROWS: readonly Row[] = [
  ['gap', 'America/Denver', '2027-03-07T02:30-07:00', '2027-03-13T03:30-07:00', '2027-03-14T03:30-06:00', '2027-03-15T02:30-06:00',
    'spring, the middle of the skipped hour'],
  ['gap', 'America/New_York', '2027-03-07T02:00-05:00', '2027-03-13T03:00-05:00', '2027-03-14T03:00-04:00', '2027-03-15T02:00-04:00',
    'spring, the first skipped minute'],
  ['gap', 'America/Los_Angeles', '2028-03-05T02:59-08:00', '2028-03-11T03:59-08:00', '2028-03-12T03:59-07:00', '2028-03-13T02:59-07:00',
    'spring, the last skipped minute'],
  ['none', 'America/New_York', '2027-03-07T03:00-05:00', '2027-03-13T03:00-05:00', '2027-03-14T03:00-04:00', '2027-03-15T03:00-04:00',
    'the first minute after the gap is itself'],
  ['gap', 'America/St_Johns', '2027-03-07T02:30-03:30', '2027-03-13T03:30-03:30', '2027-03-14T03:30-02:30', '2027-03-15T02:30-02:30',
    'an offset with half an hour'],
  ['gap', 'Europe/London', '2027-03-21T01:30+00:00', '2027-03-27T02:30+00:00', '2027-03-28T02:30+01:00', '2027-03-29T01:30+01:00',
    'clocks change at 01:00'],
  ['gap', 'Europe/Berlin', '2027-03-21T02:30+01:00', '2027-03-27T03:30+01:00', '2027-03-28T03:30+02:00', '2027-03-29T02:30+02:00',
    'clocks change at 02:00'],
  ['gap', 'Europe/Dublin', '2027-03-21T01:30+00:00', '2027-03-27T02:30+00:00', '2027-03-28T02:30+01:00', '2027-03-29T01:30+01:00',
    'winter time is the daylight saving time (negative)'],
  ['gap', 'Australia/Sydney', '2027-09-26T02:30+10:00', '2027-10-02T03:30+10:00', '2027-10-03T03:30+11:00', '2027-10-04T02:30+11:00',
    'southern spring'],
  ['gap', 'Pacific/Chatham', '2027-09-19T02:50+12:45', '2027-09-25T03:50+12:45', '2027-09-26T03:50+13:45', '2027-09-27T02:50+13:45',
    'an offset with 45 minutes, at 02:45'],
  ['gap', 'Asia/Jerusalem', '2027-03-19T02:30+02:00', '2027-03-25T03:30+02:00', '2027-03-26T03:30+03:00', '2027-03-27T02:30+03:00',
    'on a Friday'],
  ['gap', 'America/Nuuk', '2027-03-20T23:30-02:00', '2027-03-27T00:30-02:00', '2027-03-28T00:30-01:00', '2027-03-28T23:30-01:00',
    'the last hour of a day is skipped'],
  ['gap', 'Pacific/Easter', '2027-08-28T22:30-06:00', '2027-09-03T23:30-06:00', '2027-09-04T23:30-05:00', '2027-09-05T22:30-05:00',
    'the evening before, with the mainland'],
  ['gap', 'Atlantic/Azores', '2027-03-21T00:00-01:00', '2027-03-27T01:00-01:00', '2027-03-28T01:00+00:00', '2027-03-29T00:00+00:00',
    'midnight does not exist'],
  ['gap', 'America/Santiago', '2027-08-29T00:30-04:00', '2027-09-04T01:30-04:00', '2027-09-05T01:30-03:00', '2027-09-06T00:30-03:00',
    'midnight does not exist'],
  ['gap', 'Asia/Beirut', '2027-03-21T00:15+02:00', '2027-03-27T01:15+02:00', '2027-03-28T01:15+03:00', '2027-03-29T00:15+03:00',
    'midnight does not exist'],
  ['gap', 'Africa/Cairo', '2027-04-23T00:30+02:00', '2027-04-29T01:30+02:00', '2027-04-30T01:30+03:00', '2027-05-01T00:30+03:00',
    'midnight does not exist, on a Friday'],
  ['gap', 'America/Havana', '2026-03-01T00:30-05:00', '2026-03-07T01:30-05:00', '2026-03-08T01:30-04:00', '2026-03-09T00:30-04:00',
    'midnight does not exist'],
  ['gap', 'America/Asuncion', '2024-09-29T00:30-04:00', '2024-10-05T01:30-04:00', '2024-10-06T01:30-03:00', '2024-10-07T00:30-03:00',
    'midnight did not exist, the last spring before permanent summer time'],
  ['gap', 'America/Sao_Paulo', '2018-10-28T00:30-03:00', '2018-11-03T01:30-03:00', '2018-11-04T01:30-02:00', '2018-11-05T00:30-02:00',
    'midnight did not exist'],
  ['gap', 'Asia/Tehran', '2022-03-15T00:30+03:30', '2022-03-21T01:30+03:30', '2022-03-22T01:30+04:30', '2022-03-23T00:30+04:30',
    'midnight did not exist, by the Persian calendar'],
  ['gap', 'Australia/Lord_Howe', '2027-09-26T02:15+10:30', '2027-10-02T02:45+10:30', '2027-10-03T02:45+11:00', '2027-10-04T02:15+11:00',
    'half an hour is skipped'],
  ['overlap', 'Australia/Lord_Howe', '2027-03-28T01:45+11:00', '2027-04-03T01:45+11:00', '2027-04-04T01:45+11:00', '2027-04-05T01:45+10:30',
    'half an hour comes twice'],
  ['gap', 'Antarctica/Troll', '2027-03-21T02:00+00:00', '2027-03-27T04:00+00:00', '2027-03-28T04:00+02:00', '2027-03-29T02:00+02:00',
    'two hours are skipped'],
  ['overlap', 'Antarctica/Troll', '2027-10-24T02:00+02:00', '2027-10-30T02:00+02:00', '2027-10-31T02:00+02:00', '2027-11-01T02:00+00:00',
    'two hours come twice'],
  ['gap', 'Antarctica/Casey', '2022-09-25T01:30+08:00', '2022-10-01T04:30+08:00', '2022-10-02T04:30+11:00', '2022-10-03T01:30+11:00',
    'three hours were skipped, at one minute past midnight'],
  ['overlap', 'Antarctica/Casey', '2023-03-02T01:30+11:00', '2023-03-08T01:30+11:00', '2023-03-09T01:30+11:00', '2023-03-10T01:30+08:00',
    'three hours came twice'],
  ['overlap', 'America/Denver', '2027-10-31T01:30-06:00', '2027-11-06T01:30-06:00', '2027-11-07T01:30-06:00', '2027-11-08T01:30-07:00',
    'autumn, the middle of the hour that comes twice'],
  ['overlap', 'America/New_York', '2027-10-31T01:00-04:00', '2027-11-06T01:00-04:00', '2027-11-07T01:00-04:00', '2027-11-08T01:00-05:00',
    'autumn, the first minute that comes twice'],
  ['none', 'America/New_York', '2027-10-31T02:00-04:00', '2027-11-06T02:00-04:00', '2027-11-07T02:00-05:00', '2027-11-08T02:00-05:00',
    'the first minute after the overlap comes once'],
  ['overlap', 'America/St_Johns', '2027-10-31T01:30-02:30', '2027-11-06T01:30-02:30', '2027-11-07T01:30-02:30', '2027-11-08T01:30-03:30',
    'an offset with half an hour'],
  ['overlap', 'Europe/London', '2027-10-24T01:30+01:00', '2027-10-30T01:30+01:00', '2027-10-31T01:30+01:00', '2027-11-01T01:30+00:00',
    'clocks change at 02:00'],
  ['overlap', 'Europe/Berlin', '2027-10-24T02:30+02:00', '2027-10-30T02:30+02:00', '2027-10-31T02:30+02:00', '2027-11-01T02:30+01:00',
    'clocks change at 03:00'],
  ['overlap', 'Pacific/Auckland', '2027-03-28T02:30+13:00', '2027-04-03T02:30+13:00', '2027-04-04T02:30+13:00', '2027-04-05T02:30+12:00',
    'southern autumn'],
  ['overlap', 'Pacific/Chatham', '2027-03-28T03:15+13:45', '2027-04-03T03:15+13:45', '2027-04-04T03:15+13:45', '2027-04-05T03:15+12:45',
    'an offset with 45 minutes'],
  ['overlap', 'America/Santiago', '2027-03-27T23:30-03:00', '2027-04-02T23:30-03:00', '2027-04-03T23:30-03:00', '2027-04-04T23:30-04:00',
    'the last hour of a day comes twice'],
  ['overlap', 'Africa/Cairo', '2027-10-21T23:30+03:00', '2027-10-27T23:30+03:00', '2027-10-28T23:30+03:00', '2027-10-29T23:30+02:00',
    'the last hour of a day comes twice'],
  ['overlap', 'Asia/Almaty', '2024-02-22T23:30+06:00', '2024-02-28T23:30+06:00', '2024-02-29T23:30+06:00', '2024-03-01T23:30+05:00',
    'for good, on a leap day'],
  ['overlap', 'Africa/Casablanca', '2026-02-08T02:30+01:00', '2026-02-14T02:30+01:00', '2026-02-15T02:30+01:00', '2026-02-16T02:30+00:00',
    'Ramadan begins'],
  ['gap', 'Africa/Casablanca', '2026-03-15T02:30+00:00', '2026-03-21T03:30+00:00', '2026-03-22T03:30+01:00', '2026-03-23T02:30+01:00',
    'Ramadan is over'],
];

// Where a whole day is missing, the day before the day after is the same day: two days before show what happens.
// prettier-ignore
const DATE_LINE_ROWS: readonly Row[] = [
  ['gap', 'Pacific/Apia', '2011-12-23T09:00-10:00', '2011-12-29T09:00-10:00', '2011-12-31T09:00+14:00', '2012-01-01T09:00+14:00',
    'a day was skipped'],
  ['gap', 'Pacific/Kiritimati', '1994-12-24T09:00-10:00', '1994-12-30T09:00-10:00', '1995-01-01T09:00+14:00', '1995-01-02T09:00+14:00',
    'the last day of a year was skipped'],
];

// Rules that the IANA database changed in 2026; Node 20 still carries those of 2025.
// prettier-ignore
const ROWS_OF_2026: readonly Row[] = [
  ['overlap', 'Africa/Casablanca', '2026-09-13T01:30+01:00', '2026-09-19T01:30+01:00', '2026-09-20T01:30+01:00', '2026-09-21T01:30+00:00',
    'summer time ends for good'],
  ['none', 'Africa/El_Aaiun', '2027-03-07T02:30+00:00', '2027-03-13T02:30+00:00', '2027-03-14T02:30+00:00', '2027-03-15T02:30+00:00',
    'no more Ramadan changes'],
  ['none', 'America/Vancouver', '2026-10-25T01:30-07:00', '2026-10-31T01:30-07:00', '2026-11-01T01:30-07:00', '2026-11-02T01:30-07:00',
    'summer time stays, the hour comes once'],
  ['none', 'America/Vancouver', '2027-03-07T02:30-07:00', '2027-03-13T02:30-07:00', '2027-03-14T02:30-07:00', '2027-03-15T02:30-07:00',
    'summer time stays, no hour is skipped'],
  ['none', 'America/Edmonton', '2026-10-25T01:30-06:00', '2026-10-31T01:30-06:00', '2026-11-01T01:30-06:00', '2026-11-02T01:30-06:00',
    'summer time stays'],
  ['none', 'America/Winnipeg', '2026-10-25T01:30-05:00', '2026-10-31T01:30-05:00', '2026-11-01T01:30-05:00', '2026-11-02T01:30-05:00',
    'summer time stays'],
  ['none', 'America/Havana', '2026-10-25T00:30-04:00', '2026-10-31T00:30-04:00', '2026-11-01T00:30-04:00', '2026-11-02T00:30-04:00',
    'summer time stays over one winter'],
  ['gap', 'Europe/Chisinau', '2027-03-21T03:30+02:00', '2027-03-27T04:30+02:00', '2027-03-28T04:30+03:00', '2027-03-29T03:30+03:00',
    'clocks change an hour later than before'],
];

const fromRow =
  (days: number) =>
  ([change, zone, since, eve, on, slot, why]: Row): OffsetChange => ({ zone, why, change, since, eve, on, slot, days });

export const changedIn2026: readonly OffsetChange[] = ROWS_OF_2026.map(fromRow(1));

export const offsetChanges: readonly OffsetChange[] = [
  ...ROWS.map(fromRow(1)),
  ...DATE_LINE_ROWS.map(fromRow(2)),
  ...changedIn2026,
];
