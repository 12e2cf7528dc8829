/**
 * HighLevel appointments that were made lately and are still to come: what no webhook may have told of.
 * Invariant: calendars have no list by when something was made, so the next half year of each calendar is read and compared.
 */
import type { AppointmentPage, CrmCall, NewAppointmentIds } from '../ports';
import { instantOf, listEvents, LONGEST_SPAN_MS } from './appointments';
import type { GohighlevelClient } from './client';

const SPANS = 6;

/** A cursor is the number of the span that is next. */
export async function listNewAppointments(
  client: GohighlevelClient,
  { madeSinceMs, beginsAfterMs, calendarIds, cursor }: AppointmentPage,
  call: CrmCall,
): Promise<NewAppointmentIds> {
  const span = Number(cursor ?? '0');
  const fromMs = beginsAfterMs + span * LONGEST_SPAN_MS;
  const ids: string[] = [];
  for (const calendarId of new Set([client.calendarId, ...calendarIds])) {
    const within = { operation: 'listNewAppointments', calendarId, fromMs, toMs: fromMs + LONGEST_SPAN_MS };
    const events = await listEvents(client, within, call);
    const made = events.filter(({ dateAdded }) => (instantOf(dateAdded) ?? 0) >= madeSinceMs);
    // The list also holds what began before the span and reaches into it.
    const begins = made.filter(({ startTime }) => (instantOf(startTime) ?? fromMs) >= fromMs);
    ids.push(...begins.filter(({ deleted }) => deleted !== true).map(({ id }) => id));
  }
  return { ids, next: span + 1 < SPANS ? String(span + 1) : null };
}
