/**
 * Booking at Cal.com from here: free slots, reservations, the booking itself, and its mark in the metadata.
 * Invariant: a create is sent once. Facts: cal.com/docs/api-reference/v2, slots 2024-09-04 and bookings 2024-08-13; a reservation hides
 * the slot from others and is not tied to a booking.
 */
import { z } from 'zod';
import { SourceError, type BookingOrder, type SourceBookings, type SourceRead, type WantedSlot } from '../ports';
import { isoOf, listByStart, oneOrMany, type Listed } from './api-lists';
import type { CalcomClient } from './client';
import { instant, uid } from './fields';
import { dig } from './text';

const MARK = 'booksync_mark';
const RECORD = 'booksync_record';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The mark among a booking's metadata; undefined: it was not booked from here. Anybody who books may write there. */
export function markOf(metadata: unknown): string | undefined {
  const mark = dig(metadata, MARK);
  return typeof mark === 'string' && UUID.test(mark) ? mark : undefined;
}

export function createBookings(client: CalcomClient, readOf: (row: Listed) => SourceRead): SourceBookings {
  return {
    freeSlot: (wanted) => freeSlot(client, wanted),
    hold: (wanted, minutes) => hold(client, wanted, minutes),
    release: (holdId) => release(client, holdId),
    book: async (order) => readOf(await book(client, order)),
    async findMarked(wanted, mark) {
      const row = await findMarked(client, wanted, mark);
      return row && readOf(row);
    },
  };
}

const slotsByDay = z.object({
  data: z.record(z.string(), z.array(z.object({ start: instant, end: instant }, 'expected an object'))),
});

/** Whole days, because the vendor begins to count where the window begins. */
async function freeSlot(client: CalcomClient, wanted: WantedSlot): Promise<{ readonly endMs: number } | null> {
  const dayOf = (ms: number): string => isoOf(ms).slice(0, 10);
  const { data } = await client.request({
    operation: 'freeSlot',
    effect: 'safe',
    area: 'slots',
    method: 'GET',
    path: ['slots'],
    schema: slotsByDay,
    query: {
      eventTypeId: wanted.eventType,
      start: dayOf(wanted.startMs),
      end: dayOf(wanted.endMs),
      timeZone: 'UTC',
      format: 'range',
    },
  });
  const found = Object.values(data)
    .flat()
    .find((slot) => slot.start === wanted.startMs);
  return found === undefined ? null : { endMs: found.end };
}

const reserved = z.object({ data: z.looseObject({ reservationUid: uid }) });

async function hold(
  client: CalcomClient,
  wanted: WantedSlot,
  minutes: number,
): Promise<{ readonly id: string } | null> {
  const body = {
    eventTypeId: Number(wanted.eventType),
    slotStart: isoOf(wanted.startMs),
    reservationDuration: minutes,
  };
  const path = ['slots', 'reservations'];
  try {
    const { data } = await client.request({
      operation: 'hold',
      effect: 'write',
      area: 'slots',
      method: 'POST',
      path,
      body,
      schema: reserved,
    });
    return { id: data.reservationUid };
  } catch (error) {
    // Booked, or reserved by somebody else.
    if (error instanceof SourceError && (error.httpStatus === 422 || error.httpStatus === 409)) return null;
    throw error;
  }
}

async function release(client: CalcomClient, holdId: string): Promise<void> {
  const path = ['slots', 'reservations', holdId];
  try {
    await client.request({
      operation: 'release',
      effect: 'safe',
      area: 'slots',
      method: 'DELETE',
      path,
      schema: z.looseObject({}),
    });
  } catch (error) {
    if (!(error instanceof SourceError) || error.httpStatus !== 404) throw error;
  }
}

/** Of a series, the first occurrence. */
async function book(client: CalcomClient, order: BookingOrder): Promise<Listed> {
  const { guest, mark, record } = order;
  const body = {
    start: isoOf(order.startMs),
    eventTypeId: Number(order.eventType),
    attendee: {
      name: guest.name,
      timeZone: guest.zone,
      ...(guest.email !== null && { email: guest.email }),
      ...(guest.phone !== null && { phoneNumber: guest.phone }),
    },
    metadata: { [MARK]: mark, [RECORD]: record },
  };
  const path = ['bookings'];
  const { data } = await client.request({
    operation: 'book',
    effect: 'write',
    area: 'bookings',
    method: 'POST',
    path,
    body,
    schema: atLeastOne,
  });
  return data[0]!;
}

const atLeastOne = oneOrMany.refine(({ data }) => data.length > 0, { path: ['data'], error: 'expected a booking' });

/** Among all that begin with the slot, canceled ones too: the guest may have canceled already. */
async function findMarked(client: CalcomClient, wanted: WantedSlot, mark: string): Promise<Listed | null> {
  const rows = await listByStart(client, 'findMarked', {
    eventTypeIds: wanted.eventType,
    afterStart: isoOf(wanted.startMs),
    // Ends at the longest: the event type's length counts, not the asked one's.
    beforeEnd: isoOf(wanted.startMs + 24 * 60 * 60_000),
  });
  return rows.find(({ raw }) => markOf(dig(raw, 'metadata')) === mark) ?? null;
}
