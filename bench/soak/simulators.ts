/**
 * What a soak does to the simulated vendors, and reads of them, over their admin paths.
 * Invariant: of the CRMs' requests a fifth meets a fault, about half of those after the request was carried out.
 */
import { createChances } from '../../local/simulators/chances';
import type { HttpFaultInput } from '../../local/simulators/faults';
import {
  CRM_NAMES,
  gohighlevelRecords,
  hubspotRecords,
  type CrmName,
  type Evidence,
  type GohighlevelAnswer,
  type HubspotAnswer,
  type JournalLine,
} from './evidence';
import type { OracleBooking } from './stories';

export const FAULT_SHARE = 0.2;

/** Applied and dropped; refused; slow. */
const FAULTS: readonly HttpFaultInput[] = [
  { connection: 'reset_after' },
  { status: 502, apply: true },
  { truncate: true },
  { connection: 'reset_before' },
  { status: 503 },
  { status: 429, headers: { 'retry-after': '1' } },
  { delayMs: 300 },
];

/** Hits so many requests, one of five on average: between two that it hits, up to eight pass. */
export function faultPlan(count: number, seed: number): readonly HttpFaultInput[] {
  const chances = createChances(seed);
  const between = 2 * (1 / FAULT_SHARE - 1);
  let skip = 0;
  return Array.from({ length: count }, (_, n) => {
    skip += Math.round(chances.next() * between);
    return { ...FAULTS[n % FAULTS.length], skip };
  });
}

export interface SoakSimulators {
  setFaults(crm: CrmName, faults: readonly HttpFaultInput[]): Promise<void>;
  /** HubSpot refuses our token, or takes it again. */
  revokeToken(isRevoked: boolean): Promise<void>;
  introduce(oracle: readonly OracleBooking[]): Promise<void>;
  read(): Promise<Pick<Evidence, 'crms' | 'journals' | 'mails'>>;
}

export function soakSimulators(url: string): SoakSimulators {
  const admin = async <T>(request: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${url}/${request}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${request} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    setFaults: (crm, faults) => admin(`${crm}/_admin/faults`, { faults }),
    revokeToken: (isRevoked) => admin('hubspot/_admin/settings', { token: isRevoked ? 'revoked' : 'accepted' }),
    async introduce(oracle) {
      // The vendors' limits would be measured instead of the service.
      for (const crm of CRM_NAMES) await admin(`${crm}/_admin/settings`, { rateLimits: null, searchLagMs: 2_000 });
      for (const { email, uid } of oracle.filter(({ isKnown }) => isKnown)) {
        const lastName = uid.replace(/-\w$/, '');
        await admin('gohighlevel/_admin/act', { action: 'createContact', email, firstName: 'Soak', lastName });
        await createHubspotContact(url, { email, firstname: 'Soak', lastname: lastName });
      }
    },
    async read() {
      const [hubspot, gohighlevel, hubspotJournal, gohighlevelJournal, mail] = await Promise.all([
        admin<HubspotAnswer>('hubspot/_admin/state'),
        admin<GohighlevelAnswer>('gohighlevel/_admin/state'),
        admin<JournalLine[]>('hubspot/_admin/requests'),
        admin<JournalLine[]>('gohighlevel/_admin/requests'),
        admin<{ messages: Evidence['mails'] }>('mail/_admin/messages'),
      ]);
      return {
        crms: { hubspot: hubspotRecords(hubspot), gohighlevel: gohighlevelRecords(gohighlevel) },
        journals: { hubspot: hubspotJournal, gohighlevel: gohighlevelJournal },
        mails: mail.messages.map(({ to, subject, messageId }) => ({ to, subject, messageId })),
      };
    },
  };
}

async function createHubspotContact(url: string, properties: Readonly<Record<string, string>>): Promise<void> {
  const response = await fetch(`${url}/hubspot/crm/objects/2026-09/contacts`, {
    method: 'POST',
    headers: { authorization: 'Bearer pat-demo', 'content-type': 'application/json' },
    body: JSON.stringify({ properties }),
  });
  if (response.status !== 201) throw new Error(`A contact was refused: ${response.status} ${await response.text()}`);
}
