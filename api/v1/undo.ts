/**
 * `POST /api/v1/undo`: shows which CRM writes would be taken back, and takes them back where `run` says so.
 * Invariant: the plan is stored before its workflow is started; the answer is what is known by then.
 */
import express, { Router } from 'express';
import type { z } from 'zod';
import { withTransaction } from '../../db/pool';
import { previewUndo, readUndo, startUndo, type UndoOutcome, type UndoSelection } from '../../db/undo';
import { addAuditEntry } from '../../db/tasks';
import type { UndoItem } from '../../domain/undo';
import type { ApiDeps } from '../deps';
import { engineAway } from '../errors';
import { undoBody, type undoSchema } from './mapping-schemas';
import { validate } from './validate';

export function undoRoutes(deps: Pick<ApiDeps, 'db' | 'engine' | 'nowMs'>): Router {
  const router = Router();
  router.post('/', express.json({ limit: '16kb' }), async (request, response) => {
    const body = validate(undoBody, request.body, 'body');
    const selection = selectionOf(body);
    const items = await previewUndo(deps.db, selection);
    if (!body.run) return void response.json({ undo: null, records: items.map(planned) });
    const nowMs = deps.nowMs();
    const undo = await withTransaction(deps.db, async (tx) => {
      const id = await startUndo(tx, { selection, items, by: 'operator', nowMs });
      const detail = { records: items.length };
      await addAuditEntry(tx, { nowMs, actor: 'operator', action: 'undo.started', subject: id, detail });
      return id;
    });
    if (!(await deps.engine.startUndo(undo))) throw engineAway();
    response.json({ undo, records: (await readUndo(deps.db, undo)).map(present) });
  });
  return router;
}

function selectionOf({ booking, mappingVersion, from, to, connection }: z.output<typeof undoBody>): UndoSelection {
  if (booking !== undefined) return { bookingId: booking };
  const between = { fromMs: Date.parse(from ?? ''), toMs: Date.parse(to ?? '') };
  return { mappingVersion: mappingVersion ?? '', ...between, connection: connection ?? null };
}

type Report = z.output<typeof undoSchema>['records'][number];

function present({ bookingId, connection, type, crmId, state, reason }: UndoOutcome): Report {
  return { booking: bookingId, connection, type, crmId, state, reason };
}

function planned({ bookingId, connection, type, crmId, plan }: UndoItem): Report {
  const reason = plan.kind === 'leave' ? plan.why : `${plan.expect.stageId} → ${plan.restore.stageId}`;
  return { booking: bookingId, connection, type, crmId, state: plan.kind === 'leave' ? 'left' : 'planned', reason };
}
