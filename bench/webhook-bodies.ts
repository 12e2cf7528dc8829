/**
 * Signed Cal.com deliveries without end, each with its own uid, guest and instant, cheap enough not to slow the sender down.
 * Invariant: the bytes are what Cal.com sends for BOOKING_CREATED (about 1.6 KB); only the marked places differ.
 */
import { SIGNATURE_HEADER, sign } from '../integrations/calcom/signature';
import { bookingCreated, toBody } from '../local/samples/calcom-body';

export const CONNECTION = 'calcom-sales';
export const WEBHOOK_PATH = `/webhooks/${CONNECTION}`;
const DAY_MS = 86_400_000;
const UID = 'benchuid';
const CREATED_AT_MS = Date.UTC(2026, 0, 1);

/** The guest's address; no telephone number, so that no CRM search is needed. */
export const emailOf = (uid: string): string => `guest-${uid}@example.com`;

/** Makes bodies for a slot ten days from now. `uid` is of lower-case letters, digits and dashes. */
export function createBodies(nowMs = Date.now()): (uid: string) => string {
  const startMs = Math.ceil(nowMs / DAY_MS) * DAY_MS + 10 * DAY_MS;
  const template = toBody(
    bookingCreated({
      uid: UID,
      startMs,
      createdAtMs: CREATED_AT_MS,
      guest: { name: 'Gina Guest', email: emailOf(UID) },
      answers: { company: 'Example Roofing', size: '11-50' },
    }),
  );
  const parts = template.split(new Date(CREATED_AT_MS).toISOString()).map((part) => part.split(UID));
  return (uid) => parts.map((part) => part.join(uid)).join(new Date().toISOString());
}

export function headersOf(body: string, secret: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'x-cal-webhook-version': '2021-10-20',
    [SIGNATURE_HEADER]: sign(body, secret),
  };
}
