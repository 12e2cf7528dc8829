/** Connecting an account in a real browser: from the console to the vendor's consent and back, by clicking. */
import type { Page } from 'playwright-core';
import { newSignInLink } from '../../api/pages/sign-in';
import { connectorOf } from '../../integrations/registry';
import { startSimulators } from '../../local/simulators/server';
import { idleEngine, testApi, TOKEN } from '../api/test-api';
import { chromiumOrWords, complaintsOf, describeNothing, faultsOn, openBrowser } from '../support/browser';
import { cleanUp } from '../support/clean-up';
import { testDatabase } from '../support/postgres';

const CRM = 'hubspot-main';

const chromium = chromiumOrWords();

(chromium === null ? describeNothing : describe)('an account that waits to be connected', () => {
  let page: Page;
  let url: string;
  let complaints: readonly string[];

  beforeAll(async () => {
    const [{ pool }, simulators] = await Promise.all([testDatabase(), startSimulators({ port: 0 })]);
    cleanUp(() => simulators.close());
    const hubspot = {
      kind: 'hubspot',
      baseUrl: `${simulators.url}/hubspot`,
      portalId: null,
      oauth: {
        refreshToken: null,
        scopes: null,
        clientId: 'hubspot-demo-client',
        clientSecret: 'hubspot-demo-secret',
        authorizeUrl: `${simulators.url}/hubspot/oauth/authorize`,
      },
    } as const;
    // Where browsers come back to is known when the port is.
    const connect = { connectors: new Map([[CRM, connectorOf(hubspot)!]]), publicUrl: null as string | null };
    const api = await testApi(pool, {
      connect,
      engine: { ...idleEngine, probeNow: () => Promise.resolve(true) },
      console: {
        zone: 'UTC',
        reportZone: 'UTC',
        mapping: {},
        temporalUi: null,
        connections: [{ id: CRM, kind: 'hubspot', role: 'crm', feeds: [] }],
      },
    });
    await api.opened;
    url = `http://127.0.0.1:${api.port}`;
    connect.publicUrl = url;
    page = await (await openBrowser(chromium!)).newPage();
    complaints = complaintsOf(page);
    await page.goto(url + (await newSignInLink(pool, { apiToken: TOKEN, nowMs: Date.now() })));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${url}/console`);
  }, 180_000);

  test('is connected by clicking from the console to its owner’s consent and back, on pages without a serious fault', async () => {
    await page.goto(`${url}/console/connections`);
    const faults = await faultsOn(page);
    await page.getByRole('button', { name: 'Connect the account' }).click();
    await page.getByRole('heading', { name: 'Connect an account' }).waitFor();
    faults.push(...(await faultsOn(page)));
    await page.getByRole('link', { name: 'Go on at HubSpot' }).click();
    await page.getByRole('button', { name: 'Connect app' }).click();
    await page.getByText(`${CRM} is connected. It is tried right now; you can close this page.`).waitFor();
    faults.push(...(await faultsOn(page)));
    expect(faults).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
