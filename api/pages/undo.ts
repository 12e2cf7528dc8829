/**
 * `/console/undo`: what taking CRM writes back would do, of one booking or of a mapping within a time, and doing it.
 * Invariant: a GET changes nothing; what is taken back is what the page showed, else it is shown again.
 */
import { createHash } from 'node:crypto';
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { instantAtWall } from '../../config/zones';
import { previewUndo, readUndo, type UndoSelection } from '../../db/undo';
import { listMappingVersions, listUndoRuns } from '../../db/undo-runs';
import { UNDO_KINDS, type UndoItem } from '../../domain/undo';
import { runUndo } from '../acts/run-undo';
import { HttpError } from '../errors';
import { actOr, answer, frameOf, notFound, saying, visitOf, type ConsoleDeps } from './console';
import { fieldsOf } from './sign-in';
import { undoLines } from './undo-lines';
import type { Said } from './views/layout';
import { fieldValueAt } from './views/times';
import { UNDO_PATH, undoRunView, undoView, type UndoQuery } from './views/undo-view';

const SHOWN_MAPPINGS = 20;
const SHOWN_RUNS = 10;
const DAY_MS = 24 * 3_600_000;

/** What PostgreSQL can't hold can't be there. */
const text = z
  .string()
  .max(600)
  .regex(/^[^\0]*$/)
  .catch('');
const kind = z.enum(UNDO_KINDS).nullable().catch(null);
const asked = z.object({ booking: text, mapping: text, from: text, to: text, kind });

export function undoRoutes(deps: ConsoleDeps): Router {
  const router = Router();

  router.get('/undo', (request, response) => show(deps, { request, response, query: queryOf(deps, request.query) }));

  router.post('/undo', async (request, response) => {
    const fields = fieldsOf(request);
    const query = queryOf(deps, fields);
    await actOr(
      response,
      async () => {
        const undo = await takeBack(deps, { query, seen: fields.seen, by: visitOf(response).operator });
        response.redirect(303, saying(`${UNDO_PATH}/${undo}`, 'undone'));
      },
      (said) => show(deps, { request, response, query, said }),
    );
  });

  router.get('/undo/:id', async (request, response) => {
    const id = z.guid().safeParse(request.params.id);
    const [run] = id.success ? await listUndoRuns(deps.db, { limit: 1, id: id.data }) : [];
    if (run === undefined) throw notFound('undo', 'Those that were are listed under Mapping.');
    const frame = frameOf(deps, request, response);
    const body = undoRunView(frame, run, await readUndo(deps.db, run.id));
    answer(response, frame, { title: 'CRM writes taken back', section: sectionOf('bookingId' in run.selection), body });
  });

  return router;
}

const sectionOf = (isOfBooking: boolean) => (isOfBooking ? 'bookings' : 'mapping');

/** Without times, the last day. */
function queryOf({ console: { zone }, nowMs }: ConsoleDeps, given: unknown): UndoQuery {
  const { booking, mapping, from, to, kind: only } = asked.parse(given);
  const now = nowMs();
  return {
    booking: booking === '' ? null : booking,
    mapping: mapping === '' ? null : mapping,
    kind: only,
    from: from === '' ? fieldValueAt(now - DAY_MS, zone) : from,
    to: to === '' ? fieldValueAt(now + 60_000, zone) : to,
  };
}

/** Null: nothing was asked for. Throws `HttpError` 400 where the times are none. */
function selectionOf({ booking, mapping, from, to, kind: only }: UndoQuery, zone: string): UndoSelection | null {
  const kinds = only !== null && { kinds: [only] };
  if (booking !== null) return { bookingId: booking, ...kinds };
  if (mapping === null) return null;
  const [fromMs, toMs] = [from, to].map((wall) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(wall) ? instantAtWall(Date.parse(`${wall.slice(0, 16)}:00Z`), zone) : NaN,
  ) as [number, number];
  if (!(fromMs <= toMs)) {
    const message = 'These times make no sense: choose a first and a last one, in their order.';
    throw new HttpError({ status: 400, code: 'invalid_request', message });
  }
  const at = mapping.lastIndexOf('/');
  return { mappingVersion: mapping.slice(at + 1), connection: mapping.slice(0, at), fromMs, toMs, ...kinds };
}

async function takeBack(deps: ConsoleDeps, of: { query: UndoQuery; seen: unknown; by: string }): Promise<string> {
  const selection = selectionOf(of.query, deps.console.zone);
  const items = selection === null ? [] : await previewUndo(deps.db, selection);
  if (selection === null || fingerprint(items) !== of.seen) {
    const message = 'What would happen has changed since this was shown, so nothing was done. Look at it again.';
    throw new HttpError({ status: 409, code: 'undo_changed', message });
  }
  return runUndo(deps, { selection, items, by: of.by });
}

/** Of the plan, by which the page and what is done are compared. */
const fingerprint = (items: readonly UndoItem[]): string =>
  createHash('sha256').update(JSON.stringify(items)).digest('base64url');

async function show(
  deps: ConsoleDeps,
  shown: { request: Request; response: Response; query: UndoQuery; said?: Said },
): Promise<void> {
  const { request, response, query } = shown;
  const { items, problem } = await itemsOf(deps, query);
  const said = shown.said ?? (problem === null ? undefined : { text: problem, isBad: true });
  const [mappings, runs, lines] = await Promise.all([
    listMappingVersions(deps.db, SHOWN_MAPPINGS),
    listUndoRuns(deps.db, { limit: SHOWN_RUNS }),
    items && undoLines(deps, items),
  ]);
  const frame = frameOf(deps, request, response, said);
  const body = undoView(frame, { query, lines, seen: fingerprint(items ?? []), mappings, runs });
  answer(response, frame, { title: 'Take CRM writes back', section: sectionOf(query.booking !== null), body });
}

async function itemsOf(
  deps: ConsoleDeps,
  query: UndoQuery,
): Promise<{ items: UndoItem[] | null; problem: string | null }> {
  try {
    const selection = selectionOf(query, deps.console.zone);
    return { items: selection && (await previewUndo(deps.db, selection)), problem: null };
  } catch (error) {
    if (error instanceof HttpError) return { items: null, problem: error.message };
    throw error;
  }
}
