/** The rungs of the matching ladder that are a setting: whom they take, and whom they only offer. */
import { personStep, type SyncedGuest } from '../../activities/crm-person';
import type { SyncContext } from '../../activities/crm-context';
import type { MatchPolicy, MatchRung } from '../../domain/settings';
import type { Crm, CrmPerson, PersonMatch } from '../../integrations/ports';

const GUEST = { email: 'ada@example.com', phone: '+12025550143', firstName: 'Ada', lastName: 'Sample' };
const known = (id: string, more: Partial<CrmPerson['current']> = {}): CrmPerson => ({
  id,
  current: { email: null, phone: null, firstName: 'Ada', lastName: 'Sample', company: null, ...more },
});
const BY_NAME: readonly MatchRung[] = ['link', 'email', 'phone', 'name_company'];

/** Nothing is written: a step that reached the ledger would find no database. */
async function asked(given: {
  policy: Partial<MatchPolicy>;
  match?: PersonMatch;
  namesakes?: readonly CrmPerson[];
  answer?: string;
}) {
  const { match = { kind: 'none' }, namesakes = [], answer = 'Acme' } = given;
  let searches = 0;
  const crm = {
    capabilities: { nameSearch: true },
    resolvePerson: () => Promise.resolve(match),
    findPeopleByName: () => {
      searches += 1;
      return Promise.resolve(namesakes);
    },
  } as unknown as Crm;
  const call = () => ({ operationKey: 'op', signal: new AbortController().signal });
  const guest: SyncedGuest = {
    id: 'p-1',
    link: null,
    choice: null,
    isCaptured: false,
    companyAnswer: () => Promise.resolve(answer),
    data: { ...GUEST, name: 'Ada Sample', zone: null, locale: null },
    mode: 'fill-empty',
    policy: { createPerson: 'task', matchOn: ['link', 'email', 'phone'], company: 'company', ...given.policy },
  };
  const step = await personStep({ crm, call, connection: 'hubspot-main' } as unknown as SyncContext, guest);
  return { step, searches };
}

test('somebody whom only the phone finds is offered, where the phone is no rung', async () => {
  const namesake = known('2');
  const { step } = await asked({
    policy: { matchOn: ['link', 'email'] },
    match: { kind: 'one', matchedOn: 'phone', person: known('1', { phone: GUEST.phone, email: 'other@example.com' }) },
    namesakes: [namesake, known('1', { phone: GUEST.phone, email: 'other@example.com' })],
  });
  expect(step).toMatchObject({
    kind: 'ask',
    reason: 'nobody matches',
    candidates: [{ id: '1', agrees: ['phone', 'firstName', 'lastName'], differs: ['email'] }, { id: '2' }],
  });
});

test('without the rung, name and company are the first candidate', async () => {
  const { step } = await asked({ policy: {}, namesakes: [known('1'), known('2', { company: 'ACME Inc.' })] });
  expect(step).toMatchObject({
    kind: 'ask',
    reason: 'nobody matches',
    candidates: [{ id: '2', agrees: ['firstName', 'lastName', 'company'] }, { id: '1' }],
  });
});

test('with the rung, a search that shows as many as it ever does takes nobody: there may be another one', async () => {
  const others = Array.from({ length: 9 }, (_, n) => known(`1${n}`, { company: 'Other' }));
  const { step } = await asked({
    policy: { matchOn: BY_NAME },
    namesakes: [...others, known('2', { company: 'Acme' })],
  });
  expect(step).toMatchObject({ kind: 'ask', reason: 'nobody matches' });
});

test('where new people are made, somebody of that name and company under another address is asked about first', async () => {
  const elsewhere = known('1', { company: 'Acme', email: 'ada.private@example.com' });
  const { step, searches } = await asked({
    policy: { matchOn: BY_NAME, createPerson: 'create' },
    namesakes: [elsewhere],
  });
  expect(step).toMatchObject({ kind: 'ask', reason: 'several match', candidates: [{ id: '1', differs: ['email'] }] });
  expect(searches).toBe(1);
});
