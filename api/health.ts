/**
 * `/healthz` (this process), `/readyz` (everything that a booking needs to move), `/metrics`.
 * Invariant: each answers within a few seconds whatever is broken, and says what is broken.
 */
import { Router } from 'express';
import { countWork, ping, sourcesWithoutDispatcher } from '../db/health-view';
import type { ApiDeps } from './deps';
import { kindOf } from './errors';
import { createWorkGauges } from './gauges';
import { within } from './within';

const CHECK_TIMEOUT_MS = 2_000;

interface CheckResult {
  readonly ok: boolean;
  readonly detail: string;
}

export function healthRoutes(
  deps: Pick<ApiDeps, 'db' | 'vault' | 'engine' | 'sources' | 'metrics' | 'logger'>,
): Router {
  const router = Router();
  const { registry } = deps.metrics;
  const gauges = createWorkGauges(registry, () => within(CHECK_TIMEOUT_MS, countWork(deps.db, deps.sources)));

  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });

  router.get('/readyz', async (_request, response) => {
    const [database, temporal, dispatcher] = await Promise.all([
      check('database', () => checkDatabase(deps)),
      check('temporal', () => checkTemporal(deps)),
      check('dispatcher', () => checkDispatcher(deps)),
    ]);
    const ready = database.ok && temporal.ok && dispatcher.ok;
    response.status(ready ? 200 : 503).json({ ready, checks: { database, temporal, dispatcher } });
  });

  router.get('/metrics', async (_request, response) => {
    await gauges.refresh();
    response.set('content-type', registry.contentType).send(await registry.metrics());
  });

  async function check(name: string, run: () => Promise<CheckResult>): Promise<CheckResult> {
    try {
      return await within(CHECK_TIMEOUT_MS, run());
    } catch (error) {
      deps.logger.warn({ check: name, ...kindOf(error) }, 'readiness check failed');
      return { ok: false, detail: `no answer within ${CHECK_TIMEOUT_MS} ms, or an error; the log names it` };
    }
  }

  return router;
}

async function checkDatabase({ db, vault }: Pick<ApiDeps, 'db' | 'vault'>): Promise<CheckResult> {
  await ping(db);
  if (!vault())
    return { ok: false, detail: 'answers, but the schema is not there yet; the worker or `booksync migrate` makes it' };
  return { ok: true, detail: 'answers' };
}

async function checkTemporal({ engine }: Pick<ApiDeps, 'engine'>): Promise<CheckResult> {
  await engine.ping(CHECK_TIMEOUT_MS);
  return { ok: true, detail: 'answers' };
}

async function checkDispatcher({ db, sources }: Pick<ApiDeps, 'db' | 'sources'>): Promise<CheckResult> {
  const missing = await sourcesWithoutDispatcher(db, sources);
  if (missing.length === 0) return { ok: true, detail: `running for ${sources.length} source(s)` };
  return { ok: false, detail: `no worker dispatches ${missing.join(', ')}: deliveries are stored and wait` };
}
