/** The mail sink: what it stores, how sending to it goes wrong, and what of it survives a restart. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { SendMailOptions } from 'nodemailer';
import { startSimulators } from '../../../../local/simulators/server';
import type { Simulators } from '../../../../local/simulators/server';

const AT_MS = Date.UTC(2026, 10, 23, 9);
let simulators: Simulators;
beforeEach(async () => {
  simulators = await startSimulators({ port: 0, clock: () => AT_MS });
});
afterEach(() => simulators.close());

const send = async (mail: SendMailOptions = {}, port = simulators.smtpPort): Promise<void> => {
  const transport = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true });
  try {
    await transport.sendMail({
      messageId: '<m1@example.com>',
      from: 'Front desk <frontdesk@example.com>',
      to: 'sample.guest@example.com',
      subject: 'Your call',
      text: 'See you on Tuesday.',
      ...mail,
    });
  } finally {
    transport.close();
  }
};
const admin = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`${simulators.url}/mail/_admin/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};
const stored = () => simulators.mail.mailbox().messages;

describe('the sink stores', () => {
  test('envelope, subject, Message-ID, text and the raw message, listed on the admin path', async () => {
    await send({ cc: 'estimator@example.com' });
    expect((await admin('GET', 'messages')).body).toEqual({
      messages: [
        {
          n: 1,
          at: '2026-11-23T09:00:00.000Z',
          from: 'frontdesk@example.com',
          to: ['sample.guest@example.com', 'estimator@example.com'],
          subject: 'Your call',
          messageId: '<m1@example.com>',
          text: 'See you on Tuesday.',
          raw: expect.stringContaining('Message-ID: <m1@example.com>'),
        },
      ],
      countByMessageId: { '<m1@example.com>': 1 },
    });
  });

  test('the same message twice as two, and shows the count', async () => {
    await send();
    await send();
    expect(stored()).toHaveLength(2);
    expect(simulators.mail.mailbox().countByMessageId).toEqual({ '<m1@example.com>': 2 });
  });

  test('text as a reader sees it, whatever its encoding and parts', async () => {
    const text = `Grüße aus Zürich – bis Dienstag.  ${'lang '.repeat(30)}= Ende`;
    await send({
      subject: 'Ihr Termin am Dienstag – Bestätigung für das Gespräch über die neue Küche',
      text,
      html: '<p>Grüße</p>',
      icalEvent: { content: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR', method: 'PUBLISH' },
    });
    await send({ text, textEncoding: 'base64' });
    expect(stored().map((mail) => mail.text)).toEqual([text, text]);
    expect(stored()[0]?.subject).toBe('Ihr Termin am Dienstag – Bestätigung für das Gespräch über die neue Küche');
  });
});

describe('a fault', () => {
  test('after_data with reset stores the message and cuts the connection before the 250', async () => {
    await admin('POST', 'faults', { faults: [{ at: 'after_data', action: 'reset' }] });
    await expect(send()).rejects.toThrow();
    expect(stored()).toHaveLength(1);
    await send();
    expect(simulators.mail.mailbox().countByMessageId).toEqual({ '<m1@example.com>': 2 });
  });

  test.each([
    ['connect', 'reject', 554],
    ['connect', 'temp_fail', 421],
    ['rcpt', 'reject', 550],
    ['rcpt', 'temp_fail', 451],
    ['before_data', 'reject', 554],
    ['before_data', 'temp_fail', 451],
  ] as const)('%s with %s answers %i and stores nothing', async (at, action, responseCode) => {
    simulators.mail.setFaults([{ at, action }]);
    await expect(send()).rejects.toMatchObject({ responseCode });
    expect(stored()).toEqual([]);
    await send();
    expect(stored()).toHaveLength(1);
  });

  test.each(['connect', 'rcpt', 'before_data'] as const)('%s with reset stores nothing', async (at) => {
    simulators.mail.setFaults([{ at, action: 'reset' }]);
    await expect(send()).rejects.toThrow();
    expect(stored()).toEqual([]);
  });

  test.each([
    ['reject', 554],
    ['temp_fail', 451],
  ] as const)('after_data with %s lies: the message was stored', async (action, responseCode) => {
    simulators.mail.setFaults([{ at: 'after_data', action }]);
    await expect(send()).rejects.toMatchObject({ responseCode });
    expect(stored()).toHaveLength(1);
  });

  test('delay waits and then goes on', async () => {
    simulators.mail.setFaults([{ at: 'after_data', action: 'delay', delayMs: 30 }]);
    const startedAtMs = performance.now();
    await send();
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(29);
    expect(stored()).toHaveLength(1);
  });

  test('hits so many times, or with 0 for ever', async () => {
    simulators.mail.setFaults([{ at: 'rcpt', action: 'temp_fail', times: 2 }]);
    await expect(send()).rejects.toThrow();
    await expect(send()).rejects.toThrow();
    await send();
    simulators.mail.setFaults([{ at: 'rcpt', action: 'reject', times: 0 }]);
    for (let n = 0; n < 3; n += 1) await expect(send()).rejects.toThrow();
  });

  test.each([
    [{ at: 'data', action: 'reset' }, 'faults[0].at'],
    [{ at: 'rcpt', action: 'delay' }, 'delayMs'],
    [{ at: 'rcpt', action: 'reset', delayMs: 5 }, 'delayMs'],
  ])('%j is refused with a clear answer', async (fault, explanation) => {
    const answer = await admin('POST', 'faults', { faults: [fault] });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(explanation);
  });
});

test('reset forgets messages and faults', async () => {
  await send();
  simulators.mail.setFaults([{ at: 'rcpt', action: 'reject' }]);
  await admin('POST', 'reset');
  await send();
  expect(stored()).toMatchObject([{ n: 1 }]);
});

test('messages survive a restart and count on', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'simulators-'));
  try {
    const before = await startSimulators({ port: 0, stateDir });
    await send({}, before.smtpPort);
    const { messages } = before.mail.mailbox();
    await before.close();
    const after = await startSimulators({ port: 0, stateDir });
    await send({}, after.smtpPort);
    const mailbox = after.mail.mailbox();
    await after.close();
    expect(mailbox.messages.slice(0, 1)).toEqual(messages);
    expect(mailbox.countByMessageId).toEqual({ '<m1@example.com>': 2 });
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
});
