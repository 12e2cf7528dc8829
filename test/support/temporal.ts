/** Temporal servers for tests: the time-skipping one, and the real dev server, both with our search attributes. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { temporal } from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Connection, type ConnectionLike } from '@temporalio/client';
import { IllegalStateError } from '@temporalio/common';
import { DefaultLogger, Runtime, type Logger } from '@temporalio/worker';
import { Part } from '../../local/part';
import { freePort } from '../../local/ports';
import { claimDataDir, ProcessRegister } from '../../local/processes';
import { temporalTestServerPath } from '../../local/programs';
import { temporalPart } from '../../local/temporal';
import { searchAttributes } from '../../workflows/contract';
import { cleanUp } from './clean-up';
import { makeTestDirectory } from './directories';
import { eventually } from './eventually';

/**
 * Only warnings of the SDK reach the test output, or only errors where attempts fail on purpose. The SDK's runtime belongs to the
 * process, not to the test file, and refuses to be installed twice: a later file gives it another logger.
 */
export function quietTemporal(level: 'WARN' | 'ERROR' = 'WARN'): void {
  const held = (Reflect.get(globalThis, LOGGER) as { current: Logger } | undefined) ?? { current: new DefaultLogger() };
  held.current = new DefaultLogger(level);
  Reflect.set(globalThis, LOGGER, held);
  const logger: Logger = {
    log: (...said) => held.current.log(...said),
    trace: (...said) => held.current.trace(...said),
    debug: (...said) => held.current.debug(...said),
    info: (...said) => held.current.info(...said),
    warn: (...said) => held.current.warn(...said),
    error: (...said) => held.current.error(...said),
  };
  try {
    Runtime.install({ logger });
  } catch (error) {
    if (!(error instanceof IllegalStateError)) throw error;
  }
}

const LOGGER = Symbol.for('booksync.test.temporal-logger');

/**
 * A server whose clock jumps to the next timer while `result()` or `env.sleep()` waits. One per test file; it ends with the file.
 * The business clock of a test is `env.currentTimeMs()`, never `Date.now()`.
 */
export async function timeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  const executable = { type: 'existing-path', path: temporalTestServerPath() } as const;
  // The SDK gives the server five seconds and not more, which a busy machine sometimes needs twice.
  const env = await eventually(() => TestWorkflowEnvironment.createTimeSkipping({ server: { executable } }), {
    what: 'the time-skipping test server',
  });
  let ended: Promise<void> | undefined;
  const teardown = env.teardown.bind(env);
  env.teardown = () => (ended ??= teardown());
  cleanUp(() => env.teardown());
  await registerSearchAttributes(env.connection);
  return env;
}

/** The workflows as bundled once for this run: `Worker.create({ workflowBundle: workflowBundle(), … })`. */
export function workflowBundle(): { readonly codePath: string } {
  const codePath = process.env.BOOKSYNC_TEST_BUNDLE;
  if (codePath !== undefined) return { codePath };
  throw new Error(
    'No workflow bundle was made for this run: a file that needs it is named *.wf.test.ts, *.replay.test.ts or *.e2e.test.ts.',
  );
}

export interface DevServerOptions {
  /** A SQLite file that a later server goes on with; absent: in memory. */
  readonly dbFilename?: string;
}

export interface DevServer {
  readonly address: string;
  stop(): Promise<void>;
  kill9(): Promise<void>;
  /** Starts it again on the same port; with a file, everything is still there. */
  restart(): Promise<void>;
}

/** A real Temporal server (namespace `default`, no Web UI) with our search attributes. It ends with the test file. */
export async function devServer({ dbFilename }: DevServerOptions = {}): Promise<DevServer> {
  const dataDir = makeTestDirectory();
  cleanUp(() => rmSync(dataDir, { recursive: true, force: true }));
  claimDataDir(dataDir);
  const port = await freePort();
  const dbFile = dbFilename === undefined ? null : path.resolve(dbFilename);
  const definition = temporalPart({ port, uiPort: null, dbFile, say: (line) => process.stderr.write(`${line}\n`) });
  const part = new Part(definition, { dataDir, register: new ProcessRegister(dataDir) });
  cleanUp(() => part.kill9());
  const address = `127.0.0.1:${port}`;
  const start = async (): Promise<void> => {
    await part.start();
    const connection = await Connection.connect({ address });
    await registerSearchAttributes(connection).finally(() => connection.close());
  };
  await start();
  return { address, stop: () => part.stop(), kill9: () => part.kill9(), restart: () => part.stop().then(start) };
}

const ALREADY_EXISTS = 6;

/** Registers the attributes of workflows/contract.ts in namespace `default`. The time-skipping server rejects unknown ones. */
async function registerSearchAttributes(connection: ConnectionLike): Promise<void> {
  const types = temporal.api.enums.v1.IndexedValueType;
  for (const { name, type } of Object.values(searchAttributes)) {
    await connection.operatorService
      .addSearchAttributes({ namespace: 'default', searchAttributes: { [name]: types[`INDEXED_VALUE_TYPE_${type}`] } })
      .catch((error: { readonly code?: number }) => {
        if (error.code !== ALREADY_EXISTS) throw error;
      });
  }
}
