/** `/console/connections`, `/rules`, `/mapping`: how the service is set up, and what people decided for good. */
import { Router } from 'express';
import { z } from 'zod';
import { listConnectionLines } from '../../db/connection-lines';
import { listMatchRules, type MatchRulePosition } from '../../db/match-rules';
import { removeMatchRule } from '../acts/remove-match-rule';
import { decodeCursor, pageOf } from '../v1/cursor';
import { validate } from '../v1/validate';
import { answer, frameOf, notFound, saying, visitOf, type ConsoleDeps } from './console';
import { nameOf, peopleOf } from './people';
import { connectionsView, mappingView, rulesView } from './views/settings-views';

const SHOWN = 50;
const rulesQuery = z.object({ cursor: z.string().max(500).optional().catch(undefined) });
const positionShape: z.ZodType<MatchRulePosition> = z.object({ seq: z.number().int() });

export function settingsRoutes(deps: ConsoleDeps): Router {
  const router = Router();

  router.get('/connections', async (request, response) => {
    const { connections } = deps.console;
    const lines = await listConnectionLines(
      deps.db,
      connections.map(({ id }) => id),
    );
    const cards = connections.flatMap((one) =>
      lines.filter(({ connection }) => connection === one.id).map((line) => ({ ...one, line })),
    );
    const frame = frameOf(deps, request, response);
    answer(response, frame, { title: 'Connections', section: 'connections', body: connectionsView(frame, cards) });
  });

  router.get('/rules', async (request, response) => {
    const { cursor } = validate(rulesQuery, request.query, 'query');
    const rows = await listMatchRules(deps.db, { after: decodeCursor(cursor, positionShape), limit: SHOWN + 1 });
    const { page, nextCursor } = pageOf(rows, SHOWN, ({ seq }): MatchRulePosition => ({ seq }));
    const people = await peopleOf(
      deps,
      page.map(({ personId }) => personId),
    );
    const rules = page.map((rule) => ({ ...rule, guest: nameOf(people.get(rule.personId)) }));
    const frame = frameOf(deps, request, response);
    answer(response, frame, { title: 'Rules', section: 'rules', body: rulesView(frame, rules, nextCursor) });
  });

  router.post('/rules/:id/remove', async (request, response) => {
    const id = z.guid().safeParse(request.params.id);
    if (!id.success) throw notFound('rule', 'They are listed under Rules.');
    await removeMatchRule(deps, id.data, visitOf(response).operator);
    response.redirect(303, saying('/console/rules', 'removed'));
  });

  router.get('/mapping', (request, response) => {
    const frame = frameOf(deps, request, response);
    answer(response, frame, { title: 'Mapping', section: 'mapping', body: mappingView(deps.console.mapping) });
  });

  return router;
}
