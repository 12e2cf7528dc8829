/**
 * E-mail over SMTP, over connections that stay open for a moment in case another message follows.
 * Invariant: "not sent" and "refused" are only said when the server can't have taken the message over; from the moment its
 * content is handed out until the server answers for it, the truth is "unknown".
 */
import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection, { type SMTPConnectionAuth, type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { parseConnectionUrl } from 'nodemailer/lib/shared';
import type { Messenger, OutgoingMessage, SendResult } from '../ports';

export interface SmtpMessengerSettings {
  /** `smtp://user:password@host:587` or `smtps://…`; nodemailer's options may follow as a query (`?requireTLS=true`). */
  readonly smtpUrl: string;
  /** Sender with or without a name: `Front desk <frontdesk@example.com>`. */
  readonly from: string;
  readonly connectionTimeoutMs?: number;
  /** How long the server may stay silent. */
  readonly socketTimeoutMs?: number;
}

const CONNECTION_TIMEOUT_MS = 5_000;
const SOCKET_TIMEOUT_MS = 20_000;
/** Less than any server waits for the next command. */
const IDLE_MS = 3_000;
/** Some servers end a session after so many messages that the next one would be refused. */
const MESSAGES_PER_CONNECTION = 50;

type Phase = 'connect' | 'login' | 'envelope' | 'content';
interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
  readonly size: number;
}

/**
 * Makes a messenger for one mail server. `send` never throws: every failure is a `SendResult`, whose reason names the step,
 * the SMTP code and the command, and nothing that the server or the message says.
 */
export function createSmtpMessenger(settings: SmtpMessengerSettings): Messenger & { close(): void } {
  const { auth, ...fromUrl } = parseConnectionUrl(settings.smtpUrl);
  const options: SMTPConnectionOptions = {
    connectionTimeout: settings.connectionTimeoutMs ?? CONNECTION_TIMEOUT_MS,
    greetingTimeout: settings.connectionTimeoutMs ?? CONNECTION_TIMEOUT_MS,
    dnsTimeout: settings.connectionTimeoutMs ?? CONNECTION_TIMEOUT_MS,
    socketTimeout: settings.socketTimeoutMs ?? SOCKET_TIMEOUT_MS,
    ...fromUrl,
  };
  const sessions = new Sessions(options);

  return {
    channel: 'email',
    async send(message) {
      const mail = await compose(settings.from, message);
      if (mail === null) return { kind: 'refused', reason: 'the message has no usable recipient or sender address' };
      const used = sessions.takeIdle();
      const result = used && (await sessions.deliver(used, { auth, ...mail }));
      // What a server drops, or no longer wants to go on with, was not taken over: that says nothing about the message.
      if (result && (result.kind !== 'not_sent' || sessions.closed)) return result;
      return sessions.deliver(sessions.open(), { auth, ...mail });
    },
    /** Ends connections that are still open; their messages end as `not_sent` or `unknown`. */
    close: () => sessions.close(),
  };
}

interface Session {
  readonly connection: SMTPConnection;
  /** Messages that it has taken over. */
  sent: number;
  idleTimer?: NodeJS.Timeout;
}

/** The connections of one messenger: in use, or idle and soon to be closed. */
class Sessions {
  private readonly inUse = new Set<Session>();
  private readonly idle = new Set<Session>();
  closed = false;

  constructor(private readonly options: SMTPConnectionOptions) {}

  open(): Session {
    const session: Session = { connection: new SMTPConnection(this.options), sent: 0 };
    // Stays on for good: an error between two messages, or during the good-bye, must not crash.
    session.connection.on('error', () => this.drop(session));
    session.connection.on('end', () => this.drop(session));
    return session;
  }

  takeIdle(): Session | null {
    const session = [...this.idle].at(-1) ?? null;
    if (session === null) return null;
    this.idle.delete(session);
    clearTimeout(session.idleTimer);
    return session;
  }

  async deliver(session: Session, delivery: Delivery): Promise<SendResult> {
    this.inUse.add(session);
    const result = await deliver(session, delivery);
    this.inUse.delete(session);
    if (result.kind === 'sent') this.keep(session);
    else session.connection.close();
    return result;
  }

  private keep(session: Session): void {
    session.sent += 1;
    if (this.closed || session.sent >= MESSAGES_PER_CONNECTION) {
      session.connection.close();
      return;
    }
    this.idle.add(session);
    session.idleTimer = setTimeout(() => {
      this.drop(session);
      session.connection.close();
    }, IDLE_MS).unref();
  }

  private drop(session: Session): void {
    this.idle.delete(session);
    clearTimeout(session.idleTimer);
  }

  close(): void {
    this.closed = true;
    for (const { connection } of this.inUse) connection.emit('error', new Error('closed'));
    for (const session of [...this.idle]) {
      this.drop(session);
      session.connection.close();
    }
  }
}

async function compose(
  from: string,
  message: OutgoingMessage,
): Promise<{ envelope: Envelope; content: Buffer } | null> {
  const { address, name } = message.to;
  // nodemailer would make something of a list or of line breaks; a recipient is one plain address.
  if (!/^[^\s<>,;"]+@[^\s<>,;"]+$/.test(address)) return null;
  const compiled = new MailComposer({
    from,
    to: name === null ? address : { address, name },
    subject: message.subject,
    text: message.text,
    messageId: `<${encodeURIComponent(message.id)}@booksync.invalid>`,
    // RFC 3834: keeps out-of-office robots from answering.
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(message.calendar === null
      ? {}
      : {
          icalEvent: {
            method: message.calendar.method,
            content: message.calendar.content,
            filename: 'appointment.ics',
          },
        }),
  }).compile();
  const envelope = compiled.getEnvelope();
  const [to, ...others] = envelope.to;
  if (!envelope.from || to === undefined || others.length > 0) return null;
  const content = await compiled.build();
  return { envelope: { from: envelope.from, to: [to], size: content.length }, content };
}

interface Delivery {
  readonly auth: SMTPConnectionAuth | undefined;
  readonly envelope: Envelope;
  readonly content: Buffer;
}

/** One dialogue: connect and log in, unless that was done for an earlier message; envelope, content. The first thing that goes wrong decides. */
function deliver({ connection, sent }: Session, { auth, envelope, content }: Delivery): Promise<SendResult> {
  return new Promise((resolve) => {
    let phase: Phase = 'connect';
    const settle = (result: SendResult): void => {
      connection.off('error', fail);
      resolve(result);
    };
    const fail = (error: Error): void => settle(classify(error, phase));
    const sendContent = (): void => {
      phase = 'envelope';
      // nodemailer reads the message only after the server said "go ahead" to DATA: the first read is the point of no return.
      const body = new Readable({
        read() {
          phase = 'content';
          this.push(content);
          this.push(null);
        },
      });
      connection.send({ ...envelope, to: [...envelope.to] }, body, (error, info) => {
        if (error) return fail(error);
        settle({ kind: 'sent', providerId: info.serverMessageId ?? null });
      });
    };
    connection.on('error', fail);
    if (sent > 0) return sendContent();
    connection.connect((error) => {
      if (error) return fail(error);
      if (auth === undefined) return sendContent();
      phase = 'login';
      connection.login(auth, (refused) => (refused ? fail(refused) : sendContent()));
    });
  });
}

/** What nodemailer puts on its errors; all of it is optional. */
interface SmtpError extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
}

/**
 * Before the content: a 5xx to the sender, the recipient or DATA is final (503, a confused session, is not), all else may be repeated.
 * From the content on: only the server's own answer to it counts, a lost connection says nothing.
 */
function classify(error: SmtpError, phase: Phase): SendResult {
  const reason = reasonOf(error, phase);
  const code = error.responseCode ?? 0;
  const answersMessage = error.code === 'EENVELOPE' || error.code === 'EMESSAGE';
  if (phase === 'content' && !(error.command === 'DATA' && answersMessage && code >= 400))
    return { kind: 'unknown', reason };
  const isFinal = answersMessage && ((code >= 500 && code !== 503) || error.command === 'API');
  return { kind: isFinal ? 'refused' : 'not_sent', reason };
}

function reasonOf(error: SmtpError, phase: Phase): string {
  const parts = [
    `SMTP ${phase}`,
    error.command !== undefined && /^[A-Z0-9 -]{1,20}$/.test(error.command) ? error.command : null,
    error.code !== undefined && /^[A-Z_]{1,30}$/.test(error.code) ? error.code : null,
    error.responseCode ? String(error.responseCode) : null,
  ];
  return parts.filter((part) => part !== null).join(' ');
}
