/**
 * Plays the samples through the real webhook endpoint and shows what became of each.
 * Invariant: what is shown is read back, from our API and from the CRM itself, never assumed.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { playSamples } from './samples/play';
import { sampleContacts, type Sample } from './samples/samples';
import type { Stack } from './stack';

export interface ShowOptions {
  readonly stack: Stack;
  readonly dataDir: string;
  readonly webhookSecret: string;
  readonly hubspotToken: string;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** What is printed of one story. */
export interface Shown {
  readonly title: string;
  readonly status: string;
  readonly crm: string;
  readonly reminders: string;
  readonly task: string;
  /** Null: as it should be. Otherwise what differs. */
  readonly problem: string | null;
}

/** The same instants, and so the same bookings, for this long; later the slots of the old ones would have passed. */
const ANCHOR_KEPT_MS = 3 * 86_400_000;
const SETTLE_WITHIN_MS = 60_000;
/** Played before: people may have decided otherwise since, and then it stays that way. */
const KNOWN_SETTLE_WITHIN_MS = 5_000;
const INDEXED_WITHIN_MS = 30_000;
const CONNECTION = 'calcom-sales';

/** Resolves when every story is settled, or a minute has passed; the table says which. */
export async function showSamples(options: ShowOptions): Promise<readonly Shown[]> {
  const { stack, say } = options;
  const hubspotUrl = `${stack.simulatorsUrl}/hubspot`;
  const { contacts, stories } = await playSamples({
    apiUrl: stack.apiUrl,
    secret: options.webhookSecret,
    anchorMs: anchorOf(path.join(options.dataDir, 'samples.json')),
    hubspotUrl,
    hubspotToken: options.hubspotToken,
    fetch: afterIndexing(hubspotUrl, options.hubspotToken),
  });
  const answers = stories.flatMap((story) => story.answers);
  const stored = answers.filter((answer) => answer.status === 'stored').length;
  const repeated = answers.filter((answer) => answer.status === 'duplicate').length;
  say(
    `samples: ${contacts.created + contacts.existing} contacts in the CRM, ${stories.length} bookings, ` +
      `${answers.length} signed webhooks (${stored} stored, ${repeated} known from before, ${answers.length - stored - repeated} refused)`,
  );
  const shown = await settle(
    options,
    stories.map((story) => story.sample),
    stored > 0 ? SETTLE_WITHIN_MS : KNOWN_SETTLE_WITHIN_MS,
  );
  say(table(shown));
  return shown;
}

function anchorOf(file: string): number {
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { anchorMs: number }).anchorMs : 0;
  if (Date.now() - kept < ANCHOR_KEPT_MS) return kept;
  const anchorMs = Date.now();
  writeFileSync(file, JSON.stringify({ anchorMs }));
  return anchorMs;
}

/**
 * The CRM's search finds a new contact only some seconds later. Real guests are in the CRM for long, so the first webhook
 * waits until the sample contacts can be found.
 */
function afterIndexing(hubspotUrl: string, token: string): typeof globalThis.fetch {
  let indexed: Promise<void> | undefined;
  return async (input, init) => {
    const isWebhook = typeof input === 'string' && input.includes('/webhooks/');
    if (isWebhook) await (indexed ??= whenContactsAreFound(hubspotUrl, token));
    return fetch(input, init);
  };
}

async function whenContactsAreFound(hubspotUrl: string, token: string): Promise<void> {
  const deadline = Date.now() + INDEXED_WITHIN_MS;
  while (Date.now() < deadline) {
    const response = await fetch(`${hubspotUrl}/crm/objects/2026-09/contacts/search`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        filterGroups: [{ filters: [{ propertyName: 'email', operator: 'HAS_PROPERTY' }] }],
        limit: 1,
      }),
    });
    const { total } = (await response.json()) as { readonly total?: number };
    if (total !== undefined && total >= sampleContacts.length) return;
    await sleep(250);
  }
}

async function settle(
  { stack, signal }: ShowOptions,
  samples: readonly Sample[],
  withinMs: number,
): Promise<readonly Shown[]> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const objects = await crmObjects(stack);
    const shown = await Promise.all(
      samples.map(async (sample) => describe(sample, await bookingOf(stack, sample.uid), objects)),
    );
    if (shown.every((one) => one.problem === null) || Date.now() > deadline || signal?.aborted) return shown;
    await sleep(250);
  }
}

/** The parts of the API's answer that are shown. */
interface Booking {
  readonly status: string;
  readonly slot: { readonly start: string } | null;
  readonly crm: readonly {
    readonly state: string;
    readonly appointmentId: string | null;
    readonly opportunityId: string | null;
  }[];
  readonly messages: readonly { readonly kind: string; readonly dueAt: string; readonly state: string }[];
  readonly tasks: readonly { readonly kind: string; readonly state: string; readonly owner: string }[];
}

async function bookingOf(stack: Stack, uid: string): Promise<Booking | null> {
  const response = await fetch(`${stack.apiUrl}/api/v1/bookings/${CONNECTION}/${encodeURIComponent(uid)}`, {
    headers: { authorization: `Bearer ${stack.apiToken}` },
    signal: AbortSignal.timeout(10_000),
  });
  return response.ok ? ((await response.json()) as Booking) : null;
}

type CrmObjects = ReadonlyMap<string, Readonly<Record<string, string | null>>>;

/** Properties of every meeting and deal that the CRM has, by "meetings/id" and "deals/id". */
async function crmObjects(stack: Stack): Promise<CrmObjects> {
  const response = await fetch(`${stack.simulatorsUrl}/hubspot/_admin/state`, { signal: AbortSignal.timeout(10_000) });
  const { objects } = (await response.json()) as {
    objects: Record<string, readonly { id: string; properties: Record<string, string | null> }[]>;
  };
  return new Map(
    Object.entries(objects).flatMap(([type, all]) => all.map((one) => [`${type}/${one.id}`, one.properties] as const)),
  );
}

/** One story: what is, and where that differs from what the samples promise. */
export function describe(sample: Sample, booking: Booking | null, objects: CrmObjects): Shown {
  const { title, expected } = sample;
  if (booking === null) {
    return {
      title,
      status: 'unknown',
      crm: '-',
      reminders: '-',
      task: '-',
      problem: 'our API does not know the booking',
    };
  }
  const crm = booking.crm[0];
  const outcome = property(objects, `meetings/${crm?.appointmentId}`, 'hs_meeting_outcome');
  const stage = property(objects, `deals/${crm?.opportunityId}`, 'dealstage');
  const task = booking.tasks.find((one) => one.state === 'open') ?? null;
  const startMs = booking.slot === null ? null : Date.parse(booking.slot.start);
  const problems = [
    differs('status', booking.status, expected.status),
    differs('start', startMs, expected.startMs),
    differs('meeting', outcome, expected.meetingOutcome),
    expected.stageId === null ? null : differs('stage', stage, expected.stageId),
    differs('task', task?.kind ?? null, expected.task),
  ].filter((problem) => problem !== null);
  return {
    title,
    status: booking.status,
    crm: outcome === null ? (crm?.state ?? '-') : `${outcome}${stage === null ? '' : `, ${stage}`}`,
    reminders: reminders(booking),
    task: task === null ? '-' : `${task.kind} for ${task.owner}`,
    problem: problems.length === 0 ? null : problems.join('; '),
  };
}

function property(objects: CrmObjects, key: string, name: string): string | null {
  return objects.get(key)?.[name] ?? null;
}

function differs(what: string, found: string | number | null, expected: string | number | null): string | null {
  return found === expected ? null : `${what} is ${found ?? 'none'}, expected ${expected ?? 'none'}`;
}

function reminders(booking: Booking): string {
  const planned = booking.messages.filter((one) => one.kind === 'reminder' && one.state === 'planned');
  return planned.map((one) => `${one.dueAt.slice(0, 16).replace('T', ' ')}Z`).join(', ') || '-';
}

/** Columns as wide as their widest cell, what differs below it, and a last line that counts. */
export function table(shown: readonly Shown[]): string {
  const header = ['booking', 'status', 'CRM (meeting, stage)', 'planned reminders', 'task', 'as expected'];
  const rows = shown.map((one) => [
    one.title,
    one.status,
    one.crm,
    one.reminders,
    one.task,
    one.problem === null ? 'yes' : 'NO',
  ]);
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const bad = shown.filter((one) => one.problem !== null);
  return [
    '',
    ...[header, widths.map((width) => '-'.repeat(width)), ...rows].map(line),
    '',
    ...bad.map((one) => `not as expected: "${one.title}": ${one.problem}`),
    `${shown.length - bad.length} of ${shown.length} bookings came out as expected`,
  ].join('\n');
}
