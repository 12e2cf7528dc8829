/**
 * An SMTP server on loopback that takes every message for every address and delivers none.
 * Invariant: a message is stored before its 250 is sent, never after; without a fault at `after_data` the two agree.
 */
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerSession } from 'smtp-server';
import type { MailFaultPlan, MailStep } from './faults';

/** What came over the wire. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
}

export interface MailSink {
  readonly port: number;
  close(): Promise<void>;
}

type Done = (error?: Error | null) => void;

/** Rejects when the port is taken. */
export async function startMailSink(options: {
  readonly host: string;
  readonly port: number;
  readonly faults: MailFaultPlan;
  readonly store: (mail: ReceivedMail) => void;
}): Promise<MailSink> {
  const sockets = new Map<string, Socket>();
  const closing = new AbortController();

  /** Lets a step happen as the plan says. A reset never calls `done`: the connection is gone. */
  const step = (name: MailStep, session: SMTPServerSession, done: Done): void => {
    const fault = options.faults.take(name);
    if (fault === null) return done();
    if (fault.action === 'reset') {
      sockets.get(socketKey(session))?.resetAndDestroy();
      return;
    }
    if (fault.action === 'reject') return done(smtpError(name === 'rcpt' ? 550 : 554, 'Refused by the fault plan'));
    if (fault.action === 'temp_fail') return done(smtpError(name === 'connect' ? 421 : 451, 'Try again later'));
    wait(fault.delayMs, undefined, { signal: closing.signal }).then(
      () => done(),
      () => sockets.get(socketKey(session))?.destroy(),
    );
  };

  const server = new SMTPServer({
    name: 'mail.simulator.invalid',
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 1,
    onConnect: (session, done) => step('connect', session, done),
    onRcptTo: (_address, session, done) => step('rcpt', session, done),
    onData(stream, session, done) {
      step('before_data', session, (refused) => {
        if (refused) return done(refused);
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          const from = mailFrom === false ? '' : mailFrom.address;
          options.store({ from, to: rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks) });
          step('after_data', session, done);
        });
      });
    },
  });
  // A client that hangs up, or that a fault cut off, is no trouble of ours.
  server.on('error', () => {});
  server.server.on('connection', (socket: Socket) => {
    const key = `${socket.remotePort}`;
    sockets.set(key, socket);
    socket.once('close', () => sockets.delete(key));
  });

  const port = await new Promise<number>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.server.off('error', reject);
      resolve((server.server.address() as AddressInfo).port);
    });
  });
  return {
    port,
    close() {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets.values()) socket.destroy();
      return closed;
    },
  };
}

function socketKey(session: SMTPServerSession): string {
  return `${session.remotePort}`;
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
