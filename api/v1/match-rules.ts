/** `/api/v1/match-rules`: who a guest is in a CRM, as people decided it, and taking such a decision back. */
import { Router } from 'express';
import { z } from 'zod';
import { listMatchRules, type MatchRule, type MatchRulePosition } from '../../db/match-rules';
import { removeMatchRule } from '../acts/remove-match-rule';
import type { ApiDeps } from '../deps';
import { operatorOf } from './auth';
import { decodeCursor, pageOf } from './cursor';
import { isoInstant } from './instant';
import { idParams, listMatchRulesQuery, type matchRuleSchema } from './schemas';
import { validate } from './validate';

const positionShape: z.ZodType<MatchRulePosition> = z.object({ seq: z.number().int() });

export function matchRuleRoutes(deps: Pick<ApiDeps, 'db' | 'nowMs'>): Router {
  const router = Router();

  router.get('/', async (request, response) => {
    const { cursor, limit, connection } = validate(listMatchRulesQuery, request.query, 'query');
    const after = decodeCursor(cursor, positionShape);
    const rows = await listMatchRules(deps.db, { after, limit: limit + 1, connection });
    const { page, nextCursor } = pageOf(rows, limit, ({ seq }): MatchRulePosition => ({ seq }));
    response.json({ rules: page.map(presentRule), nextCursor });
  });

  router.delete('/:id', async (request, response) => {
    const { id } = validate(idParams, request.params, 'path');
    await removeMatchRule(deps, id, operatorOf(response));
    response.json({ removed: id });
  });

  return router;
}

const WORDS: Readonly<Record<MatchRule['choice']['choice'], string>> = {
  use_contact: 'is this contact',
  create_contact: 'gets a contact of their own',
  no_contact: 'gets no contact, and nothing of their bookings is written',
};

function presentRule(rule: MatchRule): z.output<typeof matchRuleSchema> {
  const { id, connection, choice, bookingId, decidedBy, decidedAtMs, bookings } = rule;
  return {
    id,
    connection,
    booking: bookingId,
    decidedBy,
    bookings,
    choice: choice.choice,
    personId: choice.choice === 'use_contact' ? choice.crmPersonId : null,
    decidedAt: isoInstant(decidedAtMs),
    why: `${decidedBy} decided on ${isoInstant(decidedAtMs).slice(0, 10)}: the guest ${WORDS[choice.choice]}`,
  };
}
