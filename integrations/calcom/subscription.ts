/**
 * Our webhook at Cal.com: is it there, and will it send everything we read, signed and in the shape we know?
 * Invariant: a webhook that is there is mended, never deleted, and no finding holds a secret or the query of an address.
 */
import { z } from 'zod';
import { SourceError, type SubscriptionFinding } from '../ports';
import type { CalcomClient } from './client';
import { KNOWN_VERSION, TRIGGERS_READ } from './events';

const webhook = z.object({
  // The contract says number; Cal.com's own ids are texts.
  id: z.union([z.string().regex(/^[\w-]{1,64}$/), z.int()]).transform(String),
  subscriberUrl: z.string(),
  active: z.boolean(),
  triggers: z.array(z.string()),
  payloadTemplate: z.string().nullish(),
  secret: z.string().nullish(),
  /** Shown by newer builds only. */
  version: z.string().nullish(),
});
type Webhook = z.infer<typeof webhook>;

const listAnswer = z.object({ data: z.array(webhook) });
const oneAnswer = z.object({ data: z.looseObject({}) });

/** Most webhooks that one page of the list holds, and most pages that are asked for. */
const PAGE_SIZE = 250;
const MAX_WEBHOOKS = 20 * PAGE_SIZE;
const HEAD_COUNT_TRIGGERS: readonly string[] = ['AFTER_GUESTS_CAL_VIDEO_NO_SHOW', 'AFTER_HOSTS_CAL_VIDEO_NO_SHOW'];

const OTHER_SCOPES =
  "only webhooks of the credentials' own user are visible here: one of a team, an organization, an event type or an " +
  'OAuth client has to be looked up in Cal.com';

/** What is wrong with one webhook, in words, and the fields that mend it. */
interface Flaw {
  readonly problem: string;
  readonly remedy: string;
  readonly change: Readonly<Record<string, unknown>>;
}

/** Empty when one webhook of ours is there and as it should be. Credentials that may not look are a finding, too. */
export async function checkSubscription(
  client: CalcomClient,
  expected: { readonly webhookUrl: string },
): Promise<SubscriptionFinding[]> {
  const all = await listWebhooks(client);
  if (all === null) return [MAY_NOT_LOOK];
  const ours = all.filter((one) => isSameUrl(one.subscriberUrl, expected.webhookUrl));
  if (ours.length === 0) return [missing(all, expected.webhookUrl)];
  const { best, surplus } = chosen(ours);
  return [
    ...flawsOf(best).map(({ problem }) => ({ problem: `${named(best)} ${problem}`, fixable: true })),
    ...(surplus.length === 0 ? [] : [duplicates(best, surplus)]),
  ];
}

/** Creates or mends one webhook; `secret` signs from then on. Says in words what was done, and what is left to a person. */
export async function mendSubscription(
  client: CalcomClient,
  expected: { readonly webhookUrl: string; readonly secret: string },
): Promise<string[]> {
  const all = await listWebhooks(client);
  if (all === null) return [`nothing was mended: ${MAY_NOT_LOOK.problem}`];
  const ours = all.filter((one) => isSameUrl(one.subscriberUrl, expected.webhookUrl));
  if (ours.length === 0) return [await create(client, expected), ...aboutHeadCounts(TRIGGERS_READ)];
  const { best, surplus } = chosen(ours);
  const flaws = [...flawsOf(best), ...secretFlaw(best, expected.secret)];
  const done = flaws.length === 0 ? [] : await update(client, best, { flaws, secret: expected.secret });
  return [...done, ...(surplus.length === 0 ? [] : [`left to a person: ${duplicates(best, surplus).problem}`])];
}

const MAY_NOT_LOOK: SubscriptionFinding = {
  problem: 'the credentials may not read webhooks; grant the scopes WEBHOOK_READ and WEBHOOK_WRITE and connect again',
  fixable: false,
};

/** Null when the credentials may not look. */
async function listWebhooks(client: CalcomClient): Promise<readonly Webhook[] | null> {
  const found: Webhook[] = [];
  try {
    for (;;) {
      const { data } = await client.request({
        operation: 'checkSubscription',
        effect: 'safe',
        area: 'webhooks',
        method: 'GET',
        path: ['webhooks'],
        query: { take: String(PAGE_SIZE), skip: String(found.length) },
        schema: listAnswer,
      });
      found.push(...data);
      if (data.length < PAGE_SIZE || found.length >= MAX_WEBHOOKS) return found;
    }
  } catch (error) {
    if (error instanceof SourceError && error.httpStatus === 403) return null;
    throw error;
  }
}

async function create(
  client: CalcomClient,
  { webhookUrl, secret }: { readonly webhookUrl: string; readonly secret: string },
): Promise<string> {
  await client.request({
    operation: 'mendSubscription',
    effect: 'write',
    area: 'webhooks',
    method: 'POST',
    path: ['webhooks'],
    body: { active: true, subscriberUrl: webhookUrl, triggers: TRIGGERS_READ, secret },
    schema: oneAnswer,
  });
  return `created a webhook to ${shown(webhookUrl)} with ${TRIGGERS_READ.length} triggers and a secret`;
}

/** Setting the same fields twice is harmless, so an unanswered update may be repeated. The secret always goes along: what it is can be hidden. */
async function update(
  client: CalcomClient,
  one: Webhook,
  { flaws, secret }: { readonly flaws: readonly Flaw[]; readonly secret: string },
): Promise<string[]> {
  const body: Readonly<Record<string, unknown>> = Object.assign({ secret }, ...flaws.map(({ change }) => change));
  await client.request({
    operation: 'mendSubscription',
    effect: 'safe',
    area: 'webhooks',
    method: 'PATCH',
    path: ['webhooks', one.id],
    body,
    schema: oneAnswer,
  });
  const added = TRIGGERS_READ.filter((trigger) => !one.triggers.includes(trigger));
  return [...flaws.map(({ remedy }) => `${named(one)}: ${remedy}`), ...aboutHeadCounts(added)];
}

function flawsOf(one: Webhook): Flaw[] {
  const absent = TRIGGERS_READ.filter((trigger) => !one.triggers.includes(trigger));
  const flaws: (Flaw | false)[] = [
    !one.active && { problem: 'is switched off: nothing is sent', remedy: 'switched on', change: { active: true } },
    absent.length > 0 && {
      problem: `does not send ${absent.join(', ')}`,
      remedy: `added ${absent.join(', ')}`,
      change: { triggers: [...new Set([...one.triggers, ...TRIGGERS_READ])] },
    },
    isEmpty(one.secret) && {
      problem: 'has no secret: what it sends is not signed, and is refused',
      remedy: 'set the secret',
      change: {},
    },
    !isEmpty(one.payloadTemplate) && {
      problem: 'has a payload template of its own: what it sends can not be read',
      remedy: 'removed the payload template',
      // The contract names texts only; the code takes null (an optional field), and that is what no template is.
      change: { payloadTemplate: null },
    },
    !isEmpty(one.version) &&
      one.version !== KNOWN_VERSION && {
        problem: `sends another payload version than ${KNOWN_VERSION}`,
        remedy: `set the payload version to ${KNOWN_VERSION}`,
        change: { version: KNOWN_VERSION },
      },
  ];
  return flaws.filter((flaw) => flaw !== false);
}

/** The check does not know our secret, so only mending can see that another one is set. */
function secretFlaw(one: Webhook, secret: string): Flaw[] {
  if (isEmpty(one.secret) || one.secret === secret) return [];
  return [{ problem: 'signs with another secret', remedy: 'set the secret that is configured here', change: {} }];
}

/** The one with the fewest flaws counts; active ones before the others. */
function chosen(ours: readonly Webhook[]): { readonly best: Webhook; readonly surplus: readonly Webhook[] } {
  const weight = (one: Webhook): number => (one.active ? 0 : 100) + flawsOf(one).length;
  const [best, ...others] = [...ours].sort((a, b) => weight(a) - weight(b)) as [Webhook, ...Webhook[]];
  return { best, surplus: others.filter((one) => one.active) };
}

function missing(all: readonly Webhook[], webhookUrl: string): SubscriptionFinding {
  const path = new URL(webhookUrl).pathname;
  const elsewhere = all.filter(
    (one) => URL.canParse(one.subscriberUrl) && new URL(one.subscriberUrl).pathname === path,
  );
  const hint = elsewhere.map((one) => `${named(one)} sends to ${shown(one.subscriberUrl)} instead`);
  return {
    problem: [`no webhook sends to ${shown(webhookUrl)}`, ...hint, OTHER_SCOPES].join('; '),
    fixable: true,
  };
}

function duplicates(best: Webhook, surplus: readonly Webhook[]): SubscriptionFinding {
  const ids = surplus.map((one) => one.id).join(', ');
  return {
    problem: `${surplus.length + 1} webhooks send the same to our address; keep ${best.id} and delete ${ids} in Cal.com`,
    fixable: false,
  };
}

function aboutHeadCounts(added: readonly string[]): string[] {
  if (!added.some((trigger) => HEAD_COUNT_TRIGGERS.includes(trigger))) return [];
  return [
    'left to a person: after how many minutes a call without guest or host is reported can only be set in Cal.com, in the ' +
      "webhook's own settings; until then it reports none",
  ];
}

/** Equal as addresses; a slash at the end and the case of the host do not count. */
function isSameUrl(one: string, other: string): boolean {
  if (!URL.canParse(one) || !URL.canParse(other)) return one === other;
  const normal = (text: string): string => new URL(text).href.replace(/\/+$/, '');
  return normal(one) === normal(other);
}

/** Without user, password and query, which may be somebody's secret. */
function shown(url: string): string {
  return URL.canParse(url) ? `${new URL(url).origin}${new URL(url).pathname}` : 'an address that can not be read';
}

function named(one: Webhook): string {
  return `webhook ${one.id}`;
}

function isEmpty(text: string | null | undefined): boolean {
  return text === null || text === undefined || text.trim() === '';
}
