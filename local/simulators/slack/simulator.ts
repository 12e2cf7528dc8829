/**
 * A simulated Slack: one incoming webhook, strict about what it takes, and a page that shows the channel.
 * Invariant: what is posted is kept in the order of arrival, doubles included.
 */
import { z } from 'zod';
import { createApiVendor, type ApiVendor } from '../api-vendor';
import type { SimAnswer, SimRequest } from '../exchange';
import { createJournal } from '../journal';
import { openState } from '../persistence';
import type { VendorContext, VendorSimulator } from '../vendor';
import { renderChannel } from './page';
import type { PostedNote } from './posted-note';

const savedState = z.object({
  version: z.literal(1),
  notes: z.array(z.object({ n: z.int(), at: z.string(), text: z.string() })),
  counters: z.object({ requests: z.int(), violations: z.int() }),
});

/** What the service may send; Slack takes more. */
const noteBody = z.strictObject({
  text: z.string(),
  unfurl_links: z.boolean().optional(),
  unfurl_media: z.boolean().optional(),
});

const settingsPatch = z.strictObject({ revoked: z.boolean().optional() });
const MAX_TEXT = 40_000;
const WEBHOOK_PATH = /^\/services\/T[A-Z0-9]+\/B[A-Z0-9]+\/\w+$/;

/** The admin paths, for callers in the same process. */
export interface SlackSimulator extends VendorSimulator, Omit<ApiVendor, 'close'> {
  notes(): readonly PostedNote[];
  violations(): number;
  /** `revoked`: the app was taken out of the workspace. */
  changeSettings(patch: { readonly revoked?: boolean }): void;
}

/** Loads the saved channel. Rejects when the file is not one of ours. */
export async function createSlackSimulator({ clock, stateDir }: VendorContext): Promise<SlackSimulator> {
  let notes: PostedNote[] = [];
  let settings = { revoked: false };
  const journal = createJournal(clock);
  const { file, saved } = await openState({
    dir: stateDir,
    name: 'slack',
    what: 'Slack channel',
    schema: savedState,
    snapshot: () => ({ version: 1, notes, counters: journal.counters() }),
  });
  if (saved !== null) {
    notes = saved.notes;
    journal.restore(saved.counters);
  }

  const changeSettings = (patch: unknown): typeof settings => {
    const { revoked = settings.revoked } = settingsPatch.parse(patch);
    settings = { revoked };
    return settings;
  };
  const vendor = createApiVendor({
    name: 'slack',
    journal,
    operate: (request) => {
      const taken = settings.revoked ? refusal(403, 'invalid_token', null) : take(request);
      if (typeof taken !== 'string') return taken;
      notes.push({ n: notes.length + 1, at: new Date(clock()).toISOString(), text: taken });
      return { status: 200, body: 'ok' };
    },
    errorBody: (status) => (status === 429 ? 'rate_limited' : 'rollup_error'),
    down: () => false,
    state: () => ({ notes }),
    reset: () => {
      notes = [];
      settings = { revoked: false };
    },
    readSettings: () => settings,
    changeSettings,
    changed: () => file.changed(),
    page: ({ method, pathname }) =>
      method === 'GET' && pathname === '/' ? { status: 200, body: renderChannel(notes, journal) } : null,
  });
  return {
    name: 'slack',
    ...vendor,
    notes: () => [...notes],
    violations: () => journal.counters().violations,
    changeSettings: (patch) => void changeSettings(patch),
    async close() {
      vendor.close();
      await file.close();
    },
  };
}

/** The text to post, or the refusal, in Slack's words. */
function take(request: SimRequest): string | SimAnswer {
  if (!WEBHOOK_PATH.test(request.pathname)) return refusal(404, 'no_service', 'not the path of an incoming webhook');
  if (request.method !== 'POST') return refusal(405, 'method_not_allowed', 'not a POST');
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    return refusal(400, 'invalid_payload', 'the content type is not application/json');
  }
  const body = noteBody.safeParse(jsonOf(request.body));
  if (!body.success) return refusal(400, 'invalid_payload', 'the body is no message');
  const { text } = body.data;
  if (text.trim() === '') return refusal(400, 'no_text', 'the text is empty');
  if (text.length > MAX_TEXT) return refusal(400, 'msg_too_long', 'the text is too long');
  return text;
}

const refusal = (status: number, word: string, violation: string | null): SimAnswer => ({
  status,
  body: word,
  violation,
});

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return null;
  }
}
