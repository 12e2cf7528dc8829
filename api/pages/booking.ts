/** `/console/bookings/…`: one booking, and what a person decides about it. Invariant: decisions run as updates of its workflow. */
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { instantAtWall } from '../../config/zones';
import { findBooking, findBookingById, findParticipations, type BookingDetail } from '../../db/booking-view';
import { BOOKING_DECISIONS } from '../../domain/booking-decisions';
import { bookingWorkflowId, participationId } from '../../domain/ids';
import { decideBooking } from '../acts/decide-booking';
import { decideTask } from '../acts/decide-task';
import { HttpError } from '../errors';
import { validate } from '../v1/validate';
import { within } from '../within';
import { actOr, answer, frameOf, notFound, saying, visitOf, type ConsoleDeps } from './console';
import { nameOf, named, peopleOf } from './people';
import type { ConsoleSettings } from './settings';
import { fieldsOf } from './sign-in';
import { LIVE_WITHIN_MS } from './today';
import { bookingPage } from './views/booking-page';
import { bookingPath, bookingTable } from './views/booking-lines-view';
import { html } from './views/html';
import type { Said } from './views/layout';

const act = z.discriminatedUnion('act', [
  z.object({ act: z.literal('outcome'), decision: z.enum(BOOKING_DECISIONS) }),
  z.object({
    act: z.literal('reschedule'),
    start: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d/, 'must be a date and a time'),
  }),
  z.object({ act: z.literal('retry'), connection: z.string().max(200) }),
]);
type Act = z.output<typeof act>;

export function bookingRoutes(deps: ConsoleDeps): Router {
  const router = Router();

  router.get('/bookings/:connection/:uid{/:participation}', async (request, response) => {
    const found = await bookingsOf(deps, request);
    if (found.length > 1) await showShared(deps, request, response, found);
    else await show(deps, { request, response, booking: oneOf(found) });
  });

  router.post('/bookings/:connection/:uid{/:participation}', async (request, response) => {
    const booking = oneOf(await bookingsOf(deps, request));
    await actOr(
      response,
      async () => {
        const wanted = validate(act, fieldsOf(request), 'body');
        const word = await carryOut(deps, { wanted, booking, by: visitOf(response).operator });
        response.redirect(303, saying(bookingPath(booking.id), word));
      },
      (said) => show(deps, { request, response, booking, said }),
    );
  });

  return router;
}

/** By any uid of its chain, or by the id of one participation; several when guests share the uid. */
async function bookingsOf(deps: ConsoleDeps, request: Request): Promise<readonly BookingDetail[]> {
  const { connection = '', uid = '', participation } = request.params as Readonly<Record<string, string | undefined>>;
  const nowMs = deps.nowMs();
  if (uid.includes('\0')) return [];
  if (participation !== undefined) {
    const booking = await findBookingById(deps.db, { id: participationId(connection, uid, participation), nowMs });
    return booking === null ? [] : [booking];
  }
  const own = await findBooking(deps.db, { connection, uid, nowMs });
  return own === null ? findParticipations(deps.db, { connection, uid, nowMs }) : [own];
}

function oneOf(found: readonly BookingDetail[]): BookingDetail {
  const [booking] = found;
  if (booking !== undefined && found.length === 1) return booking;
  throw notFound('booking', 'Look for it under Bookings: any uid of its chain will do.');
}

async function show(
  deps: ConsoleDeps,
  shown: { request: Request; response: Response; booking: BookingDetail; said?: Said },
): Promise<void> {
  const { request, response, booking, said } = shown;
  const [people, live] = await Promise.all([
    peopleOf(deps, [booking.personId, booking.hostId]),
    within(LIVE_WITHIN_MS, deps.engine.bookingView(booking.id, LIVE_WITHIN_MS)).catch(() => null),
  ]);
  const frame = frameOf(deps, request, response, said);
  const guest = people.get(booking.personId ?? '') ?? null;
  const body = bookingPage(frame, {
    booking,
    guest,
    host: people.get(booking.hostId ?? '') ?? null,
    waitingFor: live?.waitingFor ?? null,
    workflowUrl: workflowUrl(deps.console, bookingWorkflowId(booking.id)),
  });
  answer(response, frame, { title: nameOf(guest ?? undefined) ?? 'Booking', section: 'bookings', body });
}

async function showShared(
  deps: ConsoleDeps,
  request: Request,
  response: Response,
  found: readonly BookingDetail[],
): Promise<void> {
  const frame = frameOf(deps, request, response);
  const lines = await named(
    deps,
    found.map((one) => ({ ...one, openTasks: one.tasks.filter(({ state }) => state === 'open').length })),
  );
  const body = html`<h1>Shared appointment</h1>
    <p class="lead">Several guests share this uid; each has a booking of their own.</p>
    ${bookingTable(frame, lines, { caption: 'Bookings of this appointment', withDay: true })}`;
  answer(response, frame, { title: 'Shared appointment', section: 'bookings', body });
}

/** Returns the word for what was done. */
async function carryOut(deps: ConsoleDeps, to: { wanted: Act; booking: BookingDetail; by: string }): Promise<string> {
  const { wanted, booking, by } = to;
  if (wanted.act === 'outcome') {
    await decideBooking(deps, booking, { decision: wanted.decision, startMs: null, by });
    return wanted.decision === 'keep_waiting' ? 'waiting' : 'outcome';
  }
  if (wanted.act === 'reschedule') {
    // What was typed is the clock of the slot's zone.
    const startMs = instantAtWall(Date.parse(`${wanted.start.slice(0, 16)}:00Z`), booking.slot?.zone ?? 'UTC');
    await decideBooking(deps, booking, { decision: 'rescheduled', startMs, by });
    return 'rescheduled';
  }
  return retry(deps, booking, { connection: wanted.connection, by });
}

async function retry(
  deps: ConsoleDeps,
  booking: BookingDetail,
  { connection, by }: { connection: string; by: string },
): Promise<string> {
  const crm = booking.crm.find((one) => one.connection === connection);
  if (crm?.state === 'parked') return (await deps.engine.probeNow(connection)) ? 'probed' : 'notProbed';
  const asked = booking.tasks.find(
    ({ kind, state, about }) => kind === 'crm_refused' && state === 'open' && about === connection,
  );
  if (asked === undefined) {
    const message = 'There is nothing to try again: the CRM is written whenever the booking changes.';
    throw new HttpError({ status: 409, code: 'nothing_to_retry', message });
  }
  await decideTask(deps, { id: asked.id, decision: { decision: 'retry' }, by });
  return 'decided';
}

function workflowUrl({ temporalUi }: ConsoleSettings, workflowId: string): string | null {
  if (temporalUi === null) return null;
  const { address, namespace } = temporalUi;
  return `${address}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
