import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { createSmtpMessenger, type SmtpMessengerSettings } from '../../../integrations/email/messenger';
import type { OutgoingMessage } from '../../../integrations/ports';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function messenger(port: number, more: Partial<SmtpMessengerSettings> = {}, login = '') {
  const made = createSmtpMessenger({
    smtpUrl: `smtp://${login}127.0.0.1:${port}`,
    from: 'Front desk <frontdesk@example.com>',
    ...more,
  });
  closers.push(() => Promise.resolve(made.close()));
  return made;
}

const message = (more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  id: 'm-1',
  to: { address: 'canary.guest@example.com', name: 'Ada Sample' },
  subject: 'Your appointment',
  text: 'See you then.',
  calendar: null,
  ...more,
});

interface Mailbox {
  readonly port: number;
  readonly mails: string[];
}

/** A real SMTP server that keeps what it takes; hooks make it refuse. */
async function mailServer(options: SMTPServerOptions = {}): Promise<Mailbox> {
  const mails: string[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString('utf8'));
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  closers.push(() => new Promise((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as AddressInfo).port, mails };
}

const refuse = (code: number) => Object.assign(new Error('canary server text'), { responseCode: code });

type Step = string | 'cut' | 'silence';
interface Script {
  readonly greeting?: Step;
  readonly mail?: Step;
  readonly rcpt?: Step;
  readonly data?: Step;
  /** After the message's last line. */
  readonly content?: Step;
}

/** A line-by-line SMTP server that can go silent or cut the connection at any step. */
async function scriptedServer(script: Script, extensions: readonly string[] = []): Promise<number> {
  const server: Server = createServer((socket) => {
    const sockets = socket;
    let inContent = false;
    let buffer = '';
    const say = (step: Step): void => {
      if (step === 'cut') sockets.destroy();
      else if (step !== 'silence') sockets.write(`${step}\r\n`);
    };
    const answer = (line: string): void => {
      if (inContent) {
        if (line === '.') say(script.content ?? '250 ok');
        return;
      }
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') say(['250-tiny', ...extensions.map((name) => `250-${name}`), '250 HELP'].join('\r\n'));
      else if (verb === 'MAIL') say(script.mail ?? '250 ok');
      else if (verb === 'RCPT') say(script.rcpt ?? '250 ok');
      else if (verb === 'DATA') {
        say(script.data ?? '354 go ahead');
        inContent = (script.data ?? '354').startsWith('354');
      } else say('221 bye');
    };
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      buffer += chunk.toString('utf8');
      const lines = buffer.split('\r\n');
      buffer = lines.pop() ?? '';
      lines.forEach(answer);
    });
    open.add(socket);
    say(script.greeting ?? '220 tiny');
  });
  const open = new Set<{ destroy(): void }>();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  );
  return (server.address() as AddressInfo).port;
}

describe('sending e-mail', () => {
  it('delivers once, under a Message-ID that repeats with the message', async () => {
    const { port, mails } = await mailServer();
    const smtp = messenger(port);
    expect(await smtp.send(message())).toEqual({ kind: 'sent', providerId: null });
    expect(await smtp.send(message())).toMatchObject({ kind: 'sent' });
    expect(mails).toHaveLength(2);
    for (const mail of mails) {
      expect(mail).toContain('Message-ID: <m-1@booksync.invalid>');
      expect(mail).toContain('From: Front desk <frontdesk@example.com>');
      expect(mail).toContain('To: Ada Sample <canary.guest@example.com>');
      expect(mail).toContain('Auto-Submitted: auto-generated');
    }
  });

  it('carries the calendar file as a calendar part with its method', async () => {
    const { port, mails } = await mailServer();
    const calendar = { content: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n', method: 'CANCEL' } as const;
    await messenger(port).send(message({ calendar }));
    expect(mails[0]).toMatch(/Content-Type: text\/calendar; charset=utf-8;\s+method=CANCEL/);
    expect(mails[0]).toContain('appointment.ics');
  });

  it('keeps a guest’s name and a subject from adding headers or recipients', async () => {
    const { port, mails } = await mailServer();
    const to = { address: 'canary.guest@example.com', name: 'A\r\nBcc: evil@example.com' };
    expect(await messenger(port).send(message({ to, subject: 'x\r\nBcc: evil@example.com' }))).toMatchObject({
      kind: 'sent',
    });
    expect(mails[0]).not.toMatch(/^Bcc:/m);
  });

  it.each(['', 'a@example.com, b@example.com', 'a@example.com>\r\nRCPT TO:<b@example.com'])(
    'refuses "%s" as a recipient without more ado',
    async (address) => {
      const { port, mails } = await mailServer();
      expect(await messenger(port).send(message({ to: { address, name: null } }))).toMatchObject({ kind: 'refused' });
      expect(mails).toEqual([]);
    },
  );

  const steps: readonly [string, Script, 'not_sent' | 'refused' | 'unknown'][] = [
    ['cuts before its greeting', { greeting: 'cut' }, 'not_sent'],
    ['never greets', { greeting: 'silence' }, 'not_sent'],
    ['is closed for business', { greeting: '554 canary' }, 'not_sent'],
    ['is too busy', { greeting: '421 canary' }, 'not_sent'],
    ['refuses the sender for good', { mail: '550 canary' }, 'refused'],
    ['refuses the sender for now', { mail: '451 canary' }, 'not_sent'],
    ['refuses the recipient for good', { rcpt: '550 canary' }, 'refused'],
    ['greylists the recipient', { rcpt: '450 canary' }, 'not_sent'],
    ['closes down at the recipient', { rcpt: '421 canary' }, 'not_sent'],
    ['cuts at the recipient', { rcpt: 'cut' }, 'not_sent'],
    ['goes silent at the recipient', { rcpt: 'silence' }, 'not_sent'],
    ['refuses to take data for good', { data: '554 canary' }, 'refused'],
    ['refuses to take data for now', { data: '451 canary' }, 'not_sent'],
    ['has lost track of the session', { data: '503 canary' }, 'not_sent'],
    ['cuts instead of taking data', { data: 'cut' }, 'not_sent'],
    ['refuses the content for good', { content: '554 canary' }, 'refused'],
    ['refuses the content for now', { content: '451 canary' }, 'not_sent'],
    ['closes down instead of taking the content', { content: '421 canary' }, 'not_sent'],
    ['cuts after the content', { content: 'cut' }, 'unknown'],
    ['goes silent after the content', { content: 'silence' }, 'unknown'],
    ['answers the content with nonsense', { content: 'canary' }, 'unknown'],
  ];
  describe.each([
    ['one command at a time', []],
    ['pipelined', ['PIPELINING']],
  ])('%s', (_how, extensions) => {
    it.each(steps)('tells what became of a message when the server %s', async (_what, script, kind) => {
      const port = await scriptedServer(script, extensions);
      const result = await messenger(port, { connectionTimeoutMs: 150, socketTimeoutMs: 150 }).send(message());
      expect(result).toMatchObject({ kind });
      expect(JSON.stringify(result)).not.toMatch(/canary|example/i);
    });
  });

  it('says so when nobody listens', async () => {
    const port = await scriptedServer({});
    await closers.pop()?.();
    expect(await messenger(port).send(message())).toEqual({ kind: 'not_sent', reason: 'SMTP connect CONN ESOCKET' });
  });

  it('may be repeated when the login fails, because a person can mend that', async () => {
    const { port } = await mailServer({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(refuse(535)),
    });
    const result = await messenger(port, {}, 'user:canary-secret@').send(message());
    expect(result).toMatchObject({ kind: 'not_sent' });
    expect(JSON.stringify(result)).not.toMatch(/canary/i);
  });

  it('names the SMTP code and the command, and nothing else', async () => {
    const { port } = await mailServer({ onRcptTo: (_address, _session, done) => done(refuse(550)) });
    expect(await messenger(port).send(message())).toEqual({
      kind: 'refused',
      reason: 'SMTP envelope RCPT TO EENVELOPE 550',
    });
  });

  it('uses a connection for the next message too, and ends it on close', async () => {
    let connections = 0;
    const { port, mails } = await mailServer({ onConnect: (_session, done) => done((connections++, null)) });
    const smtp = messenger(port);
    for (let n = 0; n < 3; n += 1) expect(await smtp.send(message())).toMatchObject({ kind: 'sent' });
    expect(mails).toHaveLength(3);
    expect(connections).toBe(1);
    const two = await Promise.all([smtp.send(message()), smtp.send(message())]);
    expect(two.map(({ kind }) => kind)).toEqual(['sent', 'sent']);
    expect(connections).toBe(2);
  });

  it('sends over a new connection what a server does not take on a used one', async () => {
    let mailsFrom = 0;
    const { port, mails } = await mailServer({
      onMailFrom: (_address, _session, done) => done((mailsFrom += 1) === 2 ? refuse(421) : null),
    });
    const smtp = messenger(port);
    for (let n = 0; n < 2; n += 1) expect(await smtp.send(message())).toMatchObject({ kind: 'sent' });
    expect(mails).toHaveLength(2);
    expect(mailsFrom).toBe(3);
  });

  it('does not repeat on a new connection what a used one may have taken', async () => {
    let contents = 0;
    const { port } = await mailServer({
      onData(stream, _session, done) {
        contents += 1;
        stream.resume().on('end', () => (contents === 1 ? done() : undefined));
      },
    });
    const smtp = messenger(port, { socketTimeoutMs: 150 });
    expect(await smtp.send(message())).toMatchObject({ kind: 'sent' });
    expect(await smtp.send(message())).toMatchObject({ kind: 'unknown' });
    expect(contents).toBe(2);
  });

  it('ends open connections on close without claiming that anything was sent', async () => {
    let arrived = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (arrived = resolve));
    const { port } = await mailServer({ onMailFrom: () => arrived() });
    const smtp = messenger(port);
    const sending = smtp.send(message());
    await waiting;
    smtp.close();
    expect(await sending).toMatchObject({ kind: 'not_sent' });
  });
});
