/**
 * HighLevel's own client against the simulated location: only its host is replaced.
 * Invariant: paths, bodies and the version header 2023-02-21 stay as the client sends them; the simulator takes them, with the dated wire names.
 */
import { HighLevel } from '@gohighlevel/api-client';
import type { HighLevelConfig } from '@gohighlevel/api-client/dist/lib/HighLevel';
import type { Exchange } from '../gohighlevel/contract-files';
import { GUEST, LOCATION, START_TIME } from '../gohighlevel/location-client';

/** What identifies the app or the integration. */
export type Credentials =
  Required<Pick<HighLevelConfig, 'clientId' | 'clientSecret'>> | { privateIntegrationToken: string };

export interface WatchedClient {
  readonly client: HighLevel;
  /** What succeeded, as the wire had it. */
  readonly exchanges: readonly Exchange[];
}

/** A client of the location at `baseUrl` (`http://127.0.0.1:…/gohighlevel`), silent. */
export function watchedClient(baseUrl: string, credentials: Credentials): WatchedClient {
  const exchanges: Exchange[] = [];
  const client = new HighLevel({ ...credentials, logLevel: 'none' });
  // The client has no option for it; the instance is public.
  client.getHttpClient().defaults.baseURL = baseUrl;
  client.addResponseInterceptor({
    onFulfilled(response) {
      const {
        method = 'get',
        url = '',
        data: sent,
      } = response.config as { method?: string; url?: string; data?: unknown };
      exchanges.push({
        wire: 'dated',
        method: method.toUpperCase(),
        path: url,
        request: bodyOf(sent),
        status: response.status,
        answer: response.data as unknown,
      });
      return response;
    },
  });
  return { client, exchanges };
}

/** Bodies are JSON, except for those of OAuth. */
function bodyOf(sent: unknown): unknown {
  if (typeof sent !== 'string') return undefined;
  return sent.startsWith('{') ? JSON.parse(sent) : Object.fromEntries(new URLSearchParams(sent));
}

/** What a row is played with. */
export interface LocationWorld {
  readonly client: HighLevel;
  /** Moves the location's clock. */
  later(ms: number): void;
}

/** Creates a contact and returns its id. */
export async function newContact(client: HighLevel, fields: object = GUEST): Promise<string> {
  const { contact } = await client.contacts.createContact({ ...LOCATION, ...fields });
  return contact?.id ?? '';
}

/** Creates an opportunity in the stage of booked appointments and returns its id. */
export async function newOpportunity(client: HighLevel, contactId: string): Promise<string> {
  const { opportunity } = await client.opportunities.createOpportunity({
    ...LOCATION,
    pipelineId: 'pipe-main',
    pipelineStageId: 'stage-booked',
    name: 'Kitchen',
    status: 'open',
    contactId,
  });
  return opportunity?.id ?? '';
}

/** Books half an hour and returns the appointment's id. */
export async function newAppointment(client: HighLevel, contactId: string): Promise<string> {
  const { id } = await client.calendars.createAppointment({
    ...LOCATION,
    calendarId: 'cal-main',
    contactId,
    startTime: START_TIME,
    endTime: '2026-11-24T10:30:00-07:00',
    toNotify: false,
    ignoreFreeSlotValidation: true,
    title: 'Intro call',
  });
  return id;
}
