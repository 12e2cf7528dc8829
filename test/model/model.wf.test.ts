/**
 * Cases of the model test through the running workflow: real bodies, real database, real CRM writes, in skipped time. The API
 * shows what the notebook says, and the CRM at most one live meeting per booking. `MODEL_WORKFLOW_CASES` says how many,
 * `MODEL_SEED` which.
 */
import fc from 'fast-check';
import { loadConfig } from '../../config/config';
import { BOOKING_STATUSES } from '../../domain/booking';
import { cleanUpNow } from '../support/clean-up';
import { endWorkflows } from '../support/world-records';
import { aWorld, MINUTE, type World } from '../support/world';
import { addressOf } from './bodies';
import { asFixture } from './counterexamples';
import { readPage, type Page, type Reading } from './notebook';
import { allSettled, endAll, meetingsOfNobody, shownOf, tellAll, type Shown } from './running';
import { cases, type Case } from './script';
import { timelineOf, type Timeline } from './timeline';

const CASES = Number(process.env['MODEL_WORKFLOW_CASES'] ?? 200);
const SEED = Number(process.env['MODEL_SEED'] ?? 2_122_056_219);
/** These are open at once: more would only wait for each other. */
const AT_ONCE = 100;
/** A world of its own for so many, as what it remembers of those before makes it slower. */
const PER_WORLD = 500;
const SETTLING_MS = 150_000;
/** Every case is a few bookings, each with its workflow and its CRM writes. */
const MOST_STEPS = 7;

/** Without the API, whose look-ups and polls the domain's cases cover; head counts are no outcome in the world's settings. */
const workflowCases = cases(false).map((aCase): Case => ({
  ...aCase,
  steps: shortened(aCase),
  api: false,
  trustHeadCount: false,
}));

/** The opening and what comes last, which is where it gets interesting. */
function shortened({ steps }: Case): Case['steps'] {
  return [...steps.slice(0, 1), ...steps.slice(1).slice(-(MOST_STEPS - 1))];
}

const seen = new Map<string, number>();
const note = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
let refused = 0;

describe.each(partsOf(fc.sample(workflowCases, { numRuns: CASES, seed: SEED })))(
  `%i to %i of ${CASES} cases, seed ${SEED},`,
  (first, last, part) => {
    let world: World;
    beforeAll(async () => {
      const { sync } = loadConfig('booksync.example.yaml', {});
      world = await aWorld({
        settings: {
          // Nobody is in the CRM yet, and what is sent to guests is another test's matter.
          sync: sync.map((one) => ({ ...one, createPerson: 'create' })),
          messages: { confirmation: false, reminders: [], outcomeAsk: false },
        },
      });
    });
    afterAll(
      async () => {
        await endWorkflows(world);
        await cleanUpNow();
      },
      60_000 + PER_WORLD * 100,
    );

    test(
      'end in the running workflow as in the notebook',
      async () => {
        for (let from = 0; from < part.length; from += AT_ONCE) {
          const nth = from / AT_ONCE;
          const batch = part.slice(from, from + AT_ONCE);
          refused += await playAtOnce(world, nth % 2 === 0 ? batch.map(beforeTheDay) : batch, `b${nth}`);
        }
        if (last - first >= AT_ONCE) process.stdout.write(`model through the workflow: ${last} of ${CASES}\n`);
      },
      120_000 + PER_WORLD * 3_000,
    );
  },
);

test('the cases reach every status, and few decisions are refused', () => {
  const coverage = [...seen].sort((a, b) => b[1] - a[1]).map(([what, count]) => `${what} ${count}`);
  process.stdout.write(`model through the workflow: ${refused} with a refused decision; ${coverage.join(', ')}\n`);
  expect(refused).toBeLessThan(CASES / 4);
  expect(BOOKING_STATUSES.filter((status) => !seen.has(`ends as ${status}`))).toEqual([]);
});

/** Each with the numbers of its first and last case, for a title. */
function partsOf(all: readonly Case[]): [first: number, last: number, part: readonly Case[]][] {
  return Array.from({ length: Math.ceil(all.length / PER_WORLD) }, (_, nth) => {
    const part = all.slice(nth * PER_WORLD, (nth + 1) * PER_WORLD);
    return [nth * PER_WORLD + 1, nth * PER_WORLD + part.length, part];
  });
}

/** They share one clock: where one appointment's day comes, it comes for all of them, and nothing is left that is only scheduled. */
function beforeTheDay(aCase: Case): Case {
  return { ...aCase, steps: aCase.steps.filter(({ command }) => command !== 'begin' && command !== 'end') };
}

/** Returns how many cases were not compared, because the product refused a decision in them. */
async function playAtOnce(world: World, batch: readonly Case[], prefix: string): Promise<number> {
  const startMs = Math.ceil((await world.now()) / MINUTE) * MINUTE;
  const timelines = batch.map((aCase, nth) => timelineOf(aCase, { startMs, prefix: `${prefix}c${nth}-`, seen: note }));
  const refused = await tellAll(world, timelines);
  await allSettled(world, SETTLING_MS);
  const shown = await shownOf(
    world,
    new Set(timelines.flatMap(({ pages }) => pages.map(({ guest }) => addressOf(guest)))),
  );
  const nowMs = await world.now();
  const compared = timelines.filter((timeline) => !refused.has(timeline));
  const wrong = compared.flatMap((timeline) => differences(timeline, { shown, nowMs }));
  expect(wrong).toEqual([]);
  expect(await meetingsOfNobody(world)).toEqual([]);
  await endAll(world, shown);
  return refused.size;
}

interface Comparison {
  readonly shown: readonly Shown[];
  readonly nowMs: number;
}

/** In words, each with its case as a fixture. */
function differences(timeline: Timeline, { shown, nowMs }: Comparison): string[] {
  const guests = new Set(timeline.pages.map((page) => addressOf(page.guest)));
  const theirs = shown.filter(({ guest }) => guests.has(guest));
  const wrong = timeline.pages.flatMap((page) => {
    const reading = readPage(page, nowMs, false);
    note(`ends as ${reading.status}`);
    return differencesOf(page, { reading, shown: theirs });
  });
  if (theirs.length !== timeline.pages.length)
    wrong.push(`${theirs.length} bookings of ${timeline.pages.length} guests`);
  return wrong.map((what) => asFixture(timeline.case, what));
}

function differencesOf(page: Page, of: { reading: Reading; shown: readonly Shown[] }): string[] {
  const { reading } = of;
  const own = of.shown.filter(({ guest }) => guest === addressOf(page.guest));
  const [found] = own;
  if (!found || own.length > 1) return [`${page.guest} has ${own.length} bookings`];
  const { status, slot, chain } = found.booking;
  const expected = { status: reading.status, slot: reading.slot, chain: reading.chain };
  const same =
    status === expected.status && slot?.startMs === expected.slot.startMs && slot.endMs === expected.slot.endMs;
  const wrong = same && chain.join() === expected.chain.join() ? [] : [`${JSON.stringify({ status, slot, chain })} instead of ${JSON.stringify(expected)}`]; // prettier-ignore
  return [...wrong, ...wrongMeetings(reading, found.meetings)];
}

/** At most one that is live, and one at the right time while the appointment stands. */
function wrongMeetings({ status, slot }: Reading, meetings: Shown['meetings']): string[] {
  const live = meetings.filter(({ outcome }) => outcome === 'SCHEDULED' || outcome === 'RESCHEDULED');
  const stands = status === 'scheduled' || status === 'awaiting_outcome';
  const isOver = status === 'canceled' || status === 'rejected' || status === 'showed' || status === 'no_show';
  const isRight = stands ? live.length === 1 && live[0]!.startMs === slot.startMs : live.length <= (isOver ? 0 : 1);
  return isRight ? [] : [`${status} with the meetings ${JSON.stringify(meetings)}`];
}
