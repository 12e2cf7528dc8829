/**
 * Handfuls of bookings for crash tests, sent through the signed webhook endpoint as a vendor with retries would:
 * a delivery is sent again only while it was not acknowledged. Invariant: what was acknowledged is written down.
 */
import { randomUUID } from 'node:crypto';
import type { BookingStatus } from '../../domain/booking';
import type { TaskKind } from '../../domain/tasks';
import { sign, SIGNATURE_HEADER } from '../../integrations/calcom/signature';
import {
  bookingCancelled,
  bookingCreated,
  bookingRescheduled,
  toBody,
  type CalcomBody,
} from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import type { Stack } from '../../local/stack';
import type { CrashStack } from './crash-stack';
import { eventually } from './eventually';

export const SOURCE = 'calcom-sales';
export const CRM = 'hubspot-main';
const SECRET = 'demo-calcom-secret';
const DAY_MS = 86_400_000;

/** How a booking must stand, found by a uid of its chain. */
export interface Expected {
  readonly uid: string;
  readonly status: BookingStatus;
  readonly startMs: number;
  readonly crm: 'synced' | 'needs_contact';
  readonly openTask: 'match_contact' | null;
}

/** One guest's bookings. `opening` is sent at once; `closing` when everything stands as `between` says. */
export interface Story {
  readonly name: string;
  readonly guest: { readonly name: string; readonly email: string };
  /** Whether the CRM has a contact of this guest. */
  readonly isKnown: boolean;
  readonly opening: readonly CalcomBody[];
  readonly between: readonly Expected[];
  readonly closing: readonly CalcomBody[] | 'create the contact';
  readonly final: Expected;
  /** Confirmations that the guest may get: none is sent when it was canceled first, two when two bookings became one later. */
  readonly mails: { readonly least: number; readonly most: number };
  /** Ids of deliveries that our API has acknowledged. */
  readonly acknowledged: string[];
}

export type StoryName = 'matched' | 'moved' | 'canceled' | 'unmatched' | 'merged';

/** Fresh guests and uids, slots some ten days ahead. */
export function aStory(name: StoryName): Story {
  const key = randomUUID().slice(0, 8);
  const guest = { name: `Guest ${name} ${key}`, email: `${name}.${key}@example.com` };
  const startMs = Math.ceil(Date.now() / DAY_MS) * DAY_MS + 10 * DAY_MS + 17 * 3_600_000;
  const [a, b, c] = [`${key}-a`, `${key}-b`, `${key}-c`];
  const first: BookingOptions = { uid: a, startMs, guest };
  const second = { ...first, uid: b, startMs: startMs + DAY_MS, previous: first, iCalUid: `${a}@Cal.com`, sequence: 1 };
  const third = {
    ...first,
    uid: c,
    startMs: startMs + 2 * DAY_MS,
    previous: second,
    iCalUid: `${b}@Cal.com`,
    sequence: 2,
  };
  const scheduled = (of: BookingOptions): Expected => ({
    uid: of.uid,
    status: 'scheduled',
    startMs: of.startMs,
    crm: 'synced',
    openTask: null,
  });
  const story = (told: Pick<Story, 'opening' | 'between' | 'final'> & Partial<Story>): Story => ({
    name,
    guest,
    isKnown: true,
    closing: [],
    mails: { least: 1, most: 1 },
    acknowledged: [],
    ...told,
  });
  switch (name) {
    case 'matched':
      return story({ opening: [bookingCreated(first)], between: [scheduled(first)], final: scheduled(first) });
    case 'moved': {
      const opening = [bookingCreated(first), bookingRescheduled(second), bookingRescheduled(third)];
      return story({ opening, between: [scheduled(third)], final: scheduled(third) });
    }
    case 'canceled': {
      const final: Expected = { ...scheduled(first), status: 'canceled' };
      const opening = [bookingCreated(first), bookingCancelled(first)];
      return story({ opening, between: [final], final, mails: { least: 0, most: 1 } });
    }
    case 'unmatched': {
      const between: Expected = { ...scheduled(first), crm: 'needs_contact', openTask: 'match_contact' };
      const told = { opening: [bookingCreated(first)], between: [between], final: scheduled(first) };
      return story({ ...told, isKnown: false, closing: 'create the contact' });
    }
    case 'merged': {
      // The middle of the chain arrives last: until then its two ends are two bookings.
      const opening = [bookingCreated(first), bookingRescheduled(third)];
      const told = { opening, between: [scheduled(first), scheduled(third)], closing: [bookingRescheduled(second)] };
      return story({ ...told, final: scheduled(third), mails: { least: 1, most: 2 } });
    }
  }
}

/** The guests whom the CRM knows become contacts, by HubSpot's own API. */
export async function introduce(
  crash: CrashStack,
  stories: readonly Pick<Story, 'guest' | 'isKnown'>[],
): Promise<void> {
  for (const { guest, isKnown } of stories) {
    if (!isKnown) continue;
    const [firstname = '', ...rest] = guest.name.split(' ');
    const properties = { email: guest.email, firstname, lastname: rest.join(' ') };
    const response = await fetch(`${crash.stack.simulatorsUrl}/hubspot/crm/objects/2026-09/contacts`, {
      method: 'POST',
      headers: { authorization: 'Bearer pat-demo', 'content-type': 'application/json' },
      body: JSON.stringify({ properties }),
    });
    if (response.status !== 201) throw new Error(`A contact was refused: ${response.status} ${await response.text()}`);
  }
}

/** Sends the bodies one after the other, each until it is acknowledged, and notes the deliveries' ids. */
export async function send(
  stack: Stack,
  story: Pick<Story, 'acknowledged'>,
  bodies: readonly CalcomBody[],
): Promise<void> {
  for (const body of bodies.map(toBody)) {
    const id = await eventually(() => sendOnce(stack, body), { timeoutMs: 120_000, everyMs: 250, what: 'a 2xx' });
    if (!story.acknowledged.includes(id)) story.acknowledged.push(id);
  }
}

/** The delivery's id once it was answered 2xx; throws otherwise, also when nobody answers. */
async function sendOnce(stack: Stack, body: string): Promise<string> {
  const response = await fetch(`${stack.apiUrl}/webhooks/${SOURCE}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [SIGNATURE_HEADER]: sign(body, SECRET) },
    body,
    signal: AbortSignal.timeout(15_000),
  });
  const answer = (await response.json()) as { readonly delivery?: string };
  if (!response.ok || answer.delivery === undefined) throw new Error(`The delivery was answered ${response.status}`);
  return answer.delivery;
}

/** Ends a story: the late delivery, or an operator's decision through the API, repeated until it is known to be taken. */
export async function close(stack: Stack, story: Story): Promise<void> {
  if (story.closing !== 'create the contact') return send(stack, story, story.closing);
  await eventually(() => decide(stack, story.final.uid, { decision: 'create_contact' }), {
    timeoutMs: 120_000,
    everyMs: 250,
    what: `the decision about ${story.name}`,
  });
}

/** Decides the booking's task of that kind by the operator API. True once the API says that it is decided. */
export async function decide(
  stack: Stack,
  uid: string,
  decision: { readonly decision: string },
  kind: TaskKind = 'match_contact',
): Promise<true> {
  const headers = { authorization: `Bearer ${stack.apiToken}`, 'content-type': 'application/json' };
  const found = await fetch(`${stack.apiUrl}/api/v1/bookings/${SOURCE}/${uid}`, { headers });
  const { tasks = [] } = (await found.json()) as { tasks?: { id: string; kind: string; state: string }[] };
  const task = tasks.find((one) => one.kind === kind);
  if (task === undefined) throw new Error(`there is no ${kind} task`);
  if (task.state === 'decided') return true;
  const response = await fetch(`${stack.apiUrl}/api/v1/tasks/${task.id}/decision`, {
    method: 'POST',
    headers,
    body: JSON.stringify(decision),
  });
  if (response.status !== 200)
    throw new Error(`the decision was answered ${response.status}: ${await response.text()}`);
  return true;
}
