/** Logs are searched with canaries: nothing personal, secret or quoted from others may pass. */
import pg from 'pg';
import { createLogger } from '../../config/logger';
import { CrmError } from '../../integrations/ports';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  write(createLogger({ name: 'test', level: 'info', destination }));
  return lines;
}

test('a line is JSON with name, level, time and what was given', () => {
  expect(logged((logger) => logger.info({ delivery: 'd1', state: 'done' }, 'settled'))).toEqual([
    expect.objectContaining({
      name: 'test',
      level: 30,
      msg: 'settled',
      delivery: 'd1',
      state: 'done',
      time: expect.stringMatching(/Z$/) as unknown,
    }),
  ]);
});

test('personal data and secrets are redacted by their keys, at the top and nested', () => {
  const person = { name: 'canary', email: 'canary', phone: 'canary', firstName: 'canary' };
  const [line] = logged((logger) =>
    logger.info(
      {
        email: 'canary',
        token: 'canary',
        body: { a: 'canary' },
        guest: person,
        fact: { host: person, answers: ['canary'] },
        person,
      },
      'x',
    ),
  );
  expect(JSON.stringify(line)).not.toContain('canary');
  expect(line).toMatchObject({ email: '[redacted]', person: { name: '[redacted]' } });
});

test('of an error only type, message, code and our own frames are written', () => {
  const error = new CrmError('invalid_data', 'hubspot.createPerson refused email', {
    vendorText: 'canary',
    cause: new Error('socket closed'),
  });
  const [line] = logged((logger) => logger.error({ err: error }, 'sync failed'));
  expect(line).toMatchObject({
    msg: 'sync failed',
    err: {
      type: 'CrmError',
      message: 'hubspot.createPerson refused email',
      cause: { type: 'Error', message: 'socket closed' },
    },
  });
  expect(JSON.stringify(line)).not.toMatch(/canary|node_modules/);
  expect(JSON.stringify(line)).toContain('test/config/logger.test.ts');
});

test.each([
  ['a parser quotes', () => JSON.parse('canary@example.com') as unknown],
  [
    'a mail server quotes',
    () => {
      throw new Error('550 <canary@example.com> or +12025550104 unknown');
    },
  ],
  [
    'PostgreSQL quotes',
    () => {
      throw Object.assign(new pg.DatabaseError('invalid uuid: "canary"', 1, 'error'), {
        code: '22P02',
        severity: 'ERROR',
      });
    },
  ],
])('what %s does not get into the log, with a message or without', (_who, fail) => {
  const lines = logged((logger) => {
    try {
      fail();
    } catch (error) {
      logger.error(error);
      logger.error({ err: error });
      logger.error({ err: error, error }, 'failed');
      logger.error(error, 'failed');
    }
  });
  expect(lines).toHaveLength(4);
  expect(JSON.stringify(lines)).not.toMatch(/canary|20255/);
});
