/**
 * What the tests of the adapter against the HighLevel simulator share: the simulator's life, and adapters that talk to it.
 * Invariant: every test begins with an empty location whose searches do not lag, and ends without a violation of the contract.
 */
import { createGohighlevelCrm, type GohighlevelSettings } from '../../../integrations/gohighlevel/crm';
import type { TokenStore } from '../../../integrations/oauth-tokens';
import type { Crm, CrmCall } from '../../../integrations/ports';
import type { GohighlevelSimulator } from '../../../local/simulators/gohighlevel/simulator';
import { startSimulators, type Simulators } from '../../../local/simulators/server';

export const call: CrmCall = { operationKey: 'op-1', signal: new AbortController().signal };
export const FIRST_STAGE = { pipelineId: 'pipe-main', stageId: 'stage-new' } as const;

type Credentials = Pick<Extract<GohighlevelSettings, { oauth: unknown }>, 'oauth'> | { readonly token: string };

export interface SimulatedLocation {
  readonly gohighlevel: GohighlevelSimulator;
  adapter(
    more?: { readonly apiVersion?: 'v3' | 'dated'; readonly calendarId?: string; readonly requestTimeoutMs?: number },
    credentials?: Credentials,
    store?: TokenStore | null,
  ): Crm;
  /** `METHOD /path` of the requests so far, without queries and ids of ours. */
  requests(): readonly string[];
}

/** Starts a simulator for the test file and empties it before each test. */
export function useLocation(): SimulatedLocation {
  let simulators: Simulators;
  beforeAll(async () => {
    simulators = await startSimulators({ port: 0 });
  });
  afterAll(() => simulators.close());
  beforeEach(() => {
    simulators.gohighlevel.reset();
    simulators.gohighlevel.changeSettings({ searchLagMs: 0 });
  });
  afterEach(() => {
    expect(simulators.gohighlevel.state().violationReasons).toEqual({});
  });
  return {
    get gohighlevel() {
      return simulators.gohighlevel;
    },
    adapter: (more = {}, credentials = { token: 'pit-demo' }, store = null) =>
      createGohighlevelCrm(
        {
          baseUrl: `${simulators.url}/gohighlevel`,
          locationId: 'loc-main',
          calendarId: 'cal-main',
          requestsPerSecond: 1_000,
          ...more,
          ...credentials,
        },
        store,
      ),
    requests: () => simulators.gohighlevel.requests().map(({ method, path }) => `${method} ${path.split('?')[0]}`),
  };
}
