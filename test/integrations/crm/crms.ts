/**
 * All CRMs that the contract suite runs against, and the life of their simulators: a third CRM is one line here.
 * Invariant: every test begins with an empty account at the same instant, and no request of it breaks the vendor's contract.
 */
import { createGohighlevelCrm } from '../../../integrations/gohighlevel/crm';
import { createHubspotCrm } from '../../../integrations/hubspot/crm';
import type { CrmCapabilities } from '../../../integrations/ports';
import type { JournalEntry } from '../../../local/simulators/journal';
import { startSimulators, type Simulators } from '../../../local/simulators/server';
import { createStillClock, type CrmUnderTest, type MakeCrm, type StillClock } from './crm-under-test';
import { datedGohighlevelUnderTest, gohighlevelUnderTest, otherGohighlevel } from './gohighlevel-under-test';
import { hubspotUnderTest, hubspotWithoutKeys, mergingHubspot } from './hubspot-under-test';

const NOWHERE = { baseUrl: 'http://crm.invalid', token: 'none' };
const HUBSPOT = createHubspotCrm(NOWHERE).capabilities;
const HIGHLEVEL = createGohighlevelCrm({ ...NOWHERE, locationId: 'none', calendarId: 'none' }).capabilities;

export const CRMS: readonly (readonly [string, MakeCrm, CrmCapabilities])[] = [
  ['HubSpot', hubspotUnderTest, HUBSPOT],
  ['HubSpot without a key on meetings', hubspotWithoutKeys, HUBSPOT],
  ['HighLevel', gohighlevelUnderTest, HIGHLEVEL],
  ['HighLevel, dated versions', datedGohighlevelUnderTest, HIGHLEVEL],
];

/** The same CRMs with settings that change answers, and nothing that the port promises. */
export const VARIANTS: typeof CRMS = [
  ...CRMS,
  ['HubSpot that follows merges', mergingHubspot, HUBSPOT],
  ['HighLevel with its other answers', otherGohighlevel, HIGHLEVEL],
];

export interface UsedCrm {
  readonly account: CrmUnderTest;
  readonly clock: StillClock;
  readonly simulators: Simulators;
  /** How many requests of its adapters the account gets meanwhile. */
  counted(what: () => Promise<unknown>): Promise<number>;
}

/** Starts simulators for a block of tests. The account may be reset inside a test as well. */
export function useCrm(make: MakeCrm): UsedCrm {
  const clock = createStillClock();
  let used: { account: CrmUnderTest; simulators: Simulators } | null = null;
  const current = () => {
    if (used === null) throw new Error('The simulators run inside tests only.');
    return used;
  };
  beforeAll(async () => {
    const simulators = await startSimulators({ port: 0, clock: clock.now });
    const account = make(simulators, clock);
    const reset = (): void => {
      expectNoViolation(account.requests());
      account.reset();
    };
    used = { simulators, account: { ...account, reset } };
  });
  beforeEach(() => current().account.reset());
  afterAll(async () => {
    const { simulators, account } = current();
    await simulators.close();
    expectNoViolation(account.requests());
  });
  return {
    clock,
    get account() {
      return current().account;
    },
    get simulators() {
      return current().simulators;
    },
    counted: async (what) => {
      const before = current().account.requests().length;
      await what();
      return current().account.requests().length - before;
    },
  };
}

function expectNoViolation(requests: readonly JournalEntry[]): void {
  expect(requests.filter(({ violation }) => violation !== null)).toEqual([]);
}
