/** The CRM connections of some settings, at the simulated vendors and without a limit of their own. */
import { createGohighlevelCrm } from '../../integrations/gohighlevel/crm';
import { createHubspotCrm } from '../../integrations/hubspot/crm';
import type { Crm } from '../../integrations/ports';
import type { Simulators } from '../../local/simulators/server';

const requestsPerSecond = 1_000;

/** By connection id. Connections of other kinds are left out. */
export function simulatedCrms(
  simulators: Simulators,
  { connections }: { readonly connections: Readonly<Record<string, { readonly kind: string }>> },
): ReadonlyMap<string, Crm> {
  const crms = new Map<string, Crm>();
  for (const [id, { kind }] of Object.entries(connections)) {
    if (kind === 'hubspot') {
      crms.set(id, createHubspotCrm({ baseUrl: `${simulators.url}/hubspot`, token: 'pat-test', requestsPerSecond }));
    }
    if (kind === 'gohighlevel') {
      const location = { locationId: 'loc-main', calendarId: 'cal-main', token: 'pit-demo' };
      crms.set(id, createGohighlevelCrm({ baseUrl: `${simulators.url}/gohighlevel`, ...location, requestsPerSecond }));
    }
  }
  return crms;
}
