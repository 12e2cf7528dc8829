/**
 * Two workers write twenty bookings of one person at once, while searches lag, connections break and somebody else writes the same person.
 * With one writer per person, as activities do it, everything is there once; without it, only what the CRM itself does not keep unique doubles.
 */
import { setImmediate as idle } from 'node:timers/promises';
import type { Crm } from '../../../integrations/ports';
import { createChances, type Chances } from '../../../local/simulators/chances';
import type { Transport } from '../../../integrations/transport';
import { appointment, call, guest, type CrmUnderTest, type StillClock } from './crm-under-test';
import { useCrm } from './crms';
import { gohighlevelUnderTest } from './gohighlevel-under-test';
import { hubspotUnderTest, hubspotWithoutKeys } from './hubspot-under-test';
import { createLedger, syncBooking } from './port-caller';

const BOOKINGS = 20;
/** Of all CRMs together 200. */
const RUNS: Readonly<Record<string, number>> = {
  HubSpot: 80,
  'HubSpot without a key on meetings': 20,
  HighLevel: 100,
};
const RUNS_WITHOUT_LOCK = 10;
const SEED = 20_261_121;
const HOUR = 3_600_000;

interface Luck {
  readonly turns: Turns;
  readonly lagMs: number;
  /** Which requests are applied and never answered. */
  readonly lost: readonly number[];
}

/** Who waits for a turn, and who of them is next. */
interface Turns {
  mine(): Promise<void>;
  /** Gives turns until `work` is done. */
  until(work: Promise<unknown>): Promise<void>;
}

function createTurns(chances: Chances): Turns {
  const waiting: (() => void)[] = [];
  return {
    mine: () => new Promise((resolve) => waiting.push(resolve)),
    async until(work) {
      let isDone = false;
      const done = work.finally(() => (isDone = true));
      done.catch(() => undefined);
      while (!isDone) {
        await idle();
        waiting.splice(Math.floor(chances.next() * waiting.length), 1)[0]?.();
      }
      await done;
    },
  };
}

/** Everything of a run follows from its number. */
function luckOf(run: number): Luck {
  const chances = createChances(SEED + run);
  const lagMs = Math.floor(chances.next() * 14_000);
  const lost = Array.from({ length: Math.floor(chances.next() * 4) }, () => Math.floor(chances.next() * 60));
  return { turns: createTurns(chances), lagMs, lost };
}

/** A failure names its run. */
async function inRuns(count: number, play: (drawn: Luck) => Promise<void>): Promise<void> {
  expect(count).toBeGreaterThan(0);
  for (let run = 0; run < count; run += 1) {
    await play(luckOf(run)).catch((error: unknown) => {
      throw new Error(`run ${run} of ${count}: ${String(error)}`, { cause: error });
    });
  }
}

const startMsOf = (n: number): number => Date.UTC(2026, 11, 1) + n * HOUR;
const keyOf = (n: number): string => `a:calcom-sales:uid-${n}`;

describe.each([
  ['HubSpot', hubspotUnderTest],
  ['HubSpot without a key on meetings', hubspotWithoutKeys],
  ['HighLevel', gohighlevelUnderTest],
])('%s', (name, make) => {
  const used = useCrm(make);

  it('has one person, one opportunity and twenty appointments, in whatever order the workers come', async () => {
    const { account, clock } = used;
    await inRuns(RUNS[name] ?? 0, async (drawn) => {
      await play(account, clock, { drawn, isLocked: true });
      expect(account.people()).toMatchObject([{ email: guest.email, phone: guest.phone, lastName: 'Sample' }]);
      const [person] = account.people();
      expect(account.opportunities()).toMatchObject([
        { personIds: [person?.id], pipelineId: account.pipelineId, stageId: account.firstStageId },
      ]);
      expect(byKey(account)).toEqual(Array.from({ length: BOOKINGS }, (_, n) => [startMsOf(n)]));
    });
  });

  it('has no wrong record and lacks none without that order; what doubles is what the CRM does not keep unique', async () => {
    const { account, clock } = used;
    let doubled = { people: 0, opportunities: 0, appointments: 0 };
    await inRuns(RUNS_WITHOUT_LOCK, async (drawn) => {
      await play(account, clock, { drawn: { ...drawn, lost: [] }, isLocked: false });
      const appointments = byKey(account);
      for (const [n, startsMs] of appointments.entries()) expect([...new Set(startsMs)]).toEqual([startMsOf(n)]);
      doubled = {
        people: doubled.people + account.people().length - 1,
        opportunities: doubled.opportunities + account.opportunities().length - 1,
        appointments: doubled.appointments + account.appointments().length - BOOKINGS,
      };
    });
    expect({
      people: doubled.people > 0,
      opportunities: doubled.opportunities > 0,
      appointments: doubled.appointments > 0,
    }).toEqual({
      people: false,
      opportunities: name !== 'HighLevel',
      appointments: name !== 'HubSpot',
    });
  });
});

/** Starts of the appointments of each booking. */
function byKey(account: CrmUnderTest): readonly (readonly number[])[] {
  const all = account.appointments();
  return Array.from({ length: BOOKINGS }, (_, n) =>
    all.filter(({ text }) => new RegExp(`${keyOf(n)}(?!\\d)`).test(text)).map(({ startMs }) => startMs),
  );
}

/** Every booking by one of two workers, a quarter of them by both, and a stranger who writes the same person. */
async function play(
  account: CrmUnderTest,
  clock: StillClock,
  { drawn, isLocked }: { drawn: Luck; isLocked: boolean },
): Promise<void> {
  account.reset();
  if (account.isSetUp) await account.directAdapter().ensureSetup(call);
  account.lag(drawn.lagMs);
  account.setFaults(drawn.lost.map((skip) => ({ connection: 'reset_after', skip })));
  const transport = scheduled(account, drawn.turns, clock);
  const workers = [account.directAdapter(transport), account.directAdapter(transport)];
  const ledger = createLedger({ clock, isLocked });
  const sync = (crm: Crm | undefined, n: number): Promise<void> => {
    if (crm === undefined) throw new Error('There are two workers.');
    const slot = { startMs: startMsOf(n), endMs: startMsOf(n) + HOUR / 2, zone: 'Etc/UTC' };
    return syncBooking({ account, crm, ledger, fields: appointment('', { externalKey: keyOf(n), slot }) });
  };
  const all = Array.from({ length: BOOKINGS }, (_, n) => sync(workers[n % 2], n));
  const again = Array.from({ length: BOOKINGS / 4 }, (_, n) => sync(workers[(n + 1) % 2], n));
  const stranger = account
    .directAdapter()
    .createPerson(guest, call)
    .catch(() => null);
  await drawn.turns.until(Promise.all([...all, ...again, stranger]));
}

/** A request waits for its turn to arrive, and its answer for its turn to be heard; both take time. */
function scheduled(account: CrmUnderTest, turns: Turns, clock: StillClock): Transport {
  return (question) => {
    const exchange = async () => {
      await turns.mine();
      clock.advance(70);
      const answer = await account.direct(question).answer;
      await turns.mine();
      return answer;
    };
    return { answer: exchange(), stop: () => undefined };
  };
}
