/**
 * Planned and sent messages.
 * Invariant: `sending` is committed before a messenger is called, so a crash in between is seen and never repeated.
 */
import { randomUUID } from 'node:crypto';
import { channelOf, type Message, type MessageKind, type MessageState } from '../domain/messages';
import type { Db } from './pool';

export interface MessageRow extends Message {
  readonly id: string;
  readonly bookingId: string;
  readonly channel: string;
  readonly attempts: number;
  /** When it was last about to be handed to its messenger; null before. */
  readonly sendingAtMs: number | null;
}

interface RawMessage {
  id: string;
  booking_id: string;
  key: string;
  kind: MessageKind;
  channel: string;
  recipient: Message['recipient'];
  slot_key: string;
  due_at: Date;
  state: MessageState;
  reason: string | null;
  attempts: number;
  sending_at: Date | null;
}

const COLUMNS = 'id, booking_id, key, kind, channel, recipient, slot_key, due_at, state, reason, attempts, sending_at';

function fromRaw(raw: RawMessage): MessageRow {
  return {
    id: raw.id,
    bookingId: raw.booking_id,
    key: raw.key,
    kind: raw.kind,
    channel: raw.channel,
    recipient: raw.recipient,
    slotKey: raw.slot_key,
    dueAtMs: raw.due_at.getTime(),
    state: raw.state,
    reason: raw.reason,
    attempts: raw.attempts,
    sendingAtMs: raw.sending_at?.getTime() ?? null,
  };
}

export async function readMessages(db: Db, bookingId: string): Promise<MessageRow[]> {
  const { rows } = await db.query<RawMessage>(`SELECT ${COLUMNS} FROM message WHERE booking_id = $1`, [bookingId]);
  return rows.map(fromRaw);
}

/** The row, locked until the transaction ends: two senders of one message wait for each other here. */
export async function lockMessage(tx: Db, id: string): Promise<MessageRow | null> {
  const { rows } = await tx.query<RawMessage>(`SELECT ${COLUMNS} FROM message WHERE id = $1 FOR UPDATE`, [id]);
  return rows[0] ? fromRaw(rows[0]) : null;
}

export async function insertMessages(tx: Db, bookingId: string, messages: readonly Message[]): Promise<void> {
  await tx.query(
    `INSERT INTO message (id, booking_id, key, kind, channel, recipient, slot_key, due_at, state, reason)
     SELECT new.id, $1, new.key, new.kind, new.channel, new.recipient, new.slot_key, new.due_at, new.state, new.reason
     FROM UNNEST($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[], $9::text[], $10::text[])
       AS new (id, key, kind, recipient, slot_key, due_at, state, reason, channel)
     ON CONFLICT (booking_id, key) DO NOTHING`,
    [
      bookingId,
      messages.map(() => randomUUID()),
      messages.map((message) => message.key),
      messages.map((message) => message.kind),
      messages.map((message) => message.recipient),
      messages.map((message) => message.slotKey),
      messages.map((message) => new Date(message.dueAtMs)),
      messages.map((message) => message.state),
      messages.map((message) => message.reason),
      messages.map(channelOf),
    ],
  );
}

/** Re-plans or skips; touches only rows that no messenger has seen. */
export async function replanMessages(tx: Db, bookingId: string, messages: readonly Message[]): Promise<void> {
  await tx.query(
    `UPDATE message SET state = new.state, reason = new.reason, due_at = new.due_at, slot_key = new.slot_key
     FROM UNNEST($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[]) AS new (key, state, reason, due_at, slot_key)
     WHERE message.booking_id = $1 AND message.key = new.key AND message.state IN ('planned', 'skipped')`,
    [
      bookingId,
      messages.map((message) => message.key),
      messages.map((message) => message.state),
      messages.map((message) => message.reason),
      messages.map((message) => new Date(message.dueAtMs)),
      messages.map((message) => message.slotKey),
    ],
  );
}

export async function setMessageState(
  db: Db,
  set: { id: string; state: MessageState; reason: string | null; nowMs: number; providerId?: string | null },
): Promise<void> {
  const column = set.state === 'sending' ? 'sending_at' : 'settled_at';
  await db.query(
    `UPDATE message SET state = $2, reason = $3, ${column} = $4, provider_id = coalesce($5, provider_id),
       attempts = attempts + CASE WHEN $2 = 'sending' THEN 1 ELSE 0 END WHERE id = $1`,
    [set.id, set.state, set.reason, new Date(set.nowMs), set.providerId ?? null],
  );
}
