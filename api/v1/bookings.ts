/**
 * `/api/v1/bookings`: the list, and one booking by any uid of its chain.
 * Invariant: a uid that several guests share answers with a list, also when one participation is all that is known.
 */
import { Router } from 'express';
import { z } from 'zod';
import {
  findBooking,
  findBookingById,
  findParticipations,
  listBookings,
  positionOf,
  type BookingDetail,
  type BookingPosition,
} from '../../db/booking-view';
import { participationId } from '../../domain/ids';
import { HttpError } from '../errors';
import type { ApiDeps } from '../deps';
import { decodeCursor, pageOf } from './cursor';
import { isoInstant } from './instant';
import { bookingParams, listBookingsQuery, participationParams, type bookingSchema } from './schemas';
import { validate } from './validate';

const positionShape: z.ZodType<BookingPosition> = z.object({
  slotStartMs: z.number().int().nullable(),
  id: z.string(),
});

export function bookingRoutes(deps: Pick<ApiDeps, 'db' | 'nowMs'>): Router {
  const router = Router();

  router.get('/', async (request, response) => {
    const query = validate(listBookingsQuery, request.query, 'query');
    const rows = await listBookings(deps.db, {
      filter: {
        status: query.status,
        connection: query.source,
        fromMs: query.from === undefined ? undefined : Date.parse(query.from),
        toMs: query.to === undefined ? undefined : Date.parse(query.to),
      },
      after: decodeCursor(query.cursor, positionShape),
      limit: query.limit + 1,
      nowMs: deps.nowMs(),
    });
    const { page, nextCursor } = pageOf(rows, query.limit, positionOf);
    response.json({ bookings: page.map(presentBooking), nextCursor });
  });

  router.get('/:connection/:uid', async (request, response) => {
    const { connection, uid } = validate(bookingParams, request.params, 'path');
    const by = { connection, uid, nowMs: deps.nowMs() };
    const booking = await findBooking(deps.db, by);
    if (booking) {
      response.json(presentBooking(booking));
      return;
    }
    const participations = await findParticipations(deps.db, by);
    if (participations.length > 0) {
      response.json({ bookings: participations.map(presentBooking) });
      return;
    }
    throw new HttpError({
      status: 404,
      code: 'booking_not_found',
      message: `No booking of source "${connection}" is known by the uid "${uid}". Any uid of a reschedule chain would do; check the source's id and the uid.`,
    });
  });

  router.get('/:connection/:uid/:participation', async (request, response) => {
    const { connection, uid, participation } = validate(participationParams, request.params, 'path');
    const id = participationId(connection, uid, participation);
    const booking = await findBookingById(deps.db, { id, nowMs: deps.nowMs() });
    if (!booking) {
      throw new HttpError({
        status: 404,
        code: 'booking_not_found',
        message: `No participation "${participation}" of source "${connection}" began under the uid "${uid}". The bookings of that uid name theirs in \`id\`.`,
      });
    }
    response.json(presentBooking(booking));
  });

  return router;
}

/** A booking in the API's words. */
export function presentBooking(booking: BookingDetail): z.input<typeof bookingSchema> {
  const { slot } = booking;
  return {
    id: booking.id,
    source: booking.connection,
    status: booking.status,
    slot: slot && { start: isoInstant(slot.startMs), end: isoInstant(slot.endMs), zone: slot.zone },
    chain: [...booking.chain],
    version: booking.version,
    contactMatch: booking.contactMatch,
    leadScore: booking.leadScore,
    crm: [...booking.crm],
    messages: booking.messages.map(({ kind, channel, dueAtMs, state, reason }) => ({
      kind,
      channel,
      dueAt: isoInstant(dueAtMs),
      state,
      reason,
    })),
    tasks: booking.tasks.map(({ id, kind, state, owner, dueAtMs }) => ({
      id,
      kind,
      state,
      owner,
      dueAt: isoInstant(dueAtMs),
    })),
    timeline: booking.timeline.map(({ atMs, ...entry }) => ({ at: isoInstant(atMs), ...entry })),
  };
}
