/**
 * `/answer/{link}`: a host says how a slot went, without a session.
 * Invariant: a GET only shows, because mail scanners open links; the page names nobody, and the signed link is all that it goes by.
 */
import { Router, type Request, type Response } from 'express';
import { answerForHost, hostQuestionOf, type HostQuestion } from '../acts/answer-for-host';
import { answer, frameOf, type ConsoleDeps } from './console';
import { errorPage, notKept } from './page-rules';
import { hostAnswerView } from './views/host-answer-view';

export function hostAnswerRoutes(deps: ConsoleDeps): Router {
  const router = Router();
  router.use(notKept);
  router.get('/:link', async (request, response) => {
    show(deps, request, response, await hostQuestionOf(deps, request.params.link));
  });
  router.post('/:link', async (request, response) => {
    show(deps, request, response, await answerForHost(deps, request.params.link));
  });
  router.use(errorPage(deps, null));
  return router;
}

const STATUS_OF: Readonly<Record<HostQuestion['kind'], number>> = {
  open: 200,
  taken: 200,
  used: 200,
  known: 200,
  moved: 410,
  expired: 410,
  forged: 404,
};

function show(deps: ConsoleDeps, request: Request, response: Response, question: HostQuestion): void {
  const frame = frameOf(deps, request, response);
  response.status(STATUS_OF[question.kind]);
  const body = hostAnswerView(question, { path: request.originalUrl });
  answer(response, frame, { title: 'How did it go?', section: null, body });
}
