/**
 * A booking's sync at the port, as activities do it: person, opportunity, appointment; intent before each create, one writer per person.
 * Invariant: the ledger in memory keeps what `db/crm-ledger.ts` keeps, and nothing else is remembered between attempts.
 */
import { CALL_DEADLINE_MS } from '../../../activities/crm-context';
import { CrmError, type AppointmentFields, type Crm } from '../../../integrations/ports';
import { guest, opportunity, type CrmUnderTest, type StillClock } from './crm-under-test';

interface Link {
  readonly state: 'unknown' | 'done';
  readonly id: string | null;
}

export interface Ledger {
  readonly clock: StillClock;
  readonly links: Map<string, Link>;
  /** Runs one after the other; without a lock, at once. */
  locked<T>(write: () => Promise<T>): Promise<T>;
}

export function createLedger({ clock, isLocked }: { clock: StillClock; isLocked: boolean }): Ledger {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    clock,
    links: new Map(),
    locked(write) {
      if (!isLocked) return write();
      const mine = turn.then(write);
      turn = mine.catch(() => undefined);
      return mine;
    },
  };
}

interface Sync {
  readonly account: CrmUnderTest;
  readonly crm: Crm;
  readonly ledger: Ledger;
  readonly fields: AppointmentFields;
}

const MOST_ATTEMPTS = 8;

/** Attempts until it is written; between attempts others may write, and the clock moves on. */
export async function syncBooking(sync: Sync): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sync.ledger.locked(() => writeRecords(sync));
    } catch (error) {
      if (!(error instanceof CrmError) || attempt === MOST_ATTEMPTS) throw error;
      if (error.errorClass !== 'unknown_outcome' && error.errorClass !== 'unavailable') throw error;
      sync.ledger.clock.advance(CALL_DEADLINE_MS);
    }
  }
}

async function writeRecords({ account, crm, ledger, fields }: Sync): Promise<void> {
  const call = { operationKey: fields.externalKey, signal: new AbortController().signal };
  const person = async () => {
    const match = await crm.resolvePerson({ linkedId: null, emails: [guest.email ?? ''], phones: [] }, call);
    return match.kind === 'one' ? match.person : null;
  };
  const create = () => crm.createPerson(guest, call);
  const personId = await once(ledger, 'person', { find: person, create, looksFirst: true });
  const opportunityId = await once(ledger, `o of ${fields.externalKey}`, {
    find: () => crm.findOpportunity(personId, account.pipelineId, call),
    create: () =>
      crm.createOpportunity({ ...opportunity(account, personId), externalKey: `o of ${fields.externalKey}` }, call),
    looksFirst: true,
  });
  await once(ledger, fields.externalKey, {
    find: () => crm.findAppointment(fields.externalKey, personId, call),
    create: () => crm.createAppointment({ ...fields, personId, opportunityId }, call),
    looksFirst: false,
  });
}

/** As `createOnce`: what may have been created is looked for before it is created again. */
async function once(
  { links }: Ledger,
  key: string,
  how: {
    readonly find: () => Promise<{ readonly id: string } | null>;
    readonly create: () => Promise<{ readonly id: string }>;
    readonly looksFirst: boolean;
  },
): Promise<string> {
  const link = links.get(key);
  if (link?.state === 'done' && link.id !== null) return link.id;
  const found = link !== undefined || how.looksFirst ? await how.find() : null;
  const record = (id: string): string => {
    links.set(key, { state: 'done', id });
    return id;
  };
  if (found !== null) return record(found.id);
  try {
    return record((await how.create()).id);
  } catch (error) {
    if (error instanceof CrmError && error.errorClass === 'unknown_outcome') {
      links.set(key, { state: 'unknown', id: null });
    }
    throw error;
  }
}
