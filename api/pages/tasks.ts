/**
 * `/console/tasks/{id}`: one task with its candidates, and what people do about it.
 * Invariant: candidates are read from the CRM for this answer only, with a bound; a CRM that is away costs the values, not the page.
 */
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { findBookingById } from '../../db/booking-view';
import { instantAtWall, localTime, wallClock } from '../../config/zones';
import { findTask, type TaskDetail } from '../../db/task-view';
import { decisionsOf } from '../../domain/tasks';
import type { Crm, PersonFields } from '../../integrations/ports';
import { decideTask, reassignTask, snoozeTask } from '../acts/decide-task';
import { validate } from '../v1/validate';
import { within } from '../within';
import { actOr, answer, frameOf, notFound, saying, visitOf, type ConsoleDeps } from './console';
import { nameOf, peopleOf } from './people';
import { fieldsOf } from './sign-in';
import type { Said } from './views/layout';
import { RESTS } from './views/task-care-view';
import { taskPath } from './views/task-lines-view';
import { taskPage, type CandidateView } from './views/task-page';
import { taskWords } from './views/words';

const SHOWN_CANDIDATES = 10;
const CRM_WITHIN_MS = 800;
const HOUR_MS = 3_600_000;

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
  z.object({
    act: z.literal('snooze'),
    rest: z.enum(['none', 'until', ...RESTS.map(({ rest }) => rest)]),
    until: z
      .string()
      .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d/, 'must be a date with a time')
      .optional(),
  }),
]);
type Act = z.output<typeof act>;
export function taskRoutes(deps: ConsoleDeps): Router {
  const router = Router();

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
        response.redirect(303, saying(taskPath(id), await carryOut(deps, { id, wanted, by })));
      },
      async (said) => show(deps, { request, response, task: await taskOf(deps, request), said }),
    );
  });

  return router;
}

/** Returns the word for what was done. */
async function carryOut(deps: ConsoleDeps, to: { id: string; wanted: Act; by: string }): Promise<string> {
  const { id, wanted, by } = to;
  switch (wanted.act) {
    case 'reassign':
      await reassignTask(deps, { id, owner: wanted.owner, by });
      return 'reassigned';
    case 'snooze': {
      const untilMs = restUntilMs(wanted, { nowMs: deps.nowMs(), zone: deps.console.zone });
      await snoozeTask(deps, { id, untilMs, by });
      return untilMs === null ? 'woken' : 'snoozed';
    }
    case 'decide':
      await decideTask(deps, { id, decision: decisionOf(wanted), by });
      return 'decided';
  }
}

/** Null: it wakes now. What is typed is the clock of the account's zone. */
function restUntilMs(
  { rest, until }: Extract<Act, { act: 'snooze' }>,
  { nowMs, zone }: { nowMs: number; zone: string },
): number | null {
  if (rest === 'none') return null;
  if (rest === 'hour') return nowMs + HOUR_MS;
  if (rest === 'week') return wallClock.plusDays(nowMs, zone, 7);
  if (rest === 'until') return instantAtWall(Date.parse(`${(until ?? '').slice(0, 16)}:00Z`), zone);
  const { year, month, day } = localTime(wallClock.plusDays(nowMs, zone, 1), zone);
  return instantAtWall(Date.UTC(year, month - 1, day, 9), zone);
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
    task: { ...task, guest: nameOf(guest ?? undefined) },
    decisions: decisionsOf(task),
    guest,
    booking,
    ...read,
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
