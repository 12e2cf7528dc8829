/**
 * The real stack with the simulated Cal.com in the place of the vendor: what guests and hosts do there arrives by webhook,
 * by poll, or not at all. Nothing is rate-limited.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { projectRoot } from '../../local/programs';
import type { BookingView } from '../../local/simulators/calcom/actor';
import type { CalcomState } from '../../local/simulators/calcom/simulator';
import type { CalcomSettingsPatch } from '../../local/simulators/calcom/settings';
import type { Stack } from '../../local/stack';
import { subscribeCalcom, subscribeHubspot } from '../../local/subscribe';
import { scheduleId } from '../../workflows/contract';
import { cleanUp } from './clean-up';
import type { HubspotView } from './crash-stack';
import { eventually } from './eventually';
import { testDatabase } from './postgres';
import { testDirectory, testStack } from './processes';

export const SOURCE = 'calcom-sales';
const SECRET = 'demo-calcom-secret';

/** A booking as the operator API answers it. */
export interface ShownBooking {
  readonly id: string;
  readonly status: string;
  readonly slot: { readonly start: string; readonly end: string } | null;
  readonly chain: readonly string[];
  readonly crm: readonly {
    readonly state: string;
    readonly personId: string | null;
    readonly appointmentId: string | null;
    readonly outcome: string | null;
  }[];
  readonly tasks: readonly { readonly kind: string; readonly state: string }[];
  readonly timeline: readonly { readonly type: string; readonly outcome: string; readonly why: string | null }[];
}

export interface CalcomStack {
  readonly stack: Stack;
  readonly webhookUrl: string;
  /** Does what a guest or host does and returns the first row that came of it. */
  act(action: string, given: Readonly<Record<string, unknown>>): Promise<BookingView>;
  actAll(action: string, given: Readonly<Record<string, unknown>>): Promise<readonly BookingView[]>;
  change(settings: CalcomSettingsPatch): Promise<void>;
  calcom(): Promise<CalcomState>;
  hubspot(): Promise<HubspotView>;
  /** Does what a rep does in HubSpot, which tells this stack from the first act on. */
  rep(action: string, given: Readonly<Record<string, unknown>>): Promise<void>;
  /** Runs the poll's schedule now; resolves when a poll that began afterwards has ended. */
  poll(): Promise<void>;
  api(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: unknown }>;
  /** By any uid; null while nothing was heard of it. */
  booking(uid: string): Promise<ShownBooking | null>;
  /** Waits until the booking looks as wanted, and returns it. */
  until(uid: string, what: string, looks: (booking: ShownBooking) => boolean): Promise<ShownBooking>;
}

export interface CalcomStackOptions {
  /** What becomes of a guest whom nobody in the CRM matches; default `create`. */
  readonly createPerson?: 'create' | 'task';
  /** The front desk is told of its tasks by e-mail. */
  readonly tellsOwners?: boolean;
  /** What a rep agrees on in HubSpot is booked at Cal.com. */
  readonly booksFromCrm?: boolean;
}

export async function calcomStack(options: CalcomStackOptions = {}): Promise<CalcomStack> {
  const env = { BOOKSYNC_CONFIG: config(options) };
  const { url: databaseUrl, pool } = await testDatabase();
  const stack = await testStack({ databaseUrl, env });
  const connection = await Connection.connect({ address: stack.temporalAddress });
  cleanUp(() => connection.close());
  const client = new Client({ connection });
  const webhookUrl = `${stack.apiUrl}/webhooks/${SOURCE}`;
  await subscribeCalcom({ simulatorsUrl: stack.simulatorsUrl, webhookUrl, secret: SECRET });

  const admin = async <T>(request: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${stack.simulatorsUrl}/${request}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${request} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const api: CalcomStack['api'] = async (method, path, body) => {
    const response = await fetch(`${stack.apiUrl}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${stack.apiToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  const booking: CalcomStack['booking'] = async (uid) => {
    const found = await api('GET', `/bookings/${SOURCE}/${uid}`);
    return found.status === 200 ? (found.body as ShownBooking) : null;
  };
  const actAll: CalcomStack['actAll'] = async (action, given) =>
    (await admin<{ bookings: BookingView[] }>('calcom/_admin/act', { action, ...given })).bookings;

  return {
    stack,
    webhookUrl,
    api,
    booking,
    actAll,
    act: async (action, given) => (await actAll(action, given))[0]!,
    change: async (settings) => void (await admin('calcom/_admin/settings', settings)),
    calcom: () => admin('calcom/_admin/state'),
    hubspot: () => admin('hubspot/_admin/state'),
    rep: async (action, given) => {
      const hubspotUrl = `${stack.apiUrl}/webhooks/hubspot-main`;
      await subscribeHubspot({ ...stack, webhookUrl: hubspotUrl, clientSecret: 'hubspot-demo-secret' });
      await admin('hubspot/_admin/act', { action, ...given });
    },
    poll: async () => {
      const startedAt = new Date();
      const handle = client.schedule.getHandle(scheduleId('poll', SOURCE));
      // A trigger is skipped while a poll runs that began before it.
      const isPolled = async (): Promise<boolean> => {
        const { rows } = await pool.query('SELECT 1 FROM source_poll WHERE connection = $1 AND polled_at > $2', [
          SOURCE,
          startedAt,
        ]);
        if (rows.length === 0) await handle.trigger();
        return rows.length > 0;
      };
      await eventually(isPolled, { everyMs: 500, what: 'a poll' });
    },
    until: (uid, what, looks) =>
      eventually(
        async () => {
          const found = await booking(uid);
          if (found === null || !looks(found)) throw new Error(`${uid} looks like ${JSON.stringify(found)}`);
          return found;
        },
        { what },
      ),
  };
}

/** The lines of the example that switch it on. */
const BOOK_FROM_CRM = / {4}# bookFromCrm:\n(?: {4}# {3}.*\n)+/;

function config({ createPerson = 'create', tellsOwners = false, booksFromCrm = false }: CalcomStackOptions): string {
  const file = path.join(testDirectory(), 'booksync.yaml');
  const example = readFileSync(path.join(projectRoot, 'booksync.example.yaml'), 'utf8');
  writeFileSync(
    file,
    example
      .replace(/requestsPerSecond: \d+/, 'requestsPerSecond: 300')
      .replace('createPerson: task', `createPerson: ${createPerson}`)
      .replace(BOOK_FROM_CRM, (lines) => (booksFromCrm ? lines.replace(/^( *)# /gm, '$1') : lines))
      .replace('  # people:\n  #   front-desk:', tellsOwners ? '  people:\n    front-desk:' : '$&'),
  );
  return file;
}
