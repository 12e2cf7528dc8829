/**
 * A source for tests of polling: its API shows what the test says, and a read's body is simply its events.
 * Invariant: every call is remembered; the content hash covers what is shown, not when it was read.
 */
import { createHash } from 'node:crypto';
import type { SourceFactType } from '../../domain/facts';
import { bareEvent } from '../../integrations/calcom/bare-event';
import {
  READ_HEADERS,
  type BookingSource,
  type SourceApi,
  type SourceEvent,
  type SourceRead,
  type SubscriptionFinding,
} from '../../integrations/ports';

export type Shown = Partial<SourceEvent> & { readonly type: SourceFactType };

export function sourceEvent(uid: string, shown: Shown, readAtMs: number | null = null): SourceEvent {
  return { ...bareEvent(shown.type, uid), ...shown, readAtMs };
}

export function aRead(uid: string, shown: readonly Shown[], readAtMs: number): SourceRead {
  const hash = createHash('sha256').update(JSON.stringify(shown)).digest('hex');
  const events = shown.map((event) => sourceEvent(uid, event, readAtMs));
  return {
    uid,
    predecessorUid: null,
    changedAtMs: null,
    readAtMs,
    contentHash: hash,
    body: Buffer.from(JSON.stringify(events)),
  };
}

/** Reads the bodies that `aRead` makes, and no webhook. */
export const readSource: BookingSource = {
  kind: 'test',
  verifySignature: () => ({ ok: false, reason: 'sends no webhooks' }),
  deliveryId: () => null,
  keptHeaders: [],
  read: (body, headers) =>
    Object.entries(READ_HEADERS).every(([name, value]) => headers[name] === value)
      ? { kind: 'events', trigger: 'READ', events: JSON.parse(body.toString('utf8')) as SourceEvent[] }
      : { kind: 'unreadable', trigger: null, reason: 'not a read' },
  onTrouble: { status: 503, retryAfterSeconds: 1 },
};

interface Row {
  readonly changedAtMs: number;
  readonly endMs: number | null;
  readonly read: (nowMs: number) => SourceRead;
}

export interface ShownApi extends SourceApi {
  /** From now on the API shows this of the appointment; it changed at `changedAtMs`. */
  show(uid: string, events: readonly Shown[], at: { changedAtMs: number; endMs?: number }): void;
  /** The same for a read of any shape. */
  showRead(uid: string, read: (nowMs: number) => SourceRead, at: { changedAtMs: number; endMs?: number }): void;
  readonly calls: { readonly list: 'changed' | 'ended'; readonly fromMs: number; readonly toMs: number }[];
  findings: readonly SubscriptionFinding[];
  /** Thrown by the next calls, one each. */
  readonly failures: Error[];
  readonly mended: { readonly webhookUrl: string; readonly secret: string }[];
}

/** `now`: the instant of a read, epoch ms. */
export function shownApi(now: () => number): ShownApi {
  const rows = new Map<string, Row>();
  const list = (
    name: 'changed' | 'ended',
    window: { readonly fromMs: number; readonly toMs: number },
    instantOf: (row: Row) => number | null,
  ): Promise<SourceRead[]> => {
    api.calls.push({ list: name, ...window });
    const failure = api.failures.shift();
    if (failure !== undefined) return Promise.reject(failure);
    const found = [...rows.values()].filter((row) => {
      const atMs = instantOf(row);
      return atMs !== null && atMs >= window.fromMs && atMs <= window.toMs;
    });
    return Promise.resolve(found.map((row) => row.read(now())));
  };
  const refuse = (): Promise<never> => Promise.reject(new Error('This test does not write to the source'));
  const api: ShownApi = {
    show: (uid, events, at) => api.showRead(uid, (nowMs) => aRead(uid, events, nowMs), at),
    showRead: (uid, read, { changedAtMs, endMs }) => void rows.set(uid, { changedAtMs, endMs: endMs ?? null, read }),
    calls: [],
    findings: [],
    failures: [],
    mended: [],
    readBooking: (uid) => Promise.resolve(rows.get(uid)?.read(now()) ?? null),
    listChanged: (window) => list('changed', window, (row) => row.changedAtMs),
    listEnded: (window) => list('ended', window, (row) => row.endMs),
    listSeries: (uid) => Promise.resolve([rows.get(uid)].flatMap((row) => (row ? [row.read(now())] : []))),
    markAbsent: refuse,
    cancel: refuse,
    reschedule: refuse,
    checkSubscription: () => {
      const failure = api.failures.shift();
      return failure === undefined ? Promise.resolve([...api.findings]) : Promise.reject(failure);
    },
    mendSubscription: (given) => {
      api.mended.push(given);
      const done = api.findings.filter((finding) => finding.fixable).map((finding) => `mended: ${finding.problem}`);
      api.findings = api.findings.filter((finding) => !finding.fixable);
      return Promise.resolve(done);
    },
  };
  return api;
}
