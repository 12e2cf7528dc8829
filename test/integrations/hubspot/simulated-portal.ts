/**
 * What the tests of the adapter against the HubSpot simulator share: the simulator's life, a sample person, a synced booking.
 * Invariant: every test begins with an empty account whose search does not lag, and ends without a violation of the contract.
 */
import type { ClientOptions } from '../../../integrations/crm-client';
import { createHubspotCrm } from '../../../integrations/hubspot/crm';
import { CrmError, type Crm, type CrmCall, type PersonFields } from '../../../integrations/ports';
import type { HubspotSimulator } from '../../../local/simulators/hubspot/simulator';
import { startSimulators, type Simulators } from '../../../local/simulators/server';
import { appointment } from './canned-transport';

export const call: CrmCall = { operationKey: 'op-1', signal: new AbortController().signal };
export const guest: PersonFields = {
  email: 'guest@example.com',
  phone: '+12025550143',
  firstName: 'Ada',
  lastName: 'Sample',
};
export const FIRST_STAGE = { pipelineId: 'default', stageId: 'appointmentscheduled' } as const;

export interface Portal {
  readonly hubspot: HubspotSimulator;
  adapter(more?: ClientOptions): Crm;
  /** The simulator's address as a base URL. */
  url(): string;
  live(
    type: 'contacts' | 'meetings' | 'deals',
  ): readonly { readonly id: string; readonly properties: Readonly<Record<string, string | null>> }[];
  /** Empties the account. */
  reset(): void;
  /** This test breaks the contract on purpose, with these reasons. */
  breaksContract(reasons: RegExp): void;
}

/** Starts a simulator for the test file and empties it before each test. */
export function usePortal(): Portal {
  let simulators: Simulators;
  let onPurpose: RegExp | null = null;
  const reset = (): void => {
    onPurpose = null;
    simulators.hubspot.reset();
    simulators.hubspot.changeSettings({ searchLagMs: 0 });
  };
  beforeAll(async () => {
    simulators = await startSimulators({ port: 0 });
  });
  afterAll(() => simulators.close());
  beforeEach(reset);
  afterEach(() => {
    const broken = simulators.hubspot.requests().filter(({ violation }) => violation !== null);
    expect(broken.filter(({ violation }) => onPurpose?.test(violation ?? '') !== true)).toEqual([]);
  });
  return {
    get hubspot() {
      return simulators.hubspot;
    },
    url: () => `${simulators.url}/hubspot`,
    adapter: (more = {}) =>
      createHubspotCrm({ baseUrl: `${simulators.url}/hubspot`, token: 'pat-demo', requestsPerSecond: 1_000, ...more }),
    live: (type) => simulators.hubspot.state().objects[type].filter(({ archived }) => !archived),
    reset,
    breaksContract: (reasons) => void (onPurpose = reasons),
  };
}

export const opportunity = (personId: string) => ({
  externalKey: 'o:calcom-sales:uid-1',
  personId,
  name: 'Sample deal',
  ownerId: null,
  ...FIRST_STAGE,
});

export interface Ids {
  readonly personId: string;
  readonly dealId: string;
  readonly meetingId: string;
}

/** A contact whose last name is not known yet, a deal and a meeting, as a sync leaves them. */
export async function synced(crm: Crm): Promise<Ids> {
  const { id: personId } = await crm.createPerson({ ...guest, lastName: null }, call);
  const { id: dealId } = await crm.createOpportunity(opportunity(personId), call);
  const { id: meetingId } = await crm.createAppointment(appointment({ personId, opportunityId: dealId }), call);
  return { personId, dealId, meetingId };
}

/** The `CrmError` that a call fails with; anything else, success included, fails the test. */
export async function failure(promise: Promise<unknown>): Promise<CrmError> {
  const thrown: unknown = await promise.then(
    () => new Error('expected a failure'),
    (error: unknown) => error,
  );
  if (thrown instanceof CrmError) return thrown;
  throw thrown;
}
