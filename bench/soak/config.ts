/**
 * The configuration of a soak: one source, both CRMs, contacts made for new guests, one confirmation and nothing else that is sent.
 * Invariant: the stages are those that the checker expects (`WORDS`).
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { WORDS } from './checker';

export const SOURCE = 'calcom-sales';
export const SECRET = 'demo-calcom-secret';

export async function writeSoakConfig(dataDir: string): Promise<string> {
  const stages = ({ scheduled, no_show, canceled }: (typeof WORDS)[keyof typeof WORDS]) => ({
    stageOrder: [scheduled, no_show, canceled].map(({ stage }) => stage),
    status: {
      scheduled: { stage: scheduled.stage },
      no_show: { stage: no_show.stage },
      canceled: { stage: canceled.stage },
    },
  });
  const simulated = (vendor: string) => `http://127.0.0.1:\${SIMULATORS_PORT}/${vendor}`;
  const config = {
    connections: {
      [SOURCE]: { kind: 'calcom', webhookSecrets: [SECRET] },
      'hubspot-main': { kind: 'hubspot', baseUrl: simulated('hubspot'), token: 'pat-demo', requestsPerSecond: 100 },
      'gohighlevel-main': {
        kind: 'gohighlevel',
        baseUrl: simulated('gohighlevel'),
        token: 'pit-demo',
        requestsPerSecond: 100,
        locationId: 'loc-main',
        calendarId: 'cal-main',
      },
    },
    sync: [{ source: SOURCE, crms: ['hubspot-main', 'gohighlevel-main'], createPerson: 'create' }],
    mapping: {
      'hubspot-main': { pipeline: 'default', ...stages(WORDS.hubspot) },
      'gohighlevel-main': { pipeline: 'pipe-main', ...stages(WORDS.gohighlevel) },
    },
    messages: {
      from: 'desk@example.com',
      smtp: 'smtp://127.0.0.1:${SMTP_PORT}',
      confirmation: true,
      reminders: [],
      outcomeAsk: false,
    },
    tasks: { owner: 'front-desk' },
  };
  const file = path.join(dataDir, 'booksync.yaml');
  await writeFile(file, stringify(config));
  return file;
}
