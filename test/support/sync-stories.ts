/**
 * Bookings that between them make a sync send every request that it can send.
 * Invariant: everybody in them is told from all others by name, so that a test can count their records.
 */
import { bookingCancelled, bookingCreated, bookingRescheduled, type CalcomBody } from '../../local/samples/calcom-body';
import type { BookingOptions } from '../../local/samples/calcom-fields';
import type { Simulators } from '../../local/simulators/server';
import { DAY } from './world';

/** An owner of the simulated portal. */
export const HOST = { name: 'Sample Host', email: 'host@example.com' };
export const OWNER_ID = '77001';
const AREAS = ['303', '212', '415', '206'];

export interface Story {
  readonly name: string;
  /** Its calls are tried although another story made the same ones. */
  readonly apart?: boolean;
  /** What the CRM holds of the guest before, besides what `aGuest` makes. */
  readonly before?: (simulators: Simulators, guest: BookingOptions) => Promise<void>;
  readonly guest: (n: number) => Partial<BookingOptions> & { unknown?: boolean };
  readonly steps: readonly ((guest: BookingOptions) => CalcomBody[])[];
  /** What the CRM has to show in the end. */
  readonly ends: {
    readonly stage: string;
    readonly outcome: string;
    readonly movedMs: number;
    readonly surplus?: number;
  };
}

const moved = (guest: BookingOptions, to: string, from: string, byMs: number): CalcomBody =>
  bookingRescheduled({
    ...guest,
    uid: `${guest.uid}-${to}`,
    startMs: guest.startMs + byMs,
    previous: { uid: from === '' ? guest.uid : `${guest.uid}-${from}`, startMs: guest.startMs },
  });
const phone = (n: number): string => `+1${AREAS[Math.floor(n / 100)]}55501${String(n % 100).padStart(2, '0')}`;
const booked = (guest: BookingOptions): CalcomBody[] => [bookingCreated(guest)];
const scheduled = { stage: 'appointmentscheduled', outcome: 'SCHEDULED', movedMs: 0 };

export const STORIES: readonly Story[] = [
  {
    name: 'a known guest books, moves and cancels',
    guest: () => ({}),
    steps: [
      booked,
      (guest) => [moved(guest, 'b', '', DAY)],
      (guest) => [bookingCancelled({ ...guest, uid: `${guest.uid}-b`, startMs: guest.startMs + DAY, sequence: 2 })],
    ],
    ends: { stage: 'closedlost', outcome: 'CANCELED', movedMs: DAY },
  },
  {
    name: 'a guest is known by phone only',
    guest: (n) => ({ unknown: true, guest: { ...aPerson(n), phone: phone(n) } }),
    before: async (simulators, { guest }) =>
      void (await create(simulators, 'contacts', { lastname: lastName(guest), phone: guest.phone! })),
    steps: [booked],
    ends: scheduled,
  },
  {
    name: 'a stranger leaves an e-mail address',
    guest: (n) => ({ unknown: true, guest: aPerson(n) }),
    steps: [booked],
    ends: scheduled,
  },
  {
    // Without an e-mail address nothing keeps a second contact from being made.
    name: 'a stranger leaves a phone number only',
    apart: true,
    guest: (n) => ({ unknown: true, guest: { name: aPerson(n).name, phone: phone(n) } }),
    steps: [booked],
    ends: scheduled,
  },
  {
    name: 'a guest has an open deal already',
    guest: (n) => ({ unknown: true, guest: aPerson(n) }),
    before: async (simulators, { guest }) => {
      const contact = await create(simulators, 'contacts', { lastname: lastName(guest), email: guest.email! });
      const deal = { dealname: guest.name, pipeline: 'default', dealstage: 'appointmentscheduled' };
      await create(simulators, 'deals', deal, contact);
    },
    steps: [booked],
    ends: scheduled,
  },
  {
    name: 'two bookings turn out to be one',
    guest: () => ({}),
    steps: [
      (guest) => [bookingCreated(guest), moved(guest, 'c', 'b', 2 * DAY)],
      (guest) => [moved(guest, 'b', '', DAY)],
    ],
    ends: { ...scheduled, movedMs: 2 * DAY, surplus: 1 },
  },
];

function aPerson(n: number): { name: string; email: string } {
  return { name: `Caller N${n}X Example`, email: `caller.${n}.${Math.random().toString(36).slice(2, 8)}@example.com` };
}

/** What tells a guest's contact from the others', with an e-mail address or without. */
export function lastName({ name }: { readonly name: string }): string {
  return name.split(' ').slice(1).join(' ');
}

/** A record that somebody made by hand; a deal is linked with its contact. Returns its id. */
async function create(
  simulators: Simulators,
  type: string,
  properties: Readonly<Record<string, string>>,
  contactId?: string,
): Promise<string> {
  const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 3 }];
  const associations = contactId === undefined ? [] : [{ to: { id: contactId }, types }];
  const response = await fetch(`${simulators.url}/hubspot/crm/objects/2026-09/${type}`, {
    method: 'POST',
    headers: { authorization: 'Bearer pat-test', 'content-type': 'application/json' },
    body: JSON.stringify({ properties, associations }),
  });
  const body = (await response.json()) as { id: string };
  if (!response.ok) throw new Error(`The ${type} record was refused: ${response.status} ${JSON.stringify(body)}`);
  return body.id;
}
