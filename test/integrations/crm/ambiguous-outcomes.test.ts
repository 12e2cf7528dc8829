/**
 * Every request of every method of the port meets every kind of trouble once. However it went, repeating and settling as activities
 * do leaves the records and the answer of a run without trouble, and nobody has to help.
 */
import { setMaxListeners } from 'node:events';
import { writeSync } from 'node:fs';
import type { Crm } from '../../../integrations/ports';
import type { HttpFaultInput } from '../../../local/simulators/faults';
import { call, guest, synced, type CrmUnderTest, type StillClock, type SyncedIds } from './crm-under-test';
import { CRMS, useCrm } from './crms';
import { OPERATIONS, type Operation } from './operations';
import { settle, type Settled } from './settling';

interface Trouble {
  readonly name: string;
  readonly fault: (nowMs: number) => HttpFaultInput;
  /** The CRM asked to wait at least so long, ms. */
  readonly asksMs?: number;
  /** The caller's patience ends before the vendor answers. */
  readonly isSilent?: boolean;
  /** Writes stay invisible to searches for so long, ms. */
  readonly lagMs?: number;
}

const PAGE = '<html><body>Bad gateway</body></html>';
const SILENCE_MS = 30_000;
/** Shorter than the silence by far; an honest answer that is later than that only adds to the trouble. */
const PATIENCE_MS = 30;
const MORE_PATIENCE_MS = 1_000;
const LAG_MS = 12_000;

const TROUBLES: readonly Trouble[] = [
  { name: 'applied, then the connection is cut', fault: () => ({ connection: 'reset_after' }) },
  { name: 'not applied, the connection is cut', fault: () => ({ connection: 'reset_before' }) },
  { name: 'applied, then 30 s of silence', fault: () => ({ delayMs: SILENCE_MS }), isSilent: true },
  {
    name: 'not applied, 30 s of silence',
    fault: () => ({ delayMs: SILENCE_MS, status: 504, apply: false }),
    isSilent: true,
  },
  { name: 'applied, then 500', fault: () => ({ status: 500, apply: true }) },
  { name: 'not applied, 503', fault: () => ({ status: 503 }) },
  { name: "applied, then a gateway's page with 502", fault: () => ({ status: 502, apply: true, body: PAGE }) },
  { name: "not applied, a gateway's page with 200", fault: () => ({ status: 200, body: PAGE }) },
  { name: 'applied, then half an answer', fault: () => ({ truncate: true }) },
  {
    name: '429 that asks for seconds',
    fault: () => ({ status: 429, headers: { 'retry-after': '17' } }),
    asksMs: 17_000,
  },
  {
    name: '429 that asks for a date',
    fault: (nowMs) => ({ status: 429, headers: { 'retry-after': new Date(nowMs + 17_000).toUTCString() } }),
    asksMs: 16_000,
  },
  { name: '429 that says nothing', fault: () => ({ status: 429 }), asksMs: 1_000 },
  {
    name: 'applied, then the connection is cut, and searches lag',
    fault: () => ({ connection: 'reset_after' }),
    lagMs: LAG_MS,
  },
];

/** A variant of a CRM is tried with what differs there. */
const ONLY: Readonly<Record<string, readonly Operation['name'][]>> = {
  'HubSpot without a key on meetings': ['ensureSetup', 'createAppointment', 'findAppointment'],
  'HighLevel, dated versions': ['createPerson', 'writePersonFields', 'findOpportunity', 'findOwner'],
};

// Answers that are held back listen for the simulator's end, and there are many of them.
setMaxListeners(0);
let cases = 0;
afterAll(() => {
  setMaxListeners(10);
  writeSync(1, `ambiguous outcomes: ${cases} cases, ${TROUBLES.length} kinds of trouble\n`);
});

describe.each(CRMS)('%s', (crmName, make, capabilities) => {
  const used = useCrm(make);
  const isThere = ({ needs }: Operation): boolean => needs === undefined || capabilities[needs];
  const tried = OPERATIONS.filter((one) => isThere(one) && (ONLY[crmName]?.includes(one.name) ?? true));

  it.each(tried.map((operation) => [`${operation.name} ${operation.when}`, operation] as const))(
    '%s ends as if nothing had happened, whatever becomes of its requests',
    async (_title, operation) => {
      const { account, clock } = used;
      const calm = await played(account, clock, operation, null);
      expect(calm.settled.troubles).toEqual([]);
      for (let position = 0; position < calm.requests; position += 1) {
        for (const trouble of TROUBLES) {
          cases += 1;
          const at = `request ${position + 1}, ${trouble.name}`;
          const troubled = await played(account, clock, operation, { trouble, position });
          expect({ at, left: account.faultsLeft(), ...outcomeOf(troubled) }).toEqual({
            at,
            left: 0,
            ...outcomeOf(calm),
          });
          expectWait(at, trouble, troubled.settled);
        }
      }
    },
  );
});

interface Played {
  readonly settled: Settled;
  readonly answer: string;
  readonly picture: string;
  readonly requests: number;
}

const outcomeOf = ({ answer, picture }: Played) => ({ answer, picture });

/** A fresh account and adapter each time, so that nothing is remembered. */
async function played(
  account: CrmUnderTest,
  clock: StillClock,
  operation: Operation,
  at: { readonly trouble: Trouble; readonly position: number } | null,
): Promise<Played> {
  account.reset();
  const crm = account.directAdapter();
  if (account.isSetUp && operation.name !== 'ensureSetup') await crm.ensureSetup(call);
  const ids = await prepared(account, crm);
  clock.advance(60_000);
  const step = operation.step(account, ids, crm);
  const before = account.requests().length;
  if (at !== null) {
    account.lag(at.trouble.lagMs ?? 0);
    account.setFaults([{ ...at.trouble.fault(clock.now()), skip: at.position }]);
  }
  const adapters = at?.trouble.isSilent
    ? [PATIENCE_MS, MORE_PATIENCE_MS].map((requestTimeoutMs) => account.adapter({ requestTimeoutMs }))
    : [account.adapter()];
  const settled = await settle(clock, (attempt) => adapters[attempt] ?? (adapters.at(-1) as Crm), step);
  const requests = account.requests().length - before;
  const known = withoutIds(account);
  const answer = operation.creates ? { id: (settled.answer as { readonly id: string }).id } : settled.answer;
  return { settled, requests, answer: known(answer), picture: known(picture(account)) };
}

async function prepared(account: CrmUnderTest, crm: Crm): Promise<SyncedIds> {
  await crm.createPerson({ ...guest, email: 'taken@example.com', phone: null, lastName: 'Known' }, call);
  return synced(account, crm);
}

const picture = (account: CrmUnderTest) => ({
  people: account.people(),
  appointments: account.appointments(),
  opportunities: account.opportunities(),
  notes: account.notes(),
  effects: account.effects(),
});

/** Ids may differ from run to run; which record is meant may not. */
function withoutIds(account: CrmUnderTest): (value: unknown) => string {
  const all = [account.people(), account.appointments(), account.opportunities(), account.notes()];
  const names = new Map(
    all.flatMap((records, kind) =>
      records.map(({ id }, n) => [id, `${['person', 'appointment', 'opportunity', 'note'][kind]} ${n}`] as const),
    ),
  );
  return (value) =>
    JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? (names.get(part) ?? part) : part));
}

/** A wish to wait was heard. Other trouble may have passed unseen: a `safe` request is repeated at once. */
function expectWait(at: string, { asksMs }: Trouble, { troubles: [first] }: Settled): void {
  if (asksMs === undefined) return;
  expect({ at, errorClass: first?.errorClass }).toEqual({ at, errorClass: 'rate_limited' });
  expect(first?.retryAfterMs).toBeGreaterThanOrEqual(asksMs);
}
