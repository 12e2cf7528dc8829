/**
 * HubSpot and its simulated portal for the contract suite.
 * Invariant: with `hasKeys` the portal takes our key properties and the set-up was run; without, it refuses the one of meetings.
 */
import { createHubspotCrm } from '../../../integrations/hubspot/crm';
import type { HubspotSimulator } from '../../../local/simulators/hubspot/simulator';
import {
  appointment,
  call,
  guest,
  type CrmUnderTest,
  type HeldAppointment,
  type HeldNote,
  type HeldOpportunity,
  type HeldPerson,
  type MakeCrm,
  type StillClock,
} from './crm-under-test';
import { directTransport } from './direct-transport';

const PIPELINE = {
  pipelineId: 'default',
  firstStageId: 'appointmentscheduled',
  nextStageId: 'qualifiedtobuy',
} as const;
const WORDS = {
  scheduled: 'SCHEDULED',
  rescheduled: 'RESCHEDULED',
  canceled: 'CANCELED',
  showed: 'COMPLETED',
  no_show: 'NO_SHOW',
} as const;
const REQUESTS_PER_SECOND = 1_000_000;

export const hubspotUnderTest: MakeCrm = (simulators, clock) => {
  const { hubspot } = simulators;
  const baseUrl = `${simulators.url}/hubspot`;
  const frame = { baseUrl, requestsPerSecond: REQUESTS_PER_SECOND, ...timeOf(clock) };
  const direct = directTransport(hubspot);
  return {
    baseUrl,
    ...PIPELINE,
    words: WORDS,
    textField: 'company',
    sourceField: 'lead_source',
    owner: { email: 'host@example.com', id: '77001' },
    adapter: (more = {}) => createHubspotCrm({ ...frame, token: 'pat-demo', ...more }),
    directAdapter: (transport = direct) => createHubspotCrm({ ...frame, token: 'pat-demo', transport }),
    direct,
    isSetUp: true,
    followsMerges: false,
    async connect(store) {
      const { clientId, clientSecret } = hubspot.settings();
      const refreshToken = await connect(baseUrl, hubspot);
      return () => createHubspotCrm({ ...frame, oauth: { clientId, clientSecret, refreshToken } }, store);
    },
    expireTokens: () => clock.advance(hubspot.settings().accessTokenMs),
    reset() {
      hubspot.reset();
      hubspot.changeSettings({ searchLagMs: 0, rateLimits: null, refreshTokens: 'rotated' });
    },
    lag: (searchLagMs) => void hubspot.changeSettings({ searchLagMs }),
    people: () => people(hubspot),
    appointments: () => appointments(hubspot),
    opportunities: () => opportunities(hubspot),
    notes: () => notes(hubspot),
    effects: () => ({
      stageMoves: Object.values(hubspot.state().automations).reduce((sum, { stageMoves }) => sum + stageMoves, 0),
    }),
    setFaults: (faults) => void hubspot.setFaults(faults),
    faultsLeft: () => hubspot.faultsLeft().length,
    requests: () => hubspot.requests(),
    rep: repOf(hubspot),
    provocations: provocationsOf(hubspot),
  };
};

/** A portal that takes no unique property on meetings: there, they are told apart by their text alone. */
export const hubspotWithoutKeys: MakeCrm = (simulators, clock) => {
  const account = hubspotUnderTest(simulators, clock);
  return {
    ...account,
    isSetUp: false,
    reset() {
      account.reset();
      simulators.hubspot.changeSettings({ uniqueMeetingProperties: false });
    },
  };
};

/** A portal that keeps the id of the record that others are merged into, and leads their ids to it. */
export const mergingHubspot: MakeCrm = (simulators, clock) => {
  const account = hubspotUnderTest(simulators, clock);
  return {
    ...account,
    followsMerges: true,
    reset() {
      account.reset();
      const merges = { mergeSurvivor: 'primary', mergedIds: 'redirected', additionalEmailsAreKeys: true } as const;
      simulators.hubspot.changeSettings(merges);
    },
  };
};

/** Waiting moves the account's clock, and nothing else does. */
export const timeOf = (clock: StillClock) => ({
  now: clock.now,
  sleep: (ms: number) => Promise.resolve(clock.advance(ms)),
});

type HubspotObject = ReturnType<HubspotSimulator['state']>['objects']['contacts'][number];

const live = (hubspot: HubspotSimulator, type: 'contacts' | 'deals' | 'meetings' | 'notes'): readonly HubspotObject[] =>
  hubspot.state().objects[type].filter(({ archived }) => !archived);

function linksOf(hubspot: HubspotSimulator, from: string, type: 'contacts' | 'deals'): readonly string[] {
  const links = hubspot.state().associations.filter((link) => link.from.id === from && link.to.type === type);
  return links.map(({ to }) => to.id);
}

function people(hubspot: HubspotSimulator): readonly HeldPerson[] {
  return live(hubspot, 'contacts').map(({ id, properties }) => ({
    id,
    email: properties['email'] ?? null,
    phone: properties['phone'] ?? null,
    firstName: properties['firstname'] ?? null,
    lastName: properties['lastname'] ?? null,
    tags: [],
    field: properties['company'] ?? null,
    source: properties['lead_source'] ?? null,
    ownerId: properties['hubspot_owner_id'] ?? null,
  }));
}

function appointments(hubspot: HubspotSimulator): readonly HeldAppointment[] {
  return live(hubspot, 'meetings').map(({ id, properties }) => ({
    id,
    personIds: linksOf(hubspot, id, 'contacts'),
    opportunityIds: linksOf(hubspot, id, 'deals'),
    startMs: Date.parse(properties['hs_meeting_start_time'] ?? ''),
    endMs: Date.parse(properties['hs_meeting_end_time'] ?? ''),
    status: properties['hs_meeting_outcome'] ?? '',
    title: properties['hs_meeting_title'] ?? '',
    text: properties['hs_meeting_body'] ?? '',
    ownerId: properties['hubspot_owner_id'] ?? null,
  }));
}

function opportunities(hubspot: HubspotSimulator): readonly HeldOpportunity[] {
  return live(hubspot, 'deals').map(({ id, properties }) => ({
    id,
    personIds: linksOf(hubspot, id, 'contacts'),
    name: properties['dealname'] ?? '',
    pipelineId: properties['pipeline'] ?? '',
    stageId: properties['dealstage'] ?? '',
  }));
}

function notes(hubspot: HubspotSimulator): readonly HeldNote[] {
  return live(hubspot, 'notes').map(({ id, properties }) => ({
    id,
    personIds: linksOf(hubspot, id, 'contacts'),
    text: properties['hs_note_body'] ?? '',
  }));
}

function repOf(hubspot: HubspotSimulator): CrmUnderTest['rep'] {
  return {
    deletePerson: (contactId) => void hubspot.act({ action: 'deleteContact', contactId }),
    setCompany: (contactId, company) => void hubspot.act({ action: 'editContact', contactId, properties: { company } }),
    mergePeople(otherId, primaryId) {
      const [left] = hubspot.act({ action: 'mergeContacts', primaryId, otherId });
      return left?.id ?? '';
    },
    deleteAppointment: (meetingId) => void hubspot.act({ action: 'deleteMeeting', meetingId }),
    mark: (meetingId, status) => void hubspot.act({ action: 'setOutcome', meetingId, outcome: WORDS[status] }),
    moveStage: (dealId, stageId) => void hubspot.act({ action: 'moveStage', dealId, stageId }),
    closeOpportunity: (dealId) => void hubspot.act({ action: 'moveStage', dealId, stageId: 'closedlost' }),
    deleteOpportunity: (dealId) => void hubspot.act({ action: 'deleteDeal', dealId }),
  };
}

function provocationsOf(hubspot: HubspotSimulator): CrmUnderTest['provocations'] {
  const change = (patch: Parameters<HubspotSimulator['changeSettings']>[0]) => () => void hubspot.changeSettings(patch);
  const toStage = (stageId: string) => ({ pipelineId: 'default', stageId });
  return {
    rate_limited: {
      arrange: () => {
        hubspot.changeSettings({ rateLimits: { tenSecondly: 100, searchPerSecond: 5, daily: 1 } });
        hubspot.setFaults([]);
      },
      run: async (crm) => {
        await crm.probe(call);
        await crm.probe(call);
      },
    },
    unavailable: { arrange: change({ down: true }), run: (crm) => crm.probe(call) },
    unknown_outcome: {
      arrange: change({ down: 'reset' }),
      // The client has not asked about key properties before, so a create of those would meet the outage earlier.
      run: (crm) => crm.createPerson({ ...guest, email: 'another@example.com' }, call),
    },
    reauth_required: { arrange: change({ token: 'revoked' }), run: (crm) => crm.probe(call) },
    scope_missing: {
      arrange: change({ missingScopes: ['crm.objects.contacts.write'] }),
      run: (crm, { personId }) => crm.writePerson(personId, { lastName: 'Other' }, call),
      fields: ['crm.objects.contacts.write'],
    },
    // HubSpot says nothing of its own about an account that was closed: its tokens are refused.
    account_inactive: null,
    mapping_invalid: {
      arrange: change({ archivedStages: ['qualifiedtobuy'] }),
      run: (crm, { opportunityId }) => crm.moveOpportunity(opportunityId, toStage('qualifiedtobuy'), call),
      fields: ['dealstage'],
    },
    crm_rule: {
      arrange: change({
        conditionalRules: [{ objectType: 'deals', property: 'dealstage', value: 'closedwon', requires: 'amount' }],
      }),
      run: (crm, { opportunityId }) => crm.moveOpportunity(opportunityId, toStage('closedwon'), call),
      fields: ['amount'],
    },
    invalid_data: {
      arrange: () => undefined,
      run: (crm, { personId }) => crm.writePerson(personId, { email: 'canary at example' }, call),
      fields: ['email'],
    },
    target_gone: {
      arrange: ({ appointmentId: meetingId }) => void hubspot.act({ action: 'deleteMeeting', meetingId }),
      run: (crm, { appointmentId, personId }) => crm.updateAppointment(appointmentId, appointment(personId), call),
    },
    contract_violation: {
      arrange: () => void hubspot.setFaults([{ status: 200, body: { results: [{ surprising: true }] } }]),
      run: (crm) => crm.probe(call),
    },
  };
}

/** What the admin's browser and our callback do once; resolves with the first refresh token. */
async function connect(baseUrl: string, hubspot: HubspotSimulator): Promise<string> {
  const { clientId: client_id, clientSecret: client_secret } = hubspot.settings();
  const redirect_uri = 'http://127.0.0.1:9/callback';
  const scope = ['contacts', 'deals', 'owners'].map((name) => `crm.objects.${name}.read`).join(' ');
  const post = (path: string, form: Readonly<Record<string, string>>) =>
    fetch(`${baseUrl}${path}`, { method: 'POST', redirect: 'manual', body: new URLSearchParams(form) });
  const granted = await post('/oauth/authorize', { client_id, redirect_uri, scope, decision: 'grant' });
  const code = new URL(granted.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const grant = { grant_type: 'authorization_code', client_id, client_secret, redirect_uri, code };
  const answer = await post('/oauth/2026-03/token', grant);
  return ((await answer.json()) as { refresh_token: string }).refresh_token;
}
