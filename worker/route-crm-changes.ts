/**
 * What a CRM's webhooks lead to: each record is looked up in the ledger, and its bookings are told to look at the CRM.
 * Invariant: one wake per booking and batch, and a delivery is settled only after all of them were accepted. What happened is not
 * believed: the booking reads the record, so order and repeats can't matter.
 */
import type { Pool } from 'pg';
import type { Log } from '../activities/deps';
import { hearAppointments, openAppointments } from '../db/crm-appointments';
import { bookingsOfRecords, hasUnsettledCreate, recordKey, type CrmRecord } from '../db/crm-changes';
import { markDead, markDone, markIgnored, postpone, type WaitingDelivery } from '../db/deliveries';
import { VaultError, type Vault } from '../db/vault';
import type { CrmChange, CrmWebhooks, ReadCrmDelivery } from '../integrations/ports';
import type { BookingSignals } from './workflow-signals';

export interface CrmRoutingDeps {
  readonly pool: Pool;
  readonly vault: Vault;
  readonly signals: Pick<BookingSignals, 'wake' | 'crmAppointment'>;
  /** CRM connections in which people make appointments that are booked at a source; absent: none. */
  readonly bookedFrom?: ReadonlySet<string>;
  readonly log: Log;
  readonly failPoint: (name: string) => Promise<void> | void;
}

/** A create whose answer is under way for longer has been settled otherwise. */
const CREATE_SETTLES_WITHIN_MS = 120_000;
const LOOK_AGAIN_AFTER_MS = 5_000;
const MOST_LOOKS = 4;

type Changes = Extract<ReadCrmDelivery, { kind: 'changes' }>;

interface Routed {
  readonly delivery: WaitingDelivery;
  readonly said: Changes;
}

/** Routes a batch of one connection's deliveries. Trouble of the database or of Temporal is thrown: everything is taken again. */
export async function routeCrmBatch(
  deps: CrmRoutingDeps,
  from: { readonly connection: string; readonly webhooks: CrmWebhooks; readonly batch: readonly WaitingDelivery[] },
): Promise<void> {
  const { connection, webhooks, batch } = from;
  const routed: Routed[] = [];
  for (const delivery of batch) {
    const said = await readOrSettle(deps, webhooks, delivery);
    if (said !== null) routed.push({ delivery, said });
  }
  const records = routed.flatMap(({ said }) => said.changes.map(recordOf));
  const known = await bookingsOfRecords(deps.pool, connection, records);
  const told = new Set(records.flatMap((record) => known.get(recordKey(record)) ?? []));
  await deps.failPoint('dispatch-begins');
  await Promise.all([...told].map((bookingId) => deps.signals.wake({ bookingId, reason: 'crm_changed', connection })));
  await deps.failPoint('signal-before-done');
  await Promise.all(routed.map((one) => settle(deps, { ...one, connection, known })));
}

const recordOf = ({ record, crmId }: CrmChange): CrmRecord => ({ type: record, crmId });

/** Null: it says nothing that concerns a record, and that is written down. */
async function readOrSettle(
  deps: CrmRoutingDeps,
  webhooks: CrmWebhooks,
  delivery: WaitingDelivery,
): Promise<Changes | null> {
  const { id } = delivery;
  let said: ReadCrmDelivery;
  try {
    said = webhooks.read(deps.vault.openDelivery(id, delivery));
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    deps.log.warn({ delivery: id, error: error.name }, 'delivery put aside');
    await markDead(deps.pool, id, { trigger: null, reason: `can't be opened: ${error.name}` });
    return null;
  }
  if (said.kind === 'changes') return said;
  if (said.kind === 'ignored') await markIgnored(deps.pool, id, said);
  else await markDead(deps.pool, id, said);
  return null;
}

async function settle(
  deps: CrmRoutingDeps,
  of: Routed & { readonly connection: string; readonly known: ReadonlyMap<string, readonly string[]> },
): Promise<void> {
  const { delivery, said, connection, known } = of;
  const strangers = said.changes.filter((change) => !known.has(recordKey(recordOf(change))));
  const isBookedFrom = deps.bookedFrom?.has(connection) ?? false;
  if (await mayBeOurs(deps, { connection, strangers, looks: delivery.attempts, isBookedFrom })) {
    const reason = 'about a record that may be one which is just being made; looked up again';
    return postpone(deps.pool, delivery.id, { untilMs: Date.now() + LOOK_AGAIN_AFTER_MS, reason });
  }
  if (isBookedFrom) await lookAtNew(deps, connection, strangers);
  const { trigger } = said;
  const reason = reasonOf(said, new Set(strangers.map((change) => recordKey(recordOf(change)))).size);
  const isNoNews = strangers.length === said.changes.length && said.unreadable === null;
  if (isNoNews) return markIgnored(deps.pool, delivery.id, { trigger, reason: reason ?? '' });
  return markDone(deps.pool, delivery.id, { trigger, factIds: [], ...(reason === null ? {} : { reason }) });
}

/**
 * A person may change a record before our own create of it has returned its id. That a record was created says nothing to whom
 * nobody knows, unless it is to be booked: then it is not our booking's, or our own echo.
 */
async function mayBeOurs(
  deps: CrmRoutingDeps,
  of: {
    readonly connection: string;
    readonly strangers: readonly CrmChange[];
    readonly looks: number;
    readonly isBookedFrom: boolean;
  },
): Promise<boolean> {
  const matters = ({ what, record }: CrmChange): boolean =>
    what !== 'created' || (of.isBookedFrom && record === 'appointment');
  const types = [...new Set(of.strangers.filter(matters).map(({ record }) => record))];
  if (types.length === 0 || of.looks >= MOST_LOOKS) return false;
  const sinceMs = Date.now() - CREATE_SETTLES_WITHIN_MS;
  return hasUnsettledCreate(deps.pool, of.connection, { types, sinceMs });
}

/** Appointments that no booking has are looked at: new ones, and those of which it is still open whether they are booked. */
async function lookAtNew(deps: CrmRoutingDeps, connection: string, strangers: readonly CrmChange[]): Promise<void> {
  const appointments = strangers.filter(({ record }) => record === 'appointment');
  if (appointments.length === 0) return;
  const idsOf = (changes: readonly CrmChange[]): string[] => [...new Set(changes.map(({ crmId }) => crmId))];
  const created = idsOf(appointments.filter(({ what }) => what === 'created'));
  await hearAppointments(deps.pool, { connection, crmIds: created, nowMs: Date.now() });
  const open = await openAppointments(deps.pool, connection, idsOf(appointments));
  await Promise.all(open.map((crmId) => deps.signals.crmAppointment({ connection, crmId })));
}

function reasonOf({ unreadable }: Changes, strangers: number): string | null {
  const sentences = [
    ...(strangers === 0 ? [] : [`${strangers} ${strangers === 1 ? 'record' : 'records'} that no booking has`]),
    ...(unreadable === null
      ? []
      : [`${unreadable.count} ${unreadable.count === 1 ? 'event' : 'events'} could not be read: ${unreadable.first}`]),
  ];
  return sentences.length === 0 ? null : sentences.join('; ');
}
