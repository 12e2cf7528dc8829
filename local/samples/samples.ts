/**
 * The demo's stories: little series of Cal.com deliveries, and what must have become of each booking.
 * Invariant: everything follows from the anchor instant; the same anchor gives the same bytes, and the same UTC day the same
 * uids, so that playing them again is answered `duplicate`. All people are invented.
 */
import { createHash } from 'node:crypto';
import type { BookingStatus } from '../../domain/booking';
import type { TaskKind } from '../../domain/tasks';
import {
  bookingCancelled,
  bookingCreated,
  bookingPaid,
  bookingPaymentInitiated,
  bookingRequested,
  bookingRescheduled,
  noShowUpdated,
  toBody,
} from './calcom-body';
import type { CalcomBody } from './calcom-body';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SEED = 'booking-status-sync samples 1';
/** The stage that `booksync.example.yaml` maps `scheduled` and `no_show` to. */
const BOOKED_STAGE = 'appointmentscheduled';

export interface SampleDelivery {
  readonly trigger: string;
  /** The exact bytes to sign and send. */
  readonly body: string;
}

/** What the booking must have come to once everything is settled. */
export interface SampleExpectation {
  readonly status: BookingStatus;
  /** The newest slot's start, epoch ms. */
  readonly startMs: number;
  /** HubSpot's `hs_meeting_outcome`; null: no meeting is written. */
  readonly meetingOutcome: 'SCHEDULED' | 'RESCHEDULED' | 'CANCELED' | 'NO_SHOW' | null;
  /** The deal's stage; null: this story promises none (no deal, or one that was left where it was). */
  readonly stageId: string | null;
  /** The task that must be open; null: none. */
  readonly task: TaskKind | null;
}

export interface Sample {
  readonly title: string;
  /** Any uid of the chain finds the booking; this is the newest. */
  readonly uid: string;
  readonly deliveries: readonly SampleDelivery[];
  readonly expected: SampleExpectation;
}

/** The people of the stories, as contacts that the CRM already has: properties of HubSpot's contact creation. */
export const sampleContacts = [
  contact('Bianca', 'Booked', '+13035550101'),
  contact('Mona', 'Moved', '+13035550102'),
  contact('Carl', 'Canceled', '+13035550103'),
  // Books with the phone only; the address is what lets a second start find the contact instead of making another.
  contact('Phoebe', 'Phone', '+13035550104'),
  contact('Otto', 'Optin', '+13035550106'),
  contact('Paula', 'Paid', '+13035550107'),
  contact('Noel', 'Noshow', '+13035550108'),
  contact('Ivo', 'Inverted', '+13035550109'),
  contact('Rita', 'Rebook', '+13035550110'),
] as const;

/** The stories in playing order. The caller keeps `anchorMs` (about now) if a restart is to repeat the same bytes. */
export function sampleDeliveries(anchorMs: number): readonly Sample[] {
  const stage = stageAt(anchorMs);
  return [
    booked(stage),
    movedTwice(stage),
    canceled(stage),
    phoneOnly(stage),
    nobodyMatches(stage),
    confirmedByHost(stage),
    paidFirst(stage),
    noShowTwice(stage),
    outOfOrder(stage),
    pleaseReschedule(stage),
  ];
}

/** What the stories are told with: uids, slots in the coming days, and instants shortly before the anchor. */
interface Stage {
  readonly uid: (name: string) => string;
  readonly slot: (days: number, hourUtc: number) => number;
  readonly ago: (minutes: number) => number;
}

function stageAt(anchorMs: number): Stage {
  const dayMs = Math.floor(anchorMs / DAY_MS) * DAY_MS;
  return {
    uid: (name) => shortId(`${SEED}|${new Date(dayMs).toISOString().slice(0, 10)}|${name}`),
    slot: (days, hourUtc) => dayMs + days * DAY_MS + hourUtc * HOUR_MS,
    ago: (minutes) => anchorMs - minutes * MINUTE_MS,
  };
}

function booked({ uid, slot, ago }: Stage): Sample {
  const booking = {
    uid: uid('booked'),
    startMs: slot(5, 17),
    guest: guest('Bianca', 'Booked'),
    notes: 'Wants to see the pricing page first.',
    // Enough points for a note in Slack.
    answers: { company: 'Sample Roofing', budget: '$ 15,000' },
    createdAtMs: ago(60),
  };
  return sample(
    'Booked; the contact is found by e-mail',
    booking,
    [bookingCreated(booking)],
    asScheduled(booking.startMs),
  );
}

function movedTwice({ uid, slot, ago }: Stage): Sample {
  const [first, second, third] = [slot(4, 16), slot(6, 18), slot(7, 20)];
  const [a, b, c] = [uid('moved 1'), uid('moved 2'), uid('moved 3')];
  const person = { guest: guest('Mona', 'Moved'), iCalUid: `${a}@Cal.com` };
  const last = { ...person, uid: c, startMs: third, sequence: 2, createdAtMs: ago(50) };
  return sample(
    'Booked and rescheduled twice: one booking, one appointment at the newest time',
    last,
    [
      bookingCreated({ ...person, uid: a, startMs: first, createdAtMs: ago(58) }),
      bookingRescheduled({
        ...person,
        uid: b,
        startMs: second,
        sequence: 1,
        createdAtMs: ago(54),
        previous: { uid: a, startMs: first },
      }),
      bookingRescheduled({ ...last, previous: { uid: b, startMs: second } }),
    ],
    asScheduled(third),
  );
}

function canceled({ uid, slot, ago }: Stage): Sample {
  const booking = { uid: uid('canceled'), startMs: slot(5, 19), guest: guest('Carl', 'Canceled') };
  return sample(
    'Booked, then canceled by the guest',
    booking,
    [
      bookingCreated({ ...booking, createdAtMs: ago(48) }),
      bookingCancelled({ ...booking, createdAtMs: ago(46), reason: 'Something else came up.' }),
    ],
    { status: 'canceled', startMs: booking.startMs, meetingOutcome: 'CANCELED', stageId: null, task: null },
  );
}

function phoneOnly({ uid, slot, ago }: Stage): Sample {
  const booking = {
    uid: uid('phone only'),
    startMs: slot(6, 15),
    zone: 'America/Chicago',
    guest: { name: 'Phoebe Phone', phone: '+13035550104' },
    createdAtMs: ago(44),
  };
  return sample(
    'Booked with a phone number only; matched by it',
    booking,
    [bookingCreated(booking)],
    asScheduled(booking.startMs),
  );
}

function nobodyMatches({ uid, slot, ago }: Stage): Sample {
  const booking = { uid: uid('nobody'), startMs: slot(5, 21), guest: guest('Nora', 'Nobody'), createdAtMs: ago(42) };
  return sample('Nobody in the CRM matches: a person decides', booking, [bookingCreated(booking)], {
    ...asScheduled(booking.startMs),
    meetingOutcome: null,
    stageId: null,
    task: 'match_contact',
  });
}

function confirmedByHost({ uid, slot, ago }: Stage): Sample {
  const booking = { uid: uid('opt-in'), startMs: slot(8, 17), zone: 'Europe/Vienna', guest: guest('Otto', 'Optin') };
  return sample(
    'Requested, then confirmed by the host',
    booking,
    [bookingRequested({ ...booking, createdAtMs: ago(40) }), bookingCreated({ ...booking, createdAtMs: ago(38) })],
    asScheduled(booking.startMs),
  );
}

function paidFirst({ uid, slot, ago }: Stage): Sample {
  const booking = { uid: uid('paid'), startMs: slot(9, 18), guest: guest('Paula', 'Paid') };
  return sample(
    'Paid booking: payment begun, paid, then confirmed',
    booking,
    [
      bookingPaymentInitiated({ ...booking, createdAtMs: ago(36) }),
      bookingPaid({ ...booking, createdAtMs: ago(35) }),
      bookingCreated({ ...booking, createdAtMs: ago(34) }),
    ],
    asScheduled(booking.startMs),
  );
}

function noShowTwice({ uid, ago }: Stage): Sample {
  const halfHourMs = 30 * MINUTE_MS;
  const startMs = Math.floor(ago(60) / halfHourMs) * halfHourMs;
  const booking = { uid: uid('no-show'), startMs, guest: guest('Noel', 'Noshow') };
  const mark = (noShow: boolean, minutesAgo: number) =>
    noShowUpdated({ uid: booking.uid, email: booking.guest.email, noShow, createdAtMs: ago(minutesAgo) });
  return sample(
    'Slot already over: marked as no-show, mark taken back, marked again',
    booking,
    [bookingCreated({ ...booking, createdAtMs: startMs - DAY_MS }), mark(true, 20), mark(false, 15), mark(true, 10)],
    { status: 'no_show', startMs, meetingOutcome: 'NO_SHOW', stageId: BOOKED_STAGE, task: null },
  );
}

function outOfOrder({ uid, slot, ago }: Stage): Sample {
  const first = { uid: uid('inverted 1'), startMs: slot(4, 18), guest: guest('Ivo', 'Inverted') };
  const second = { ...first, uid: uid('inverted 2'), startMs: slot(7, 16) };
  return sample(
    'Out of order: the reschedule arrives before the booking that it moved',
    second,
    [
      bookingRescheduled({ ...second, createdAtMs: ago(30), previous: { uid: first.uid, startMs: first.startMs } }),
      bookingCreated({ ...first, createdAtMs: ago(32) }),
    ],
    asScheduled(second.startMs),
  );
}

function pleaseReschedule({ uid, slot, ago }: Stage): Sample {
  const booking = { uid: uid('please reschedule'), startMs: slot(6, 21), guest: guest('Rita', 'Rebook') };
  return sample(
    'The host asks the guest for a new time',
    booking,
    [
      bookingCreated({ ...booking, createdAtMs: ago(28) }),
      bookingCancelled({
        ...booking,
        createdAtMs: ago(26),
        requestReschedule: true,
        reason: 'Please reschedule: the crew is not available.',
      }),
    ],
    {
      status: 'reschedule_requested',
      startMs: booking.startMs,
      meetingOutcome: 'RESCHEDULED',
      stageId: null,
      task: null,
    },
  );
}

function sample(
  title: string,
  newest: { readonly uid: string },
  bodies: readonly CalcomBody[],
  expected: SampleExpectation,
): Sample {
  const deliveries = bodies.map((body) => ({ trigger: body.triggerEvent, body: toBody(body) }));
  return { title, uid: newest.uid, deliveries, expected };
}

function asScheduled(startMs: number): SampleExpectation {
  return { status: 'scheduled', startMs, meetingOutcome: 'SCHEDULED', stageId: BOOKED_STAGE, task: null };
}

function guest(firstName: string, lastName: string): { readonly name: string; readonly email: string } {
  return { name: `${firstName} ${lastName}`, email: emailOf(firstName, lastName) };
}

function contact(firstname: string, lastname: string, phone: string) {
  return { email: emailOf(firstname, lastname), firstname, lastname, phone };
}

function emailOf(firstName: string, lastName: string): string {
  return `${firstName}.${lastName}@example.com`.toLowerCase();
}

/** 22 letters and digits, as Cal.com's uids look. */
function shortId(text: string): string {
  return createHash('sha256')
    .update(text)
    .digest('base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 22);
}
