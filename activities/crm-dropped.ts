/**
 * Fields of a guest that a CRM silently did not take, because they belong to somebody else there: a person is asked, once.
 * Invariant: the ledger's row of the person remembers what was dropped, so the question is asked once for all their bookings. Names of fields only.
 */
import type { CrmLink } from '../db/crm-ledger';
import { markPerson } from '../db/crm-read-back';
import { withTransaction } from '../db/pool';
import type { TaskRow } from '../db/tasks';
import { crmSubject } from '../domain/crm-conflicts';
import { PERSON_FIELDS, type PersonField, type PersonFields } from '../domain/person-match';
import { note, type SyncContext } from './crm-context';
import { askPerson } from './open-task';

export interface DroppedFrom {
  /** Ours. */
  readonly personId: string;
  readonly crmPersonId: string;
  readonly fields: PersonFields;
  /** The ledger's row of the person, as it was before this sync. */
  readonly link: CrmLink | null;
  /** What the CRM left out just now. */
  readonly dropped: readonly PersonField[];
}

/** What the CRM left out before, and nobody was asked about. */
export function droppedUnasked(link: CrmLink | null): readonly PersonField[] {
  return link?.lastWritten?.asked === true ? [] : fieldsIn(link, 'dropped');
}

function fieldsIn(link: CrmLink | null, name: 'dropped' | 'again'): readonly PersonField[] {
  const named = link?.lastWritten?.[name];
  return Array.isArray(named) ? PERSON_FIELDS.filter((field) => named.includes(field)) : [];
}

/** Writes again what a person decided to have written, and asks about what the CRM still leaves out. Null: nothing is asked. */
export async function droppedStep(ctx: SyncContext, from: DroppedFrom): Promise<TaskRow | null> {
  const { personId, crmPersonId, fields } = from;
  const again = fieldsIn(from.link, 'again');
  let { dropped } = from;
  if (again.length > 0) {
    const changes = Object.fromEntries(again.map((field) => [field, fields[field]]));
    ({ dropped } = await ctx.crm.writePerson(crmPersonId, changes, ctx.call('write-dropped')));
    await note(ctx, { type: 'person', action: 'fill', crmId: crmPersonId, before: null, after: { again, dropped } });
    await markPerson(ctx.deps.pool, { connection: ctx.connection, personId }, { dropped, asked: false, again: [] });
  }
  return dropped.length === 0 ? null : ask(ctx, { personId, crmPersonId, dropped });
}

/** The question, and that it was asked, in one commit. */
function ask(
  ctx: SyncContext,
  of: { personId: string; crmPersonId: string; dropped: readonly PersonField[] },
): Promise<TaskRow> {
  const { bookingId, connection } = ctx;
  const about = crmSubject(connection, 'person');
  return withTransaction(ctx.deps.pool, async (tx) => {
    await markPerson(tx, { connection, personId: of.personId }, { dropped: of.dropped, asked: true });
    const evidence = { field: 'person', connection, fields: of.dropped, crmPersonId: of.crmPersonId };
    return askPerson(tx, ctx.deps, { kind: 'conflict', bookingId, about, evidence, nowMs: ctx.nowMs() });
  });
}
