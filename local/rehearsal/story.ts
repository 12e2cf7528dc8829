/**
 * What the guest and the operator do in the rehearsal: signed webhooks through the real endpoint, a decision through the real API.
 */
import { sign } from '../../integrations/calcom/signature';
import { bookingCreated, bookingRescheduled, toBody, type CalcomBody } from '../samples/calcom-body';
import type { Stack } from '../stack';

export const REHEARSAL_UID = 'rehearsal-booking';

export interface RehearsalCast {
  readonly stack: Stack;
  /** Start of the first slot. */
  readonly startMs: number;
}

const GUEST = { name: 'Rhea Rehearsal', email: 'rhea.rehearsal@example.com' };
const DAY = 86_400_000;

export async function bookTheGuest({ stack, startMs }: RehearsalCast): Promise<void> {
  await request(`${stack.simulatorsUrl}/hubspot/crm/objects/2026-09/contacts`, {
    token: process.env.HUBSPOT_TOKEN ?? 'pat-demo',
    body: JSON.stringify({ properties: { email: GUEST.email, firstname: 'Rhea', lastname: 'Rehearsal' } }),
  });
  await hear(stack, bookingCreated({ uid: REHEARSAL_UID, startMs, guest: GUEST }));
}

export async function moveTheBooking({ stack, startMs }: RehearsalCast): Promise<void> {
  const previous = { uid: REHEARSAL_UID, startMs };
  await hear(
    stack,
    bookingRescheduled({ uid: `${REHEARSAL_UID}-moved`, startMs: startMs + DAY, guest: GUEST, previous }),
  );
}

export async function decideReview({ stack }: RehearsalCast, taskId: string): Promise<void> {
  await request(`${stack.apiUrl}/api/v1/tasks/${taskId}/decision`, {
    token: stack.apiToken,
    body: JSON.stringify({ decision: 'showed' }),
  });
}

async function hear(stack: Stack, body: CalcomBody): Promise<void> {
  const raw = toBody(body);
  const secret = process.env.CALCOM_WEBHOOK_SECRET ?? 'demo-calcom-secret';
  await request(`${stack.apiUrl}/webhooks/calcom-sales`, {
    headers: { 'x-cal-signature-256': sign(Buffer.from(raw), secret) },
    body: raw,
  });
}

async function request(
  url: string,
  options: { token?: string; headers?: Record<string, string>; body: string },
): Promise<void> {
  const authorization = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization, ...options.headers },
    body: options.body,
  });
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}: ${await response.text()}`);
}
