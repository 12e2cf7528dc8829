/** The environment: its defaults, and that wrong values are told together. */
import { readEnvironment } from '../../config/environment';

test('an empty environment means the embedded stack on its usual ports', () => {
  expect(readEnvironment({ DATABASE_URL: '' })).toEqual({
    host: '127.0.0.1',
    port: 3000,
    databaseUrl: null,
    temporalAddress: null,
    temporalNamespace: null,
    temporalPort: 7233,
    temporalUiPort: 8233,
    temporalUiAddress: null,
    simulatorsPort: 3900,
    smtpPort: 3925,
    configPath: null,
    dataDir: '.data',
    samples: true,
    apiToken: null,
    masterKey: null,
    logLevel: 'info',
    variables: { DATABASE_URL: '' },
  });
});

test('what is set is read', () => {
  const environment = readEnvironment({
    PORT: '0',
    BOOKSYNC_SAMPLES: 'off',
    TEMPORAL_ADDRESS: 'temporal:7233',
    LOG_LEVEL: 'debug',
  });
  expect(environment).toMatchObject({ port: 0, samples: false, temporalAddress: 'temporal:7233', logLevel: 'debug' });
});

test('every wrong variable is listed, without its value', () => {
  const wrong = {
    PORT: '70000',
    DATABASE_URL: 'canary',
    LOG_LEVEL: 'loud',
    TEMPORAL_ADDRESS: 'http://canary',
    BOOKSYNC_SAMPLES: 'yes',
  };
  expect(() => readEnvironment(wrong)).toThrow(
    [
      'The environment has 5 problems:',
      '  PORT: expected a port number from 0 to 65535',
      '  DATABASE_URL: expected an address such as postgres://user:password@host:5432/database?sslmode=require',
      '  TEMPORAL_ADDRESS: expected host:port',
      '  BOOKSYNC_SAMPLES: expected one of on, off',
      '  LOG_LEVEL: expected one of trace, debug, info, warn, error, fatal, silent',
    ].join('\n'),
  );
});
