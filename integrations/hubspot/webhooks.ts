/**
 * HubSpot's webhooks to a CRM connection.
 * Invariant: nothing of HubSpot's vocabulary passes it except a trigger's and fields' names, and reasons in words.
 */
import type { CrmWebhooks } from '../webhook-port';
import { readDelivery, withoutValues } from './events';
import { verifySignature } from './signature';

export interface HubspotWebhookSettings {
  /** Client secrets of the app: every one that may sign right now. */
  readonly webhookSecrets: readonly string[];
  /** The address as HubSpot calls it; it is part of what is signed. */
  readonly webhookUrl: string | null;
  /** Events of other accounts are passed over; null: any account. */
  readonly portalId: string | null;
}

/** Null where no secret may sign. `now`: epoch ms, for the age of a signature. */
export function hubspotWebhooks(settings: HubspotWebhookSettings, now: () => number): CrmWebhooks | null {
  if (settings.webhookSecrets.length === 0) return null;
  return {
    kind: 'hubspot',
    verifySignature: (rawBody, header) =>
      verifySignature({ url: settings.webhookUrl, rawBody, header }, settings.webhookSecrets, now()),
    // It sends none: `eventId` is not unique by itself, so the body's hash tells repeats.
    deliveryId: () => null,
    keptHeaders: [],
    keptBody: withoutValues,
    read: (rawBody) => readDelivery(rawBody, settings.portalId),
    // It repeats up to ten times in a day on errors and timeouts.
    onTrouble: { status: 503, retryAfterSeconds: 5 },
  };
}
