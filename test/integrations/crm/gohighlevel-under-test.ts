/**
 * HighLevel and its simulated location for the contract suite, with the newest version of its API or with the dated ones.
 */
import { createGohighlevelCrm } from '../../../integrations/gohighlevel/crm';
import type { GohighlevelSimulator } from '../../../local/simulators/gohighlevel/simulator';
import type { Simulators } from '../../../local/simulators/server';
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
import { timeOf } from './hubspot-under-test';

const PIPELINE = { pipelineId: 'pipe-main', firstStageId: 'stage-booked', nextStageId: 'stage-showed' } as const;
const WORDS = {
  scheduled: 'confirmed',
  rescheduled: 'new',
  canceled: 'cancelled',
  showed: 'showed',
  no_show: 'noshow',
} as const;
const OAUTH = { clientId: 'ghl-demo-client', clientSecret: 'ghl-demo-secret' };

type Version = 'v3' | 'dated';

export const gohighlevelUnderTest: MakeCrm = (simulators, clock) => underTest(simulators, clock, 'v3');
export const datedGohighlevelUnderTest: MakeCrm = (simulators, clock) => underTest(simulators, clock, 'dated');

/** The other answers that a location may give where the contract leaves it open. */
export const otherGohighlevel: MakeCrm = (simulators, clock) => {
  const account = underTest(simulators, clock, 'v3');
  return {
    ...account,
    reset() {
      account.reset();
      const answers = { notFoundStatus: 404, deletedEvents: 'gone', upsertCreatedStatus: 200 } as const;
      simulators.gohighlevel.changeSettings({ ...answers, listsShowNotes: false });
    },
  };
};

function underTest(simulators: Simulators, clock: StillClock, apiVersion: Version): CrmUnderTest {
  const { gohighlevel } = simulators;
  const baseUrl = `${simulators.url}/gohighlevel`;
  const frame = {
    baseUrl,
    apiVersion,
    locationId: 'loc-main',
    calendarId: 'cal-main',
    requestsPerSecond: 1_000_000,
    ...timeOf(clock),
  };
  const direct = directTransport(gohighlevel);
  const issue = (): string => gohighlevel.act({ action: 'issueTokens' }).refreshToken ?? '';
  return {
    baseUrl,
    ...PIPELINE,
    words: WORDS,
    textField: 'field-roof-age',
    sourceField: null,
    owner: { email: 'host@example.com', id: 'user-host' },
    adapter: (more = {}) => createGohighlevelCrm({ ...frame, token: 'pit-demo', ...more }),
    directAdapter: (transport = direct) => createGohighlevelCrm({ ...frame, token: 'pit-demo', transport }),
    direct,
    isSetUp: false,
    followsMerges: false,
    connect(store) {
      const oauth = { ...OAUTH, refreshToken: issue() };
      return Promise.resolve(() => createGohighlevelCrm({ ...frame, oauth }, store));
    },
    expireTokens: () => void gohighlevel.act({ action: 'expireTokens' }),
    reset() {
      gohighlevel.reset();
      gohighlevel.changeSettings({ searchLagMs: 0, rateLimits: null });
    },
    lag: (searchLagMs) => void gohighlevel.changeSettings({ searchLagMs }),
    people: () => people(gohighlevel),
    appointments: () => appointments(gohighlevel),
    opportunities: () => opportunities(gohighlevel),
    notes: () => notes(gohighlevel),
    effects: () => gohighlevel.state().sideEffects.counts,
    setFaults: (faults) => void gohighlevel.setFaults(faults),
    faultsLeft: () => gohighlevel.faultsLeft().length,
    requests: () => gohighlevel.requests(),
    rep: repOf(gohighlevel),
    provocations: provocationsOf(gohighlevel),
  };
}

const isLive = ({ isDeleted }: { readonly isDeleted: boolean }): boolean => !isDeleted;

function people(gohighlevel: GohighlevelSimulator): readonly HeldPerson[] {
  const contacts = gohighlevel.state().contacts.filter(isLive);
  return contacts.map(({ id, texts, tags, customFields }) => ({
    id,
    email: texts.email,
    phone: texts.phone,
    firstName: texts.firstName,
    lastName: texts.lastName,
    tags,
    field: (customFields.find((one) => one.id === 'field-roof-age')?.value ?? null) as string | null,
    ownerId: texts.assignedTo,
    source: texts.source,
  }));
}

function appointments(gohighlevel: GohighlevelSimulator): readonly HeldAppointment[] {
  const events = gohighlevel.state().events.filter(isLive);
  return events.map(({ id, contactId, startMs, endMs, status, title, description, assignedUserId }) => ({
    id,
    personIds: contactId === null ? [] : [contactId],
    opportunityIds: null,
    startMs,
    endMs,
    status,
    title,
    text: description ?? '',
    ownerId: assignedUserId,
  }));
}

function opportunities(gohighlevel: GohighlevelSimulator): readonly HeldOpportunity[] {
  const all = gohighlevel.state().opportunities.filter(isLive);
  return all.map(({ id, contactId, pipelineId, pipelineStageId: stageId, name }) => ({
    id,
    personIds: [contactId],
    pipelineId,
    stageId,
    name,
  }));
}

function notes(gohighlevel: GohighlevelSimulator): readonly HeldNote[] {
  const all = gohighlevel.state().notes.filter(isLive);
  return all.map(({ id, ownerId, body }) => ({ id, personIds: [ownerId], text: body }));
}

function repOf(gohighlevel: GohighlevelSimulator): CrmUnderTest['rep'] {
  return {
    deletePerson: (id) => void gohighlevel.act({ action: 'deleteContact', id }),
    setCompany: (id, companyName) => void gohighlevel.act({ action: 'changeContact', id, companyName }),
    mergePeople: (id, into) => gohighlevel.act({ action: 'mergeContacts', id, into }).id ?? '',
    deleteAppointment: (id) => void gohighlevel.act({ action: 'deleteAppointment', id }),
    mark: (id, status) => void gohighlevel.act({ action: 'markAppointment', id, status: WORDS[status] }),
    moveStage: (id, stageId) => void gohighlevel.act({ action: 'moveStage', id, stageId }),
    closeOpportunity: (id) => void gohighlevel.act({ action: 'setStatus', id, status: 'lost' }),
    deleteOpportunity: (id) => void gohighlevel.act({ action: 'deleteOpportunity', id }),
  };
}

function provocationsOf(gohighlevel: GohighlevelSimulator): CrmUnderTest['provocations'] {
  type Patch = Parameters<GohighlevelSimulator['changeSettings']>[0];
  const change = (patch: Patch) => () => void gohighlevel.changeSettings(patch);
  const next = { pipelineId: 'pipe-main', stageId: 'stage-showed' };
  return {
    rate_limited: {
      arrange: change({ rateLimits: { max: 1, intervalMs: 10_000, daily: 100, namesDailyReset: true } }),
      run: async (crm) => {
        await crm.probe(call);
        await crm.probe(call);
      },
    },
    unavailable: { arrange: change({ down: true }), run: (crm) => crm.probe(call) },
    unknown_outcome: {
      arrange: change({ down: 'reset' }),
      run: (crm) => crm.createPerson({ ...guest, email: 'another@example.com' }, call),
    },
    reauth_required: { arrange: change({ privateTokens: [] }), run: (crm) => crm.probe(call) },
    scope_missing: {
      arrange: change({ missingScopes: ['contacts.write'] }),
      run: (crm, { personId }) => crm.writePerson(personId, { lastName: 'Other' }, call),
    },
    account_inactive: {
      // Said to whoever asks for a token; a private token is told nothing else in the wild.
      arrange: () => void gohighlevel.setFaults([{ status: 401, body: { message: 'Location is not active' } }]),
      run: (crm) => crm.probe(call),
    },
    mapping_invalid: {
      arrange: change({ removedStages: ['stage-showed'] }),
      run: (crm, { opportunityId }) => crm.moveOpportunity(opportunityId, next, call),
      fields: ['pipelineStageId'],
    },
    crm_rule: {
      // One pipeline is all that the simulated location has, so the other one's card is only said to be there.
      arrange: () =>
        void gohighlevel.setFaults([
          { method: 'PUT', status: 400, body: { message: 'Can not move.', code: 'OPPORTUNITY_NO_DUPLICATE' } },
        ]),
      run: (crm, { opportunityId }) => crm.moveOpportunity(opportunityId, next, call),
      fields: ['pipelineId'],
    },
    invalid_data: {
      arrange: () => undefined,
      run: (crm, { personId }) => crm.writePerson(personId, { email: 'canary at example' }, call),
      fields: ['email'],
    },
    target_gone: {
      arrange: ({ appointmentId: id }) => void gohighlevel.act({ action: 'deleteAppointment', id }),
      run: (crm, { appointmentId, personId }) => crm.updateAppointment(appointmentId, appointment(personId), call),
    },
    contract_violation: {
      arrange: () => void gohighlevel.setFaults([{ status: 200, body: { pipelines: [{ surprising: true }] } }]),
      run: (crm) => crm.probe(call),
    },
  };
}
