/** Rows for tests of the operator API: builders that mention only what matters to a test. */
import { randomUUID } from 'node:crypto';
import { addAliases, insertBooking, savePicture } from '../../../db/bookings';
import { recordWrite, saveSync } from '../../../db/crm-ledger';
import { insertFact, saveVerdicts } from '../../../db/facts';
import type { Db } from '../../../db/pool';
import { openTask, type TaskRow } from '../../../db/tasks';
import type { Picture } from '../../../domain/booking';
import type { Fact } from '../../../domain/facts';
import type { TaskKind } from '../../../domain/tasks';
import { bookingId, connectionTaskWorkflowId, taskWorkflowId } from '../../../workflows/contract';

export const HOUR_MS = 3_600_000;
export const T0_MS = Date.parse('2026-11-24T17:00:00Z');

export const slotAt = (startMs: number) => ({ startMs, endMs: startMs + HOUR_MS, zone: 'America/New_York' });

export interface SeededBooking {
  readonly connection?: string;
  /** Oldest first; the first one is the root. */
  readonly chain: readonly string[];
  /** Null: nobody has recorded it yet. */
  readonly picture?: Partial<Picture> | null;
  readonly factTypes?: readonly Fact['type'][];
}

/** Scheduled for `T0_MS` unless the picture says otherwise. Returns the booking's id. */
export async function seedBooking(db: Db, seed: SeededBooking): Promise<string> {
  const connection = seed.connection ?? 'calcom-sales';
  const rootUid = seed.chain[0]!;
  const id = bookingId(connection, rootUid);
  await insertBooking(db, { id, connection, rootUid });
  await addAliases(db, { bookingId: id, connection, uids: seed.chain });
  for (const [index, type] of (seed.factTypes ?? []).entries()) {
    await seedFact(db, {
      bookingId: id,
      connection,
      fact: { type, uid: rootUid, receivedAtMs: T0_MS - 100_000 + index },
    });
  }
  if (seed.picture !== null) {
    await savePicture(db, {
      id,
      version: 1,
      nowMs: T0_MS,
      picture: { ...PICTURE, chain: seed.chain, ...seed.picture },
    });
  }
  return id;
}

const PICTURE: Picture = {
  status: 'scheduled',
  statusReason: null,
  slot: slotAt(T0_MS),
  confirmedSlot: slotAt(T0_MS),
  chain: [],
  outcome: null,
  settledAtMs: null,
  slotKnownAtMs: T0_MS - 24 * HOUR_MS,
  paid: false,
  noShowSuspectedAtMs: null,
  holdSinceMs: null,
  agreedSlot: null,
  sourceDecision: null,
  eventType: null,
  personId: null,
  hostId: null,
  contactChoices: {},
  crmDecisions: {},
};

export async function seedFact(
  db: Db,
  seed: { bookingId: string; connection: string; fact: Partial<Fact> & Pick<Fact, 'type' | 'uid'>; why?: string },
): Promise<void> {
  const fact: Fact = {
    id: randomUUID(),
    predecessorUid: null,
    ancestry: [],
    aboutPersonId: null,
    readAtMs: null,
    slot: null,
    sequence: null,
    eventType: null,
    receivedAtMs: T0_MS,
    personId: null,
    hostId: null,
    by: 'source',
    decision: null,
    ...seed.fact,
  };
  const { bookingId: id, connection } = seed;
  await insertFact(db, { fact, bookingId: id, connection, sealed: null, meaning: null, deliveryId: null, ordinal: 0 });
  if (seed.why !== undefined) await saveVerdicts(db, [{ factId: fact.id, outcome: 'applied', why: seed.why }]);
}

export function seedTask(
  db: Db,
  seed: { bookingId: string | null; kind?: TaskKind; about?: string; dueAtMs?: number },
): Promise<TaskRow> {
  const task = {
    kind: seed.kind ?? 'match_contact',
    bookingId: seed.bookingId,
    about: seed.about ?? 'hubspot-main',
  } as const;
  const nowMs = T0_MS;
  return openTask(db, {
    ...task,
    evidence: { candidates: ['101', '102'] },
    plan: { owner: 'front-desk', dueAtMs: seed.dueAtMs ?? T0_MS + HOUR_MS, remindAtMs: nowMs + HOUR_MS },
    nowMs,
    workflowId: (n) =>
      seed.bookingId === null
        ? connectionTaskWorkflowId({ kind: task.kind, connection: task.about, n })
        : taskWorkflowId({ ...task, bookingId: seed.bookingId, n }),
  });
}

/** A booking that was synced under the mapping "older" of hubspot-main, with a deal that we moved from "new" to this stage. Returns its id. */
export async function seedSynced(
  db: Db,
  of: { readonly uid: string; readonly stageId: string; readonly picture?: Partial<Picture> },
): Promise<string> {
  const { uid, stageId, picture } = of;
  const bookingId = await seedBooking(db, { chain: [uid], ...(picture && { picture }) });
  const about = { bookingId, connection: 'hubspot-main', crmId: uid, version: 1, type: 'opportunity' } as const;
  const written = { pipelineId: 'sales', stageId };
  await recordWrite(db, {
    ...about,
    action: 'move',
    before: { pipelineId: 'sales', stageId: 'new' },
    after: written,
    nowMs: T0_MS,
    mappingVersion: 'older',
    link: { ...about, externalKey: `o:${bookingId}`, hash: null, written },
  });
  const reason = null;
  await saveSync(db, { bookingId, connection: 'hubspot-main', state: 'synced', reason, mappingVersion: 'older' });
  return bookingId;
}
