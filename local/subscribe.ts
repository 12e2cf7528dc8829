/**
 * Tells the simulated Cal.com to send its webhooks to this stack, as an account's owner would in Cal.com's settings.
 * Invariant: repeating it changes nothing, so every start may do it.
 */
import { Refusal } from './refusal';

/** Throws a Refusal when the simulator does not take it. */
export async function subscribeSimulator(to: {
  readonly simulatorsUrl: string;
  readonly webhookUrl: string;
  readonly secret: string;
}): Promise<void> {
  const response = await fetch(`${to.simulatorsUrl}/calcom/_admin/subscribe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url: to.webhookUrl, secret: to.secret }),
  });
  if (!response.ok) {
    throw new Refusal(
      `The simulated Cal.com answered ${response.status} to the subscription of ${to.webhookUrl}. Delete its state below .data/ and start again.`,
    );
  }
}
