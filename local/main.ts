/** `npm start`: the whole stack on this machine, the samples played, the addresses printed, until Ctrl-C. */
import { ConfigError } from '../config/problems';
import { onStopRequest } from './on-stop-request';
import { Refusal } from './refusal';
import { readSettings } from './settings';
import { signInLinkOf } from './sign-in-link';
import { showSamples } from './show-samples';
import { startStack, type Stack } from './stack';
import { subscribeCalcom, subscribeHubspot } from './subscribe';

const startedAt = Date.now();
const say = (line: string): void => console.log(line);

async function main(): Promise<void> {
  const { signal, whenStopped } = onStopRequest();
  const settings = await readSettings(process.env);
  say(`starting; data is kept in ${settings.stack.dataDir}`);
  const stack = await startStack({ ...settings.stack, say: (line) => say(`  ${line}`), signal });
  try {
    if (settings.usesSimulatedCalcom) {
      const webhookUrl = `${stack.apiUrl}/webhooks/calcom-sales`;
      await subscribeCalcom({ ...stack, webhookUrl, secret: settings.webhookSecret });
    }
    if (settings.usesSimulatedHubspot) {
      const webhookUrl = `${stack.apiUrl}/webhooks/hubspot-main`;
      await subscribeHubspot({ ...stack, webhookUrl, clientSecret: settings.hubspotClientSecret });
    }
    if (settings.noSamplesBecause !== null) say(`samples are not played: ${settings.noSamplesBecause}`);
    else await showSamples({ ...settings, stack, dataDir: settings.stack.dataDir, say, signal });
    if (!signal.aborted) printAddresses(stack, await signInLinkOf(stack));
    await whenStopped;
    say('stopping');
  } finally {
    await stack.stop();
  }
  say('stopped');
}

function printAddresses(stack: Stack, signInLink: string): void {
  const lines = [
    `ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`,
    `  console        ${signInLink}  (signs you in once, within ten minutes; later: ${stack.apiUrl}/console with the token below)`,
    `  API            ${stack.apiUrl}  (webhooks: POST ${stack.apiUrl}/webhooks/calcom-sales)`,
    `  API document   ${stack.apiUrl}/api/v1/openapi.json`,
    `  bookings       curl -H "Authorization: Bearer ${stack.apiToken}" ${stack.apiUrl}/api/v1/bookings`,
    ...(stack.temporalUiUrl === null ? [] : [`  Temporal UI    ${stack.temporalUiUrl}`]),
    `  Cal.com        ${stack.simulatorsUrl}/calcom/  (play the guest: book, move, cancel, stay away)`,
    `  CRM simulators ${stack.simulatorsUrl}/hubspot/  ${stack.simulatorsUrl}/gohighlevel/  (play the rep)`,
    `  mail simulator ${stack.simulatorsUrl}/mail/_admin/state`,
    `  Slack simulator ${stack.simulatorsUrl}/slack/  (notes about leads)`,
    `  PostgreSQL     ${stack.databaseUrl}`,
    'Ctrl-C stops everything; starting again goes on from here.',
  ];
  say(lines.join('\n'));
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const isForPeople = error instanceof Refusal || error instanceof ConfigError;
    console.error(isForPeople ? error.message : error);
    process.exit(1);
  },
);
