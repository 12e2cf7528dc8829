/**
 * HubSpot meetings by when they were made, oldest first: what no webhook may have told of.
 * Invariant: only those that are still to come; as in new-contacts.ts, a search begins anew before it ends at 10,000 results.
 */
import type { AppointmentPage, CrmCall, NewAppointmentIds } from '../ports';
import type { HubspotClient } from './client';
import { nextOf, PAGE } from './new-contacts';
import { searchObjects } from './records';

/** A cursor is `<instant>/<offset>`. HubSpot has no calendars: `calendarIds` says nothing. */
export async function listNewAppointments(
  client: HubspotClient,
  page: AppointmentPage,
  call: CrmCall,
): Promise<NewAppointmentIds> {
  const [madeFromMs = String(page.madeSinceMs), after = '0'] = page.cursor?.split('/') ?? [];
  const filters = [
    { propertyName: 'hs_createdate', operator: 'GTE', value: madeFromMs },
    { propertyName: 'hs_meeting_start_time', operator: 'GTE', value: String(page.beginsAfterMs) },
  ];
  const body = {
    filterGroups: [{ filters }],
    properties: ['hs_createdate'],
    sorts: ['hs_createdate'],
    limit: PAGE,
    ...(after === '0' ? {} : { after }),
  };
  const { results, paging } = await searchObjects(
    client,
    { type: 'meetings', operation: 'listNewAppointments', body },
    call,
  );
  const lastMs = Date.parse(results.at(-1)?.properties['hs_createdate'] ?? '');
  const from = { fromMs: madeFromMs, after, next: paging?.next?.after };
  return {
    ids: results.filter(({ archived }) => archived !== true).map(({ id }) => id),
    next: nextOf({ ...from, lastMs: Number.isNaN(lastMs) ? undefined : lastMs }),
  };
}
