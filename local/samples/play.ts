/**
 * Plays the samples through the real doors: contacts by HubSpot's API, deliveries by the signed webhook.
 * Invariant: one request after the other, in the stories' order; playing again changes nothing.
 */
import { SIGNATURE_HEADER, sign } from '../../integrations/calcom/signature';
import { sampleContacts, sampleDeliveries } from './samples';
import type { Sample, SampleDelivery } from './samples';

const CONTACTS_PATH = '/crm/objects/2026-09/contacts';
const WEBHOOK_PATH = '/webhooks/calcom-sales';
const REQUEST_TIMEOUT_MS = 15_000;

export interface PlayOptions {
  /** Base URL of our API, and the secret of its connection `calcom-sales`. */
  readonly apiUrl: string;
  readonly secret: string;
  /** Every instant of the samples follows from it, epoch ms. */
  readonly anchorMs: number;
  /** Base URL of HubSpot's API (or of its simulator) and a token for it. */
  readonly hubspotUrl: string;
  readonly hubspotToken: string;
  readonly fetch?: typeof globalThis.fetch;
  /** Awaited after each answer; for a caller who wants to watch a story step by step. */
  readonly onAnswer?: (sample: Sample, answer: PlayedDelivery) => void | Promise<void>;
}

/** How our API answered one delivery. `status` and `deliveryId` are null, and `error` is not, unless it was taken. */
export interface PlayedDelivery {
  readonly trigger: string;
  readonly httpStatus: number;
  readonly status: 'stored' | 'duplicate' | null;
  readonly deliveryId: string | null;
  /** The `code` of our API's error. */
  readonly error: string | null;
}

export interface PlayedSamples {
  readonly contacts: { readonly created: number; readonly existing: number };
  readonly stories: readonly { readonly sample: Sample; readonly answers: readonly PlayedDelivery[] }[];
}

/** Throws when a contact is refused for another reason than that it exists, or when one of the two does not answer. */
export async function playSamples(options: PlayOptions): Promise<PlayedSamples> {
  const contacts = { created: 0, existing: 0 };
  for (const properties of sampleContacts) contacts[await createContact(properties, options)] += 1;

  const stories = [];
  for (const sample of sampleDeliveries(options.anchorMs)) {
    const answers: PlayedDelivery[] = [];
    for (const delivery of sample.deliveries) {
      const answer = await deliver(delivery, options);
      answers.push(answer);
      await options.onAnswer?.(sample, answer);
    }
    stories.push({ sample, answers });
  }
  return { contacts, stories };
}

async function createContact(
  properties: Readonly<Record<string, string>>,
  options: PlayOptions,
): Promise<'created' | 'existing'> {
  const response = await post('the CRM', options.hubspotUrl + CONTACTS_PATH, options, {
    headers: { authorization: `Bearer ${options.hubspotToken}` },
    body: JSON.stringify({ properties }),
  });
  await response.arrayBuffer();
  // HubSpot answers 409 when a contact with this e-mail exists.
  if (response.status === 409) return 'existing';
  if (response.ok) return 'created';
  throw new Error(
    `Creating a sample contact answered ${response.status}, expected 201 or 409; check the CRM's base URL and token`,
  );
}

async function deliver(delivery: SampleDelivery, options: PlayOptions): Promise<PlayedDelivery> {
  const response = await post('the webhook endpoint', options.apiUrl + WEBHOOK_PATH, options, {
    headers: { 'x-cal-webhook-version': '2021-10-20', [SIGNATURE_HEADER]: sign(delivery.body, options.secret) },
    body: delivery.body,
  });
  const answer = asRecord(await response.json().catch(() => null));
  const status = answer['status'];
  const code = asRecord(answer['error'])['code'];
  const taken = response.ok && (status === 'stored' || status === 'duplicate');
  return {
    trigger: delivery.trigger,
    httpStatus: response.status,
    status: taken ? status : null,
    deliveryId: taken && typeof answer['delivery'] === 'string' ? answer['delivery'] : null,
    error: taken ? null : typeof code === 'string' ? code : 'unexpected_answer',
  };
}

async function post(
  whom: string,
  url: string,
  options: PlayOptions,
  request: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
): Promise<Response> {
  try {
    return await (options.fetch ?? globalThis.fetch)(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...request.headers },
      body: request.body,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
  } catch (cause) {
    throw new Error(`No answer from ${whom} at ${url}; is it running?`, { cause });
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
