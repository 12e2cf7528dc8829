/**
 * Every method of the port, with every answer of the account that makes it send other requests.
 * Invariant: each is run on an account that `synced` made; what it looks for was written long enough ago for any search.
 */
import type { Crm, PersonFields } from '../../../integrations/ports';
import { appointment, call, guest, note, opportunity, type CrmUnderTest, type SyncedIds } from './crm-under-test';
import type { Step } from './settling';

export interface Operation {
  readonly name: keyof Crm;
  readonly when: string;
  readonly step: (account: CrmUnderTest, ids: SyncedIds, crm: Crm) => Step;
  /** Only where the CRM can do it. */
  readonly needs?: 'tags' | 'notes' | 'oneOpportunityPerPipeline';
  /** Its answer is a new record: only which one is compared. */
  readonly creates?: boolean;
}

const nobody: PersonFields = { email: null, phone: null, firstName: 'Grace', lastName: 'Example' };
const byEmail: PersonFields = { ...nobody, email: 'second@example.com', phone: '+12025550144' };
const byPhone: PersonFields = { ...nobody, phone: '+12025550144' };

function findPerson(fields: PersonFields): NonNullable<Step['find']> {
  const query = { linkedId: null, emails: [fields.email ?? []].flat(), phones: [fields.phone ?? []].flat() };
  return async (crm) => {
    const match = await crm.resolvePerson(query, call);
    return match.kind === 'one' ? { id: match.person.id } : null;
  };
}

const person = (when: string, fields: PersonFields): Operation => ({
  name: 'createPerson',
  when,
  creates: true,
  step: (_account, _ids, crm) => ({
    run: (by) => by.createPerson(fields, call),
    find: findPerson(fields),
    findAfterMs: fields.email === null ? crm.capabilities.searchLagMs : 0,
  }),
});

const safe = (
  name: keyof Crm,
  when: string,
  run: (crm: Crm, ids: SyncedIds, account: CrmUnderTest) => Promise<unknown>,
): Operation => ({ name, when, step: (account, ids) => ({ run: (crm) => run(crm, ids, account) }) });

const resolve = (when: string, query: (ids: SyncedIds) => Partial<Parameters<Crm['resolvePerson']>[0]>): Operation =>
  safe('resolvePerson', when, (crm, ids) =>
    crm.resolvePerson({ linkedId: null, emails: [], phones: [], ...query(ids) }, call),
  );

const PEOPLE: readonly Operation[] = [
  resolve('by link', ({ personId }) => ({ linkedId: personId })),
  resolve('by e-mail, after a link that leads nowhere', () => ({ linkedId: '999999', emails: ['guest@example.com'] })),
  resolve('by phone, after an e-mail that nobody has', () => ({
    emails: ['nobody@example.com'],
    phones: ['+12025550143'],
  })),
  resolve('nobody', () => ({ emails: ['nobody@example.com'], phones: ['+12025550199'] })),
  safe('findPeopleByName', 'of a known name', (crm) => crm.findPeopleByName({ first: 'Ada', last: 'Known' }, call)),
  safe('listPeopleSince', 'of a day', (crm) =>
    crm.listPeopleSince({ sinceMs: Date.now() - 86_400_000, cursor: null }, call),
  ),
  person('of somebody new', byEmail),
  person('of somebody new without an e-mail', byPhone),
  // Exactly as the CRM has them: HighLevel's upsert writes what differs, which an adoption does not.
  person('of somebody whom the CRM has', { ...guest, lastName: null }),
  safe('writePerson', 'of a name', (crm, { personId }) => crm.writePerson(personId, { lastName: 'Sample' }, call)),
  safe('writePerson', 'of an e-mail that is taken', async (crm, { personId }) => {
    return crm.writePerson(personId, { email: 'taken@example.com', lastName: 'Sample' }, call);
  }),
  safe('writePersonFields', 'of a field', (crm, { personId }, { textField }) =>
    crm.writePersonFields(personId, { [textField]: '12' }, call),
  ),
  safe('resetPerson', 'of a name and a phone', (crm, { personId }) =>
    crm.resetPerson(personId, { firstName: 'Before', phone: null }, call),
  ),
  safe('readPersonWords', 'of a field', (crm, { personId }, { textField }) =>
    crm.readPersonWords(personId, [textField], call),
  ),
  safe('captureLead', 'with source and owner', (crm, { personId }, { sourceField, owner }) =>
    crm.captureLead(personId, { source: 'Booking page', sourceField, ownerId: owner.id }, call),
  ),
  {
    ...safe('changeTags', 'of some', (crm, { personId }) =>
      crm.changeTags(personId, { add: ['booked'], remove: ['no-show'] }, call),
    ),
    needs: 'tags',
  },
];

const SECOND_KEY = 'a:calcom-sales:uid-2';

const APPOINTMENTS: readonly Operation[] = [
  {
    name: 'createAppointment',
    when: 'with an opportunity',
    creates: true,
    step: (_account, { personId, opportunityId }) => ({
      run: (crm) => crm.createAppointment(appointment(personId, { externalKey: SECOND_KEY, opportunityId }), call),
      find: (crm) => crm.findAppointment(SECOND_KEY, personId, call),
    }),
  },
  safe('updateAppointment', 'to showed, with an opportunity', (crm, { personId, opportunityId, appointmentId }) =>
    crm.updateAppointment(appointmentId, appointment(personId, { opportunityId, status: 'showed' }), call),
  ),
  safe('changeAppointment', 'to another outcome', (crm, { appointmentId }, { owner }) =>
    crm.changeAppointment(appointmentId, { status: 'no_show', title: 'As before', ownerId: owner.id }, call),
  ),
  safe('cancelAppointment', 'with a reason', (crm, { appointmentId }) =>
    crm.cancelAppointment(appointmentId, 'Continued elsewhere.', call),
  ),
  safe('readAppointment', 'that is there', (crm, { appointmentId }) => crm.readAppointment(appointmentId, call)),
  safe('readAppointments', 'of which one is gone', async (crm, { appointmentId }) => {
    const startMs = Date.UTC(2027, 2, 1, 9);
    const found = await crm.readAppointments(
      [appointmentId, '999999'].map((id) => ({ id, startMs })),
      call,
    );
    return [...found.keys()];
  }),
  safe('listNewAppointments', 'of a day', (crm) =>
    crm.listNewAppointments(
      { madeSinceMs: Date.now() - 86_400_000, beginsAfterMs: Date.UTC(2027, 2, 1), calendarIds: [], cursor: null },
      call,
    ),
  ),
  safe('readNewAppointment', 'that is there', (crm, { appointmentId }) => crm.readNewAppointment(appointmentId, call)),
  safe('findAppointment', 'that is there', (crm, { personId }) =>
    crm.findAppointment('a:calcom-sales:uid-1', personId, call),
  ),
  safe('findAppointment', 'that is not there', (crm, { personId }) => crm.findAppointment(SECOND_KEY, personId, call)),
];

const OPPORTUNITIES: readonly Operation[] = [
  {
    name: 'createOpportunity',
    when: 'of a person who has none',
    creates: true,
    step: (account, ids) => {
      account.rep.deleteOpportunity(ids.opportunityId);
      return {
        run: (crm) => crm.createOpportunity(opportunity(account, ids.personId), call),
        find: (crm) => crm.findOpportunity(ids.personId, account.pipelineId, call),
      };
    },
  },
  {
    // Where a second one is allowed, none is asked for while an open one is found.
    name: 'createOpportunity',
    when: 'of a person who has the only one allowed',
    creates: true,
    needs: 'oneOpportunityPerPipeline',
    step: (account, ids) => ({
      run: (crm) => crm.createOpportunity(opportunity(account, ids.personId), call),
      find: (crm) => crm.findOpportunity(ids.personId, account.pipelineId, call),
    }),
  },
  safe('findOpportunity', 'that is open', (crm, { personId }, { pipelineId }) =>
    crm.findOpportunity(personId, pipelineId, call),
  ),
  safe('readOpportunity', 'that is there', (crm, { opportunityId }) => crm.readOpportunity(opportunityId, call)),
  safe('moveOpportunity', 'to the next stage', (crm, { opportunityId }, { pipelineId, nextStageId }) =>
    crm.moveOpportunity(opportunityId, { pipelineId, stageId: nextStageId }, call),
  ),
];

const NOTES: readonly Operation[] = [
  {
    name: 'addNote',
    when: 'on a person',
    creates: true,
    needs: 'notes',
    step: (_account, { personId }) => ({
      run: (crm) => crm.addNote(note(personId), call),
      find: (crm) => crm.findNote(note(personId).externalKey, personId, call),
    }),
  },
  {
    ...safe('findNote', 'that is not there', (crm, { personId }) => crm.findNote('n:other', personId, call)),
    needs: 'notes',
  },
];

const AMENDED: Operation = {
  ...safe('amendNote', 'that is gone', (crm, { personId }) =>
    crm.amendNote({ id: '999999', personId, sentence: 'No longer.' }, call),
  ),
  needs: 'notes',
};

export const OPERATIONS: readonly Operation[] = [
  safe('describe', 'at all', (crm) => crm.describe(call)),
  safe('ensureSetup', 'for the first time', (crm) => crm.ensureSetup(call)),
  ...PEOPLE,
  ...APPOINTMENTS,
  ...OPPORTUNITIES,
  ...NOTES,
  AMENDED,
  safe('findOwner', 'whom the CRM has', (crm, _ids, { owner }) => crm.findOwner(owner.email, call)),
  safe('probe', 'at all', (crm) => crm.probe(call)),
];
