/**
 * `/task/{link}`: what a notice about a task leads to, without a session: which question, and the way to the console.
 * Invariant: it shows kind, state and due time only; to see more, or to decide, one has to sign in.
 */
import { Router } from 'express';
import { findTask, type TaskDetail } from '../../db/task-view';
import { readLink, type ReadLink } from '../../db/signed-links';
import { HttpError } from '../errors';
import { answer, frameOf, type ConsoleDeps } from './console';
import { errorPage, notKept } from './page-rules';
import { taskLinkView } from './views/task-link-view';

export function taskLinkRoutes(deps: ConsoleDeps): Router {
  const router = Router();
  router.use(notKept);
  router.get('/:link', async (request, response) => {
    const vault = deps.vault();
    if (vault === null) {
      const message = 'This service is just starting. Open the link again in a minute; it stays good.';
      throw new HttpError({ status: 503, code: 'not_ready', message });
    }
    const read = readLink(vault, request.params.link, { purpose: 'open_task', nowMs: deps.nowMs() });
    const task = await taskOf(deps, read);
    const frame = frameOf(deps, request, response);
    response.status(task !== null ? 200 : read.kind === 'expired' ? 410 : 404);
    const body = taskLinkView(frame, { task, isExpired: read.kind === 'expired' });
    answer(response, frame, { title: 'A task', section: null, body });
  });
  router.use(errorPage(deps, null));
  return router;
}

async function taskOf(deps: ConsoleDeps, read: ReadLink): Promise<TaskDetail | null> {
  return read.kind === 'valid' ? findTask(deps.db, read.link.subject[0] ?? '') : null;
}
