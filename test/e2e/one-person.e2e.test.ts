/**
 * Twenty bookings of one person at once, by two workers, in five orders at the same time: every CRM has one contact and one deal
 * of each person, and twenty appointments.
 */
import { Client, Connection } from '@temporalio/client';
import path from 'node:path';
import { WORDS } from '../../bench/soak/checker';
import { SECRET, SOURCE, writeSoakConfig } from '../../bench/soak/config';
import { CRM_NAMES } from '../../bench/soak/evidence';
import { soakSimulators } from '../../bench/soak/simulators';
import { sign, SIGNATURE_HEADER } from '../../integrations/calcom/signature';
import { projectRoot } from '../../local/programs';
import { bookingCreated, toBody } from '../../local/samples/calcom-body';
import { createChances } from '../../local/simulators/chances';
import type { Stack } from '../../local/stack';
import { cleanUp } from '../support/clean-up';
import { eventually } from '../support/eventually';
import { testDatabase } from '../support/postgres';
import { startProcess, testDirectory, testStack } from '../support/processes';

const ORDERS = 5;
const BOOKINGS = 20;
const HOUR_MS = 3_600_000;
const WITHIN_MS = 400_000;

test(
  'one contact, one deal and twenty appointments of each person, whichever worker wrote which of them',
  async () => {
    const dataDir = testDirectory();
    const bundle = process.env.BOOKSYNC_TEST_BUNDLE;
    const env = {
      BOOKSYNC_CONFIG: await writeSoakConfig(dataDir),
      ...(bundle !== undefined && { BOOKSYNC_WORKFLOW_BUNDLE: bundle }),
    };
    const stack = await testStack({ dataDir, databaseUrl: (await testDatabase()).url, env });
    const second = startProcess({ entry: path.join(projectRoot, 'worker/main.ts'), env: stack.env });
    await second.line(/"msg":\s*"worker ready"/, 60_000);
    const simulators = soakSimulators(stack.simulatorsUrl);
    await simulators.introduce([]);
    expect(await workersOf(stack)).toBe(2);

    const startMs = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + 240 * HOUR_MS;
    const emails = Array.from({ length: ORDERS }, (_, order) => `person${order}@example.com`);
    await Promise.all(
      emails.map((email, order) => {
        const bodies = Array.from({ length: BOOKINGS }, (_, n) =>
          toBody(
            bookingCreated({
              uid: `person-${order}-${n}`,
              startMs: startMs + n * HOUR_MS,
              guest: { name: `Person${order} Example`, email },
            }),
          ),
        );
        return Promise.all(shuffled(bodies, order).map((body) => post(stack, body)));
      }),
    );

    const expected = CRM_NAMES.flatMap((crm) =>
      emails.map((email) => ({
        crm,
        email,
        people: 1,
        stages: [WORDS[crm].scheduled.stage],
        outcomes: Array<string>(BOOKINGS).fill(WORDS[crm].scheduled.outcome),
        starts: Array.from({ length: BOOKINGS }, (_, n) => startMs + n * HOUR_MS),
      })),
    );
    const held = async () => {
      const { crms } = await simulators.read();
      return CRM_NAMES.flatMap((crm) => emails.map((email) => ({ crm, email, ...of(crms[crm], email) })));
    };
    await eventually(async () => (await held()).every(({ starts }) => starts.length >= BOOKINGS), {
      timeoutMs: WITHIN_MS - 60_000,
      everyMs: 500,
      what: 'every booking to be in both CRMs',
    });
    expect(await held()).toEqual(expected);
    const { violations } = (await simulators.read()).crms.gohighlevel;
    expect(violations).toBe(0);
  },
  WITHIN_MS,
);

function of(records: Awaited<ReturnType<ReturnType<typeof soakSimulators>['read']>>['crms']['hubspot'], email: string) {
  const people = records.people.filter((one) => one.email === email).map(({ id }) => id);
  const isTheirs = ({ personIds }: { readonly personIds: readonly string[] }): boolean =>
    personIds.some((id) => people.includes(id));
  const appointments = records.appointments.filter(isTheirs);
  return {
    people: people.length,
    stages: records.deals.filter(isTheirs).map(({ stage }) => stage),
    outcomes: appointments.map(({ outcome }) => outcome),
    starts: appointments.map(({ startMs }) => startMs).sort((a, b) => a - b),
  };
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const chances = createChances(seed);
  const drawn = items.map((item) => ({ item, at: chances.next() }));
  return drawn.sort((a, b) => a.at - b.at).map(({ item }) => item);
}

async function post(stack: Stack, body: string): Promise<void> {
  const headers = { 'content-type': 'application/json', [SIGNATURE_HEADER]: sign(body, SECRET) };
  const response = await fetch(`${stack.apiUrl}/webhooks/${SOURCE}`, { method: 'POST', headers, body });
  expect(response.status).toBe(202);
}

/** How many processes ask for work of a CRM's queue. */
async function workersOf(stack: Stack): Promise<number> {
  const connection = await Connection.connect({ address: stack.temporalAddress });
  cleanUp(() => connection.close());
  const { namespace } = new Client({ connection }).options;
  return eventually(async () => {
    const { pollers } = await connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: 'crm-hubspot-main' },
      taskQueueType: 2,
    });
    return (new Set((pollers ?? []).map(({ identity }) => identity)).size >= 2 && 2) || false;
  });
}
