/**
 * The process environment, read and checked in one place.
 * Invariant: nothing else reads process.env; what others need from it is passed on as `Environment`.
 */
import { z } from 'zod';
import { ConfigError } from './problems';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Environment {
  /** Address that the API listens on. */
  readonly host: string;
  /** 0 lets the system choose, for tests. */
  readonly port: number;
  /** Null: the embedded database. */
  readonly databaseUrl: string | null;
  /** Null: the embedded Temporal server, or what a Temporal profile says. */
  readonly temporalAddress: string | null;
  readonly temporalNamespace: string | null;
  /** Ports of the embedded Temporal server. */
  readonly temporalPort: number;
  readonly temporalUiPort: number;
  /** Where people reach the Temporal Web UI, for links to workflows; null: there are none. */
  readonly temporalUiAddress: string | null;
  readonly simulatorsPort: number;
  readonly smtpPort: number;
  /** Path of booksync.yaml; null: the example. */
  readonly configPath: string | null;
  readonly dataDir: string;
  /** Whether the embedded stack plays its samples. */
  readonly samples: boolean;
  readonly apiToken: string | null;
  /** See `parseMasterKeys`. Null: the embedded stack makes one. */
  readonly masterKey: string | null;
  readonly logLevel: LogLevel;
  /** Everything that is set: for `env:NAME` in booksync.yaml and for Temporal's standard variables. */
  readonly variables: Readonly<Record<string, string>>;
}

/** `NAME=` in an .env file means the same as no NAME at all. */
const unsetWhenEmpty = (value: unknown): unknown => (value === '' ? undefined : value);
const text = z.preprocess(unsetWhenEmpty, z.string().nullable().default(null));
const port = (fallback: number) =>
  z.preprocess(
    unsetWhenEmpty,
    z
      .string()
      .regex(/^\d{1,5}$/, 'expected a port number from 0 to 65535')
      .transform(Number)
      .refine((value) => value <= 65_535, 'expected a port number from 0 to 65535')
      .default(fallback),
  );
const choice = <const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) =>
  z.preprocess(unsetWhenEmpty, z.enum(values, `expected one of ${values.join(', ')}`).default(fallback as never));

function isPostgresUrl(value: string | null): boolean {
  return value === null || (URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol));
}

function isWebAddress(value: string | null): boolean {
  return value === null || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol));
}

const schema = z.object({
  HOST: z.preprocess(unsetWhenEmpty, z.string().default('127.0.0.1')),
  PORT: port(3000),
  DATABASE_URL: text.refine(
    isPostgresUrl,
    'expected an address such as postgres://user:password@host:5432/database?sslmode=require',
  ),
  TEMPORAL_ADDRESS: text.refine((value) => value === null || /^[^\s/]+:\d{1,5}$/.test(value), 'expected host:port'),
  TEMPORAL_NAMESPACE: text,
  TEMPORAL_PORT: port(7233),
  TEMPORAL_UI_PORT: port(8233),
  TEMPORAL_UI_ADDRESS: text.refine(isWebAddress, 'expected an address such as https://temporal.example.com'),
  SIMULATORS_PORT: port(3900),
  SMTP_PORT: port(3925),
  BOOKSYNC_CONFIG: text,
  BOOKSYNC_DATA_DIR: z.preprocess(unsetWhenEmpty, z.string().default('.data')),
  BOOKSYNC_SAMPLES: choice(['on', 'off'], 'on'),
  BOOKSYNC_API_TOKEN: text,
  BOOKSYNC_MASTER_KEY: text,
  LOG_LEVEL: choice(LOG_LEVELS, 'info'),
});

/** Throws `ConfigError` with every variable that can't be used; values are not printed. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => ({
      line: null,
      place: issue.path.join('.'),
      text: issue.message,
    }));
    throw new ConfigError('The environment', problems);
  }
  const values = parsed.data;
  return {
    host: values.HOST,
    port: values.PORT,
    databaseUrl: values.DATABASE_URL,
    temporalAddress: values.TEMPORAL_ADDRESS,
    temporalNamespace: values.TEMPORAL_NAMESPACE,
    temporalPort: values.TEMPORAL_PORT,
    temporalUiPort: values.TEMPORAL_UI_PORT,
    temporalUiAddress: values.TEMPORAL_UI_ADDRESS?.replace(/\/+$/, '') ?? null,
    simulatorsPort: values.SIMULATORS_PORT,
    smtpPort: values.SMTP_PORT,
    configPath: values.BOOKSYNC_CONFIG,
    dataDir: values.BOOKSYNC_DATA_DIR,
    samples: values.BOOKSYNC_SAMPLES === 'on',
    apiToken: values.BOOKSYNC_API_TOKEN,
    masterKey: values.BOOKSYNC_MASTER_KEY,
    logLevel: values.LOG_LEVEL,
    variables: Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  };
}
