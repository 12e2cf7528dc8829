/**
 * Instants as people read them. Invariant: every shown time names its zone, or stands on a page that does.
 */
import { localTime } from '../../../config/zones';
import { html, type Html } from './html';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const two = (value: number): string => String(value).padStart(2, '0');

/** "14:05" */
export function clockAt(atMs: number, zone: string): string {
  const { hour, minute } = localTime(atMs, zone);
  return `${two(hour)}:${two(minute)}`;
}

/** "Tue 24 Nov 2026" */
export function dayAt(atMs: number, zone: string): string {
  const { year, month, day } = localTime(atMs, zone);
  const weekday = DAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  return `${weekday} ${day} ${MONTHS[month - 1]} ${year}`;
}

/** "EST", for behind a time. */
export const zoneAt = (atMs: number, zone: string): string => localTime(atMs, zone).abbreviation;

/** "Tue 24 Nov 2026, 14:05 EST" */
export function momentAt(atMs: number, zone: string): string {
  return `${dayAt(atMs, zone)}, ${clockAt(atMs, zone)} ${zoneAt(atMs, zone)}`;
}

/** The moment, with its instant for programs. */
export function moment(atMs: number, zone: string): Html {
  return html`<time datetime=${new Date(atMs).toISOString()}>${momentAt(atMs, zone)}</time>`;
}

/** "24 Nov, 14:05", for tables of a page that names its zone; the year where it is another one than now's. */
export function shortMoment(atMs: number, now: { readonly zone: string; readonly nowMs: number }): Html {
  const { year, month, day } = localTime(atMs, now.zone);
  const years = year === localTime(now.nowMs, now.zone).year ? '' : ` ${year}`;
  return html`<time datetime=${new Date(atMs).toISOString()}>
    ${`${day} ${MONTHS[month - 1]}${years}, ${clockAt(atMs, now.zone)}`}
  </time>`;
}

/** What a `datetime-local` field takes: "2026-11-24T14:05". */
export function fieldValueAt(atMs: number, zone: string): string {
  const { year, month, day, hour, minute } = localTime(atMs, zone);
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

/** "3 h ago", "in 2 d", "just now" */
export function fromNow(atMs: number, nowMs: number): string {
  const span = spanWords(Math.abs(atMs - nowMs));
  if (span === null) return 'just now';
  return atMs > nowMs ? `in ${span}` : `${span} ago`;
}

/** "45 s", "12 min", "3 h", "2 d"; null below ten seconds. */
export function spanWords(ms: number): string | null {
  if (ms < 10_000) return null;
  if (ms < 90_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 90 * MINUTE_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  if (ms < 36 * HOUR_MS) return `${Math.round(ms / HOUR_MS)} h`;
  return `${Math.round(ms / DAY_MS)} d`;
}
