/**
 * The mail vendor: an SMTP sink, and admin paths under `/mail` to look at what arrived and to make sending go wrong.
 * Invariant: every stored message is listed, doubles included; `countByMessageId` shows which ones are.
 */
import { z } from 'zod';
import { answerAdmin, readJson } from '../api-vendor';
import { readRequest, sendAnswer, simulatorError } from '../exchange';
import { openState } from '../persistence';
import type { VendorContext, VendorSimulator } from '../vendor';
import { createMailFaultPlan } from './faults';
import type { MailFault, MailFaultInput } from './faults';
import { parseMessage } from './message';
import { startMailSink } from './sink';
import type { ReceivedMail } from './sink';

export interface StoredMail {
  /** 1, 2, 3 … in the order of arrival. */
  readonly n: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Envelope addresses. */
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly messageId: string | null;
  /** The plain text part, decoded. */
  readonly text: string;
  readonly raw: string;
}

/** `GET /mail/_admin/messages`. */
export interface Mailbox {
  readonly messages: readonly StoredMail[];
  /** More than 1 is a message that was delivered twice. */
  readonly countByMessageId: Readonly<Record<string, number>>;
}

/** The admin paths, for callers in the same process. */
export interface MailSimulator extends VendorSimulator {
  readonly smtpPort: number;
  mailbox(): Mailbox;
  /** Replaces the fault plan. Throws a ZodError that lists every problem. */
  setFaults(faults: readonly MailFaultInput[]): readonly MailFault[];
  reset(): void;
}

const savedState = z.object({
  version: z.literal(1),
  messages: z.array(
    z.object({
      n: z.int(),
      at: z.string(),
      from: z.string(),
      to: z.array(z.string()),
      subject: z.string(),
      messageId: z.string().nullable(),
      text: z.string(),
      raw: z.string(),
    }),
  ),
});

/** Loads saved messages and opens the SMTP port. Rejects when the port is taken or the file is not one of ours. */
export async function createMailSimulator(context: VendorContext): Promise<MailSimulator> {
  const { clock, host, mailPort, stateDir } = context;
  let messages: StoredMail[] = [];
  const faults = createMailFaultPlan();
  const { file, saved } = await openState({
    dir: stateDir,
    name: 'mail',
    what: 'mail sink',
    schema: savedState,
    snapshot: () => ({ version: 1, messages }),
  });
  if (saved !== null) messages = saved.messages;

  const store = ({ from, to, raw }: ReceivedMail): void => {
    const at = new Date(clock()).toISOString();
    messages.push({ n: messages.length + 1, at, from, to, ...parseMessage(raw), raw: raw.toString('utf8') });
    file.changed();
  };
  const sink = await startMailSink({ host, port: mailPort, faults, store });
  const mailbox = (): Mailbox => ({ messages: [...messages], countByMessageId: countByMessageId(messages) });
  const reset = (): void => {
    messages = [];
    faults.clear();
    file.changed();
  };
  const routes = (body: Buffer): Record<string, () => unknown> => ({
    'GET /_admin/messages': mailbox,
    'GET /_admin/faults': () => ({ faults: faults.left() }),
    'POST /_admin/faults': () => ({ faults: faults.replace(readJson(body)) }),
    'POST /_admin/reset': () => {
      reset();
      return { reset: true };
    },
  });

  return {
    name: 'mail',
    smtpPort: sink.port,
    mailbox,
    setFaults: (plan) => faults.replace({ faults: plan }),
    reset,
    async handle(incoming, response) {
      const request = await readRequest(incoming, '/mail').catch(() => null);
      if (request === null) sendAnswer(response, simulatorError(400, 'unreadable', 'The request could not be read.'));
      else sendAnswer(response, answerAdmin(routes(request.body), request));
    },
    async close() {
      await sink.close();
      await file.close();
    },
  };
}

function countByMessageId(messages: readonly StoredMail[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { messageId } of messages) {
    if (messageId !== null) counts[messageId] = (counts[messageId] ?? 0) + 1;
  }
  return counts;
}
