/** What the doctor says about sources and CRMs, without any of them. */
import { checkCrm, type LeadOwners } from '../../cli/check-crm';
import { toText } from '../../cli/check-line';
import { checkSource, type SourceToCheck } from '../../cli/check-source';
import type { CrmMapping } from '../../domain/settings';
import {
  CrmError,
  SourceError,
  type Crm,
  type CrmCatalog,
  type CrmErrorClass,
  type SourceErrorClass,
} from '../../integrations/ports';
import { shownApi } from '../support/read-source';

const WEBHOOK_URL = 'https://booksync.example.com/webhooks/calcom-sales';
const OFF = { problem: 'the webhook is switched off', fixable: true };
const TWICE = { problem: 'two webhooks send the same', fixable: false };

function aSource(given: Partial<SourceToCheck> = {}) {
  const api = shownApi(() => 0);
  const source = { connection: 'calcom-sales', api, webhookUrl: WEBHOOK_URL, secret: 'first-secret', fix: false };
  return { api, check: async () => (await checkSource({ ...source, ...given })).map(toText) };
}

describe('a source', () => {
  test('that answers and subscribes as it should is told as two good lines', async () => {
    const { check } = aSource();
    expect(await check()).toEqual([
      'ok       calcom-sales API: answers and accepts our credentials',
      'ok       calcom-sales subscription: as it should be',
    ]);
  });

  test('gets every finding told in words, with what mends it, and nothing mended', async () => {
    const { api, check } = aSource();
    api.findings = [OFF, TWICE];
    expect((await check()).slice(1)).toEqual([
      'PROBLEM  calcom-sales subscription: the webhook is switched off; `booksync doctor --fix` mends it',
      'PROBLEM  calcom-sales subscription: two webhooks send the same; mend it at the source',
    ]);
    expect(api.mended).toEqual([]);
  });

  test('is mended with the first webhook secret on request, and looked at again', async () => {
    const { api, check } = aSource({ fix: true });
    api.findings = [OFF, TWICE];
    const lines = await check();
    expect(lines.slice(1)).toEqual([
      'fixed    calcom-sales subscription: mended: the webhook is switched off',
      'PROBLEM  calcom-sales subscription: two webhooks send the same; mend it at the source',
    ]);
    expect(api.mended).toEqual([{ webhookUrl: WEBHOOK_URL, secret: 'first-secret' }]);
    expect(lines.join()).not.toContain('first-secret');
  });

  test('without an API, or without our address, is as configured, and what that costs is told', async () => {
    expect(await aSource({ api: null }).check()).toEqual([expect.stringMatching(/^note .*a lost one stays lost/)]);
    expect(await aSource({ webhookUrl: null }).check()).toEqual([
      expect.stringMatching(/^ok /),
      expect.stringMatching(/^note .*webhookUrl/),
    ]);
  });

  test.each<[SourceErrorClass, RegExp]>([
    ['reauth_required', /credentials.*HTTP 401/],
    ['unavailable', /does not answer/],
    ['rate_limited', /rate limit/],
    ['refused', /account/],
    ['contract_violation', /understand/],
    ['unknown_outcome', /try again/],
  ])('in trouble is told what to do, and not quoted: %s', async (errorClass, words) => {
    const { api, check } = aSource();
    api.failures.push(new SourceError(errorClass, 'list failed', { httpStatus: 401, vendorText: 'guest@example.com' }));
    const [line, ...others] = await check();
    expect(line).toMatch(/^PROBLEM {2}calcom-sales API: /);
    expect(line).toMatch(words);
    expect(others).toEqual([]);
    expect(line).not.toContain('@');
  });
});

describe('a CRM', () => {
  const mapping: CrmMapping = {
    pipelineId: 'sales',
    stageOrder: ['new', 'met'],
    forwardOnly: true,
    eventTypes: {},
    lead: null,
    notes: false,
    byStatus: { showed: { stageId: 'met', onlyFrom: null } },
  };
  const catalog = (...stages: string[]): CrmCatalog => ({
    pipelines: [
      { id: 'sales', label: 'Sales', stages: stages.map((id, order) => ({ id, label: id.toUpperCase(), order })) },
    ],
    personFields: [],
  });
  const aCrm = (given: Partial<Crm> = {}): Crm =>
    ({
      capabilities: { tags: false },
      probe: () => Promise.resolve(),
      describe: () => Promise.resolve(catalog('new', 'met')),
      ...given,
    }) as unknown as Crm;
  const check = async (crm: Crm, fix = false, owners: LeadOwners[] = []): Promise<string[]> =>
    (await checkCrm({ connection: 'hubspot-main', crm, mapping, owners, fix })).map(toText);

  test('that answers, and that the mapping fits, is told as two good lines', async () => {
    expect(await check(aCrm())).toEqual([
      'ok       hubspot-main API: answers and accepts our credentials',
      'ok       hubspot-main mapping: everything that it names is in use',
    ]);
  });

  test('of which somebody who takes turns is no user is told by their place, never by their address', async () => {
    const findOwner = (email: string) => Promise.resolve(email === 'known@example.com' ? { id: '1' } : null);
    const owners = [
      { source: 'calcom-sales', emails: ['known@example.com', 'left@example.com'] },
      { source: 'calcom-other', emails: ['known@example.com'] },
    ];
    const lines = (await check(aCrm({ findOwner }), false, owners)).slice(2);
    expect(lines).toEqual([
      expect.stringMatching(/^PROBLEM  hubspot-main owners: no\. 2 of leads\.owner of calcom-sales is no active user/),
      'ok       hubspot-main owners: all 1 of leads.owner of calcom-other are users of it',
    ]);
    expect(lines.join()).not.toContain('@');
  });

  test('that lacks a mapped stage is told with the stages that it has', async () => {
    const lines = await check(aCrm({ describe: () => Promise.resolve(catalog('new', 'won')) }));
    expect(lines.slice(1)).toEqual([
      'PROBLEM  hubspot-main mapping: stage "met" is not in use in that pipeline; expected one of new, won',
    ]);
  });

  test('gets the fields that it lacks on request only, and what it refuses is told', async () => {
    const setUps: string[] = [];
    const ensureSetup = (): ReturnType<Crm['ensureSetup']> => {
      setUps.push('made');
      return Promise.resolve({
        done: ['made the key of deals'],
        missing: ['meetings have no key: lookups are slower'],
      });
    };
    await check(aCrm({ ensureSetup }));
    expect(setUps).toEqual([]);
    expect((await check(aCrm({ ensureSetup }), true)).slice(1, 3)).toEqual([
      'ok       hubspot-main fields: made the key of deals',
      'note     hubspot-main fields: meetings have no key: lookups are slower',
    ]);
  });

  test.each<[CrmErrorClass, RegExp]>([
    ['reauth_required', /credentials/],
    ['scope_missing', /lack a scope/],
    ['account_inactive', /not active/],
    ['rate_limited', /rate limit/],
    ['unavailable', /does not answer/],
    ['mapping_invalid', /mapping_invalid/],
  ])('in trouble is told what to do, and not quoted: %s', async (errorClass, words) => {
    const trouble = new CrmError(errorClass, 'probe failed', { vendorText: 'guest@example.com' });
    const [line, ...others] = await check(aCrm({ probe: () => Promise.reject(trouble) }));
    expect(line).toMatch(/^PROBLEM/);
    expect(line).toMatch(words);
    expect(line).not.toContain('@');
    expect(others).toEqual([]);
  });
});
