/**
 * Cal.com as a source of bookings.
 * Invariant: nothing of Cal.com's vocabulary passes this object except a trigger's name and reasons in words.
 */
import type { BookingSource } from '../ports';
import { readDelivery, VERSION_HEADER } from './events';
import { verifySignature } from './signature';

export const calcomSource: BookingSource = {
  kind: 'calcom',
  verifySignature,
  // Cal.com sends none: the body's hash, and then the meaning of its events, tell repeats.
  deliveryId: () => null,
  keptHeaders: [VERSION_HEADER, 'content-type'],
  read: readDelivery,
  // Its queue repeats on 503 (three attempts); the older sender never repeats, whatever the answer.
  onTrouble: { status: 503, retryAfterSeconds: 5 },
};
