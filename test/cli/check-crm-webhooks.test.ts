/** What the doctor says about the webhooks of a CRM, from its settings alone. */
import { checkCrmWebhooks } from '../../cli/check-crm-webhooks';
import { toText } from '../../cli/check-line';
import type { ConnectionConfig } from '../../config/config';

const hubspot = (given: object): ConnectionConfig => ({
  kind: 'hubspot',
  baseUrl: 'https://api.hubapi.com',
  requestsPerSecond: 9,
  timeZone: null,
  token: 't',
  webhookSecrets: ['canary-secret'],
  webhookUrl: 'https://canary@hooks.example.com/webhooks/hub',
  portalId: null,
  bookFromCrm: null,
  ...given,
});
const highLevel = (given: object): ConnectionConfig => ({
  kind: 'gohighlevel',
  baseUrl: 'https://services.leadconnectorhq.com',
  locationId: 'l',
  calendarId: 'c',
  token: 't',
  apiVersion: 'v3',
  requestsPerSecond: 9,
  webhookKeys: null,
  webhookUrl: null,
  bookFromCrm: null,
  ...given,
});

test.each<[string, ConnectionConfig, RegExp]>([
  ['secret and address are set', hubspot({}), /^ok {7}hub webhooks: taken/],
  ['no secret is set', hubspot({ webhookSecrets: [] }), /^note .*not taken.*`webhookSecrets`/],
  [
    'the address is another one',
    hubspot({ webhookUrl: 'https://hooks.example.com/in' }),
    /^note .*\/webhooks\/hub; .*proxy/,
  ],
  ['HighLevel has its published key and no address', highLevel({}), /^note .*taken; set `webhookUrl`/],
  ['HighLevel has an empty list of keys', highLevel({ webhookKeys: [] }), /^note .*not taken.*`webhookKeys`/],
])('where %s', (_title, settings, words) => {
  const lines = checkCrmWebhooks('hub', settings).map(toText);
  expect(lines).toEqual([expect.stringMatching(words)]);
  expect(lines.join()).not.toContain('canary');
});
