/** `/console`: Today. Invariant: shown from the database within a second, whether or not Temporal answers. */
import { Router } from 'express';
import { wallClock, instantAtWall, localTime } from '../../config/zones';
import { listBookingLines } from '../../db/booking-lines';
import { listConnectionLines } from '../../db/connection-lines';
import { sourcesWithoutDispatcher } from '../../db/health-view';
import { countOpenTasks, listTasks } from '../../db/task-view';
import { within } from '../within';
import { answer, frameOf, type ConsoleDeps } from './console';
import { named, namedTasks } from './people';
import { todayView, type Health } from './views/today-view';

const SHOWN_TASKS = 12;
const SHOWN_SLOTS = 200;
/** A page must not wait for Temporal. */
export const LIVE_WITHIN_MS = 600;

export function todayRoutes(deps: ConsoleDeps): Router {
  const router = Router();
  router.get('/', async (request, response) => {
    const frame = frameOf(deps, request, response);
    const { fromMs, toMs } = dayOf(frame.nowMs, frame.zone);
    const [tasks, openTasks, slots, health] = await Promise.all([
      listTasks(deps.db, {
        filter: { state: 'open', rests: { is: false, nowMs: frame.nowMs } },
        after: null,
        limit: SHOWN_TASKS,
      }),
      countOpenTasks(deps.db, frame.nowMs),
      listBookingLines(deps.db, {
        filter: { fromMs, toMs },
        after: null,
        limit: SHOWN_SLOTS,
        nowMs: frame.nowMs,
        order: 'earliest',
      }),
      healthOf(deps),
    ]);
    const body = todayView(frame, {
      openTasks,
      health,
      tasks: await namedTasks(deps, tasks),
      slots: await named(deps, slots),
    });
    answer(response, frame, { title: 'Today', section: 'today', body });
  });
  return router;
}

/** The calendar day of the instant, from its midnight to the next. */
export function dayOf(atMs: number, zone: string): { readonly fromMs: number; readonly toMs: number } {
  const { year, month, day } = localTime(atMs, zone);
  const fromMs = instantAtWall(Date.UTC(year, month - 1, day), zone);
  return { fromMs, toMs: wallClock.plusDays(fromMs, zone, 1) };
}

async function healthOf(deps: ConsoleDeps): Promise<Health> {
  const [connections, withoutDispatcher, engine] = await Promise.all([
    listConnectionLines(
      deps.db,
      deps.console.connections.map(({ id }) => id),
    ),
    sourcesWithoutDispatcher(deps.db, deps.sources),
    within(LIVE_WITHIN_MS, deps.engine.ping(LIVE_WITHIN_MS)).then(
      () => true,
      () => false,
    ),
  ]);
  const sum = (of: (line: (typeof connections)[number]) => number): number =>
    connections.reduce((total, line) => total + of(line), 0);
  const oldest = connections.map((line) => line.oldestWaitingAtMs).filter((atMs) => atMs !== null);
  return {
    connections,
    withoutDispatcher,
    engine,
    lagSeconds: oldest.length === 0 ? 0 : Math.max(0, (deps.nowMs() - Math.min(...oldest)) / 1_000),
    waiting: sum((line) => line.deliveries.stored),
    dead: sum((line) => line.deliveries.dead),
    parked: sum((line) => line.bookings.parked ?? 0),
  };
}
