/**
 * sendMessage: hands one planned message to its messenger, at most once.
 * Invariant: `sending` is committed before the call; a `sending` found later is `unknown` and asks a person, it is never sent again by itself.
 */
import { ApplicationFailure } from '@temporalio/activity';
import { lockBooking } from '../db/bookings';
import { lockMessage, setMessageState, type MessageRow } from '../db/messages';
import { readPerson } from '../db/persons';
import type { PersonData } from '../domain/person';
import { withTransaction } from '../db/pool';
import type { Picture } from '../domain/booking';
import { whyNotSend, type MessageState } from '../domain/messages';
import type { SendResult } from '../integrations/ports';
import { composeMessage } from './compose-message';
import type { ActivityDeps } from './deps';
import { engineNow } from './engine-clock';
import { hostLinks } from './host-links';
import { leadNote } from './lead-note';
import { newestDetails } from './newest-details';
import { askPerson, openedTask, type OpenTask } from './open-task';

export interface SendMessageInput {
  readonly bookingId: string;
  readonly messageId: string;
}

/** `state` is where the message stands now; `task` is given when a person has to say whether it was sent. */
export interface SendMessageResult {
  readonly state: MessageState;
  readonly reason: string | null;
  readonly task: OpenTask | null;
}

type Claim =
  | { readonly kind: 'send'; readonly message: MessageRow; readonly picture: Picture; readonly source: string }
  | { readonly kind: 'settled'; readonly state: MessageState; readonly reason: string | null };

export function createSendMessage(deps: ActivityDeps) {
  return async function sendMessage(input: SendMessageInput): Promise<SendMessageResult> {
    const claim = await claimMessage(deps, input);
    if (claim.kind === 'settled') {
      const task = claim.state === 'unknown' ? await askWhetherSent(deps, input, claim.reason) : null;
      return { state: claim.state, reason: claim.reason, task };
    }
    const handOver = claim.message.channel === 'slack' ? await note(deps, claim) : await mail(deps, claim);
    if (typeof handOver === 'string') return settle(deps, { input, state: 'skipped', reason: handOver });
    await deps.failPoint('message-sending-before-smtp');
    const result = await handOver();
    await deps.failPoint('message-sent-before-ledger');
    return afterSending(deps, input, result);
  };
}

/** Decides under the booking's and the message's locks, on the newest picture, and commits `sending` before anything leaves. */
function claimMessage(deps: ActivityDeps, input: SendMessageInput): Promise<Claim> {
  const nowMs = engineNow();
  return withTransaction(deps.pool, async (tx): Promise<Claim> => {
    const booking = await lockBooking(tx, input.bookingId);
    const message = await lockMessage(tx, input.messageId);
    // A merged booking's messages belong to the survivor, whose own run sends them.
    if (!booking?.picture || booking.mergedInto !== null || !message) {
      return { kind: 'settled', state: 'skipped', reason: 'the booking was merged' };
    }
    const set = async (state: MessageState, reason: string | null): Promise<Claim> => {
      await setMessageState(tx, { id: message.id, state, reason, nowMs });
      return { kind: 'settled', state, reason };
    };
    if (message.state === 'sending')
      return set('unknown', 'the sender stopped between handing it over and hearing the answer');
    if (message.state !== 'planned') return { kind: 'settled', state: message.state, reason: message.reason };
    const reason = whyNotSend(message, booking.picture, nowMs);
    if (reason !== null) return set('skipped', reason);
    await setMessageState(tx, { id: message.id, state: 'sending', reason: null, nowMs });
    return { kind: 'send', message, picture: booking.picture, source: booking.connection };
  });
}

type Claimed = Extract<Claim, { kind: 'send' }>;
/** Hands the message over, or the reason why there is nothing to hand over. */
type HandOver = (() => Promise<SendResult>) | string;

async function mail(deps: ActivityDeps, { message, picture }: Claimed): Promise<HandOver> {
  const [guest, host] = await Promise.all([person(deps, picture.personId), person(deps, picture.hostId)]);
  const details = await newestDetails(deps, message.bookingId);
  const isAsk = message.kind === 'outcome_ask' && picture.slot !== null;
  const answers = isAsk ? hostLinks(deps, { bookingId: message.bookingId, slot: picture.slot }) : null;
  const outgoing = composeMessage({ message, picture, guest, host, details, answers, localClock: deps.wallClock });
  return outgoing === null ? 'no e-mail address' : () => deps.messenger.send(outgoing);
}

async function note(deps: ActivityDeps, { message, picture, source }: Claimed): Promise<HandOver> {
  const { notifier } = deps;
  if (!notifier) return 'no Slack webhook is configured';
  const outgoing = await leadNote(deps, { bookingId: message.bookingId, source, picture });
  return outgoing === null ? 'the settings ask for no notes any more' : () => notifier.post(outgoing);
}

async function person(deps: ActivityDeps, id: string | null): Promise<PersonData | null> {
  return id === null ? null : readPerson(deps.pool, deps.vault, id);
}

async function afterSending(
  deps: ActivityDeps,
  input: SendMessageInput,
  result: SendResult,
): Promise<SendMessageResult> {
  switch (result.kind) {
    case 'sent':
      return settle(deps, { input, state: 'sent', reason: null, providerId: result.providerId });
    case 'refused':
      return settle(deps, { input, state: 'failed', reason: result.reason });
    case 'unknown': {
      await settle(deps, { input, state: 'unknown', reason: result.reason });
      return { state: 'unknown', reason: result.reason, task: await askWhetherSent(deps, input, result.reason) };
    }
    case 'not_sent':
      await setMessageState(deps.pool, {
        id: input.messageId,
        state: 'planned',
        reason: result.reason,
        nowMs: engineNow(),
      });
      throw ApplicationFailure.create({ message: `The message was not taken over: ${result.reason}`, type: 'NotSent' });
  }
}

async function settle(
  deps: ActivityDeps,
  to: { input: SendMessageInput; state: MessageState; reason: string | null; providerId?: string | null },
): Promise<SendMessageResult> {
  const { input, state, reason, providerId = null } = to;
  await setMessageState(deps.pool, { id: input.messageId, state, reason, providerId, nowMs: engineNow() });
  return { state, reason, task: null };
}

async function askWhetherSent(deps: ActivityDeps, input: SendMessageInput, reason: string | null): Promise<OpenTask> {
  const { bookingId, messageId: about } = input;
  const question = { kind: 'message_unknown', bookingId, about, evidence: { reason }, nowMs: engineNow() } as const;
  const task = await askPerson(deps.pool, deps, question);
  return openedTask(deps, task);
}
