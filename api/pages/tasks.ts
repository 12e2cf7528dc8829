/**
 * `/console/tasks`: the queue, one task with its candidates, and what people do about it.
 * Invariant: candidates are read from the CRM for this answer only, with a bound; a CRM that is away costs the values, not the page.
 */
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { findBookingById } from '../../db/booking-view';
import { findTask, listTasks, type TaskDetail, type TaskPosition } from '../../db/task-view';
import { decisionsOf, TASK_KINDS, type TaskKind } from '../../domain/tasks';
import type { Crm, PersonFields } from '../../integrations/ports';
import { decideTask, reassignTask } from '../acts/decide-task';
import { decodeCursor, pageOf } from '../v1/cursor';
import { validate } from '../v1/validate';
import { within } from '../within';
import { actOr, answer, frameOf, notFound, saying, visitOf, type ConsoleDeps } from './console';
import { nameOf, namedTasks, peopleOf } from './people';
import { fieldsOf } from './sign-in';
import type { Said } from './views/layout';
import { taskPath } from './views/task-lines-view';
import { taskPage, type CandidateView } from './views/task-page';
import { tasksView } from './views/tasks-view';
import { taskWords } from './views/words';

const SHOWN = 50;
const SHOWN_CANDIDATES = 10;
const CRM_WITHIN_MS = 800;

const opaque = (what: string) =>
  z
    .string()
    .trim()
    .regex(/^[\w-]{1,64}$/, `must be ${what}: letters, digits, _ and - only`);
const act = z.discriminatedUnion('act', [
  z.object({
    act: z.literal('decide'),
    decision: z.string().max(50),
    personId: opaque('the id that the CRM gave the contact').optional(),
  }),
  z.object({ act: z.literal('reassign'), owner: opaque('the id of an owner') }),
]);
const listQuery = z.object({
  state: z.enum(['open', 'decided', 'withdrawn']).catch('open'),
  kind: z
    .enum(TASK_KINDS as readonly [TaskKind, ...TaskKind[]])
    .optional()
    .catch(undefined),
  cursor: z.string().max(500).optional().catch(undefined),
});
const positionShape: z.ZodType<TaskPosition> = z.object({ dueAtMs: z.number().int(), id: z.guid() });

export function taskRoutes(deps: ConsoleDeps): Router {
  const router = Router();

  router.get('/tasks', async (request, response) => {
    const { state, kind, cursor } = validate(listQuery, request.query, 'query');
    const after = decodeCursor(cursor, positionShape);
    const rows = await listTasks(deps.db, { filter: { state, kind }, after, limit: SHOWN + 1 });
    const { page, nextCursor } = pageOf(rows, SHOWN, ({ dueAtMs, id }): TaskPosition => ({ dueAtMs, id }));
    const frame = frameOf(deps, request, response);
    const body = tasksView(frame, {
      tasks: await namedTasks(deps, page),
      state,
      kind: kind ?? null,
      cursor: cursor ?? null,
      nextCursor,
    });
    answer(response, frame, { title: 'Tasks', section: 'tasks', body });
  });

  router.get('/tasks/:id', async (request, response) => {
    await show(deps, { request, response, task: await taskOf(deps, request) });
  });

  router.post('/tasks/:id', async (request, response) => {
    const task = await taskOf(deps, request);
    const { id } = task;
    const by = visitOf(response).operator;
    await actOr(
      response,
      async () => {
        const wanted = validate(act, fieldsOf(request), 'body');
        if (wanted.act === 'reassign') await reassignTask(deps, { id, owner: wanted.owner, by });
        else await decideTask(deps, { id, decision: decisionOf(wanted), by });
        response.redirect(303, saying(taskPath(id), wanted.act === 'reassign' ? 'reassigned' : 'decided'));
      },
      async (said) => show(deps, { request, response, task: await taskOf(deps, request), said }),
    );
  });

  return router;
}

function decisionOf({ decision, personId }: { decision: string; personId?: string | undefined }) {
  return personId === undefined ? { decision } : { decision, personId };
}

async function taskOf(deps: ConsoleDeps, request: Request): Promise<TaskDetail> {
  const id = z.guid().safeParse(request.params.id);
  const task = id.success ? await findTask(deps.db, id.data) : null;
  if (task === null) throw notFound('task', 'The queue is under Tasks.');
  return task;
}

async function show(
  deps: ConsoleDeps,
  shown: { request: Request; response: Response; task: TaskDetail; said?: Said },
): Promise<void> {
  const { request, response, task, said } = shown;
  const booking =
    task.bookingId === null ? null : await findBookingById(deps.db, { id: task.bookingId, nowMs: deps.nowMs() });
  const isAsked = task.kind === 'match_contact' && task.state === 'open';
  const [people, read] = await Promise.all([
    peopleOf(deps, [booking?.personId ?? null]),
    isAsked ? readCandidates(deps.crm(task.about), candidatesOf(task.evidence)) : { candidates: [], isCrmRead: true },
  ]);
  const guest = people.get(booking?.personId ?? '') ?? null;
  const frame = frameOf(deps, request, response, said);
  const body = taskPage(frame, {
    ...{
      task: { ...task, guest: nameOf(guest ?? undefined) },
      decisions: decisionsOf(task),
      guest,
      booking,
      ...read,
    },
  });
  answer(response, frame, { title: taskWords(task.kind).label, section: 'tasks', body });
}

type Candidate = Omit<CandidateView, 'current'>;

const evidenceShape = z.object({
  candidates: z
    .array(
      z.union([
        z.string().transform((id) => ({ id, agrees: [], differs: [] })),
        z.object({ id: z.string(), agrees: z.array(z.string()).catch([]), differs: z.array(z.string()).catch([]) }),
      ]),
    )
    .catch([]),
});

/** As the sync that asked found them. */
function candidatesOf(evidence: TaskDetail['evidence']): readonly Candidate[] {
  const read = evidenceShape.safeParse(evidence);
  return read.success ? read.data.candidates.slice(0, SHOWN_CANDIDATES) : [];
}

async function readCandidates(
  crm: Crm | null,
  candidates: readonly Candidate[],
): Promise<{ candidates: readonly CandidateView[]; isCrmRead: boolean }> {
  const read = await Promise.all(
    candidates.map(async (candidate) => ({ candidate, current: await readPerson(crm, candidate.id) })),
  );
  return {
    candidates: read.map(({ candidate, current }) => ({ ...candidate, current: current === 'away' ? null : current })),
    isCrmRead: read.every(({ current }) => current !== 'away'),
  };
}

/** What the CRM holds about the contact now; null: nobody has this id any more. */
async function readPerson(crm: Crm | null, id: string): Promise<PersonFields | null | 'away'> {
  if (crm === null) return 'away';
  try {
    const signal = AbortSignal.timeout(CRM_WITHIN_MS);
    const query = { linkedId: id, emails: [], phones: [] };
    const match = await within(CRM_WITHIN_MS, crm.resolvePerson(query, { operationKey: `console/${id}`, signal }));
    return match.kind === 'one' ? match.person.current : null;
  } catch {
    return 'away';
  }
}
