/**
 * `POST /api/v1/undo`: shows which CRM writes would be taken back, and takes them back where `run` says so.
 * Invariant: the plan is stored before its workflow is started; the answer is what is known by then.
 */
import express, { Router } from 'express';
import type { z } from 'zod';
import { previewUndo, readUndo, type UndoOutcome, type UndoSelection } from '../../db/undo';
import { undoWords, type UndoItem } from '../../domain/undo';
import { runUndo } from '../acts/run-undo';
import type { ApiDeps } from '../deps';
import { operatorOf } from './auth';
import { undoBody, type undoSchema } from './mapping-schemas';
import { validate } from './validate';

export function undoRoutes(deps: Pick<ApiDeps, 'db' | 'engine' | 'nowMs'>): Router {
  const router = Router();
  router.post('/', express.json({ limit: '16kb' }), async (request, response) => {
    const body = validate(undoBody, request.body, 'body');
    const selection = selectionOf(body);
    const items = await previewUndo(deps.db, selection);
    if (!body.run) return void response.json({ undo: null, records: items.map(planned) });
    const undo = await runUndo(deps, { selection, items, by: operatorOf(response) });
    response.json({ undo, records: (await readUndo(deps.db, undo)).map(present) });
  });
  return router;
}

function selectionOf(body: z.output<typeof undoBody>): UndoSelection {
  const { booking, mappingVersion, from, to, connection } = body;
  const kinds = body.kinds && { kinds: body.kinds };
  if (booking !== undefined) return { bookingId: booking, connection: connection ?? null, ...kinds };
  const between = { fromMs: Date.parse(from ?? ''), toMs: Date.parse(to ?? '') };
  return { mappingVersion: mappingVersion ?? '', ...between, connection: connection ?? null, ...kinds };
}

type Report = z.output<typeof undoSchema>['records'][number];

function present({ bookingId, connection, type, crmId, state, reason }: UndoOutcome): Report {
  return { booking: bookingId, connection, type, crmId, state, reason };
}

function planned({ bookingId, connection, type, crmId, plan }: UndoItem): Report {
  const state = plan.kind === 'leave' ? 'left' : 'planned';
  return { booking: bookingId, connection, type, crmId, state, reason: undoWords(plan) };
}
