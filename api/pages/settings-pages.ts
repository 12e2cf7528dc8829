/** `/console/connections`, `/rules`: how the service is set up, and what people decided for good. */
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { listConnectionLines } from '../../db/connection-lines';
import { listMatchRules, type MatchRulePosition } from '../../db/match-rules';
import { newConnectLink } from '../acts/connect-link';
import { removeMatchRule } from '../acts/remove-match-rule';
import { decodeCursor, pageOf } from '../v1/cursor';
import { validate } from '../v1/validate';
import { actOr, answer, frameOf, notFound, saying, visitOf, type ConsoleDeps } from './console';
import { nameOf, peopleOf } from './people';
import { connectLinkView } from './views/connect-view';
import type { Said } from './views/layout';
import { connectionsView, rulesView } from './views/settings-views';

const SHOWN = 50;
const rulesQuery = z.object({ cursor: z.string().max(500).optional().catch(undefined) });
const positionShape: z.ZodType<MatchRulePosition> = z.object({ seq: z.number().int() });

export function settingsRoutes(deps: ConsoleDeps): Router {
  const router = Router();

  router.get('/connections', async (request, response) => {
    await showConnections(deps, { request, response });
  });

  router.post('/connections/:connection/connect', async (request, response) => {
    const connection = String(request.params.connection);
    await actOr(
      response,
      async () => {
        const link = await newConnectLink(deps, { connection, by: visitOf(response).operator });
        const kind = deps.console.connections.find(({ id }) => id === connection)?.kind ?? 'the vendor';
        const frame = frameOf(deps, request, response);
        const body = connectLinkView({ connection, kind, link });
        answer(response, frame, { title: 'Connect an account', section: 'connections', body });
      },
      (said) => showConnections(deps, { request, response, said }),
    );
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

  return router;
}

async function showConnections(
  deps: ConsoleDeps,
  { request, response, said }: { request: Request; response: Response; said?: Said },
): Promise<void> {
  const { connections } = deps.console;
  const lines = await listConnectionLines(
    deps.db,
    connections.map(({ id }) => id),
  );
  const cards = connections.flatMap((one) =>
    lines
      .filter(({ connection }) => connection === one.id)
      .map((line) => ({ ...one, line, connects: deps.connect.connectors.has(one.id) })),
  );
  const frame = frameOf(deps, request, response, said);
  answer(response, frame, { title: 'Connections', section: 'connections', body: connectionsView(frame, cards) });
}
