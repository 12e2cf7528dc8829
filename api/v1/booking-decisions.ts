/**
 * `POST /api/v1/bookings/{connection}/{uid}/decision`: a person decides about a booking without being asked.
 * Invariant: the booking's workflow decides what makes sense; the answer is the booking as it is afterwards.
 */
import express, { Router } from 'express';
import { findBooking, findParticipations, type BookingDetail } from '../../db/booking-view';
import { decideBooking } from '../acts/decide-booking';
import type { ApiDeps } from '../deps';
import { HttpError } from '../errors';
import { operatorOf } from './auth';
import { presentBooking } from './bookings';
import { bookingDecisionBody, bookingParams } from './schemas';
import { validate } from './validate';

type DecisionDeps = Pick<ApiDeps, 'db' | 'engine' | 'nowMs'>;

export function bookingDecisionRoutes(deps: DecisionDeps): Router {
  const router = Router();

  router.post('/:connection/:uid/decision', express.json({ limit: '16kb' }), async (request, response) => {
    const { connection, uid } = validate(bookingParams, request.params, 'path');
    const body = validate(bookingDecisionBody, request.body, 'body');
    const booking = await bookingOrRefusal(deps, { connection, uid, id: body.booking });
    const decided = await decideBooking(deps, booking, {
      decision: body.decision,
      startMs: body.start === undefined ? null : Date.parse(body.start),
      by: operatorOf(response, body.by),
    });
    response.json(presentBooking(decided));
  });

  return router;
}

async function bookingOrRefusal(
  deps: DecisionDeps,
  by: { readonly connection: string; readonly uid: string; readonly id: string | undefined },
): Promise<BookingDetail> {
  const { connection, uid, id } = by;
  const look = { connection, uid, nowMs: deps.nowMs() };
  const own = await findBooking(deps.db, look);
  const known = own === null ? await findParticipations(deps.db, look) : [own];
  if (known.length === 0) {
    throw new HttpError({
      status: 404,
      code: 'booking_not_found',
      message: `No booking of source "${connection}" is known by the uid "${uid}". Any uid of a reschedule chain would do; check the source's id and the uid.`,
    });
  }
  const named = known.filter((booking) => id === undefined || booking.id === id);
  if (named.length === 1 && named[0]) return named[0];
  const ids = known.map((booking) => booking.id).join(', ');
  throw named.length > 1
    ? new HttpError({
        status: 409,
        code: 'booking_ambiguous',
        message: `Several guests share this uid: name one of their bookings as "booking". They are ${ids}.`,
      })
    : new HttpError({
        status: 404,
        code: 'booking_not_found',
        message: `"booking" names none that has this uid. Leave it out, or take one of ${ids}.`,
      });
}
