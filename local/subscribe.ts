/**
 * Tells the simulated vendors to send their webhooks to this stack, as an account's owner would in the vendors' settings.
 * Invariant: repeating it changes nothing, so every start may do it.
 */
import { Refusal } from './refusal';

/** Throws a Refusal when the simulator does not take it. */
export async function subscribeCalcom(to: {
  readonly simulatorsUrl: string;
  readonly webhookUrl: string;
  readonly secret: string;
}): Promise<void> {
  await post(`${to.simulatorsUrl}/calcom/_admin/subscribe`, { url: to.webhookUrl, secret: to.secret }, 'Cal.com');
}

/** `clientSecret`: the app's, which signs. Throws a Refusal when the simulator does not take it. */
export async function subscribeHubspot(to: {
  readonly simulatorsUrl: string;
  readonly webhookUrl: string;
  readonly clientSecret: string;
}): Promise<void> {
  const { webhookUrl, clientSecret } = to;
  await post(`${to.simulatorsUrl}/hubspot/_admin/settings`, { webhookUrl, clientSecret }, 'HubSpot');
}

async function post(address: string, body: unknown, vendor: string): Promise<void> {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) {
    throw new Refusal(
      `The simulated ${vendor} answered ${response.status} when it was told where to send its webhooks. Delete its state below .data/ and start again.`,
    );
  }
}
