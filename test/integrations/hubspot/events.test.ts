/** What HubSpot's webhook events say, and what is made of a batch that is partly unreadable. */
import { readDelivery, readEvents, withoutValues } from '../../../integrations/hubspot/events';
import type { CrmChange } from '../../../integrations/ports';
import { contractFile } from '../contract-vectors';

const PORTAL = 4711;
const event = (given: Readonly<Record<string, unknown>> = {}) => ({
  eventId: 1,
  subscriptionId: 2,
  portalId: PORTAL,
  appId: 3,
  occurredAt: 1_795_262_400_000,
  attemptNumber: 0,
  subscriptionType: 'object.propertyChange',
  objectId: 880,
  objectTypeId: '0-47',
  changeSource: 'CRM_UI',
  ...given,
});
const body = (...events: readonly unknown[]): Buffer => Buffer.from(JSON.stringify(events));
const read = (...events: readonly unknown[]) => readDelivery(body(...events), null);
function changesOf(...events: readonly unknown[]): readonly CrmChange[] {
  const said = read(...events);
  if (said.kind !== 'changes') throw new Error(`expected changes, found ${said.kind}: ${said.reason}`);
  return said.changes;
}

test('a property change names record, field and moment, and never the value', () => {
  const said = read(event({ propertyName: 'hs_meeting_outcome', propertyValue: 'NO_SHOW' }));
  expect(said).toEqual({
    kind: 'changes',
    trigger: 'object.propertyChange',
    changes: [
      {
        record: 'appointment',
        crmId: '880',
        what: 'changed',
        intoCrmId: null,
        fields: ['hs_meeting_outcome'],
        occurredAtMs: 1_795_262_400_000,
      },
    ],
    unreadable: null,
  });
});

test.each([
  ['object.creation', { objectTypeId: '0-47' }, 'appointment', 'created'],
  ['object.deletion', { objectTypeId: '0-47' }, 'appointment', 'deleted'],
  ['object.restore', { objectTypeId: '0-47' }, 'appointment', 'changed'],
  ['object.propertyChange', { objectTypeId: '0-1' }, 'person', 'changed'],
  ['object.propertyChange', { objectTypeId: '0-3' }, 'opportunity', 'changed'],
  ['contact.creation', {}, 'person', 'created'],
  ['contact.propertyChange', {}, 'person', 'changed'],
  ['contact.deletion', {}, 'person', 'deleted'],
  ['contact.privacyDeletion', {}, 'person', 'deleted'],
  ['deal.propertyChange', {}, 'opportunity', 'changed'],
  ['deal.deletion', {}, 'opportunity', 'deleted'],
])('%s %j is about: %s %s', (subscriptionType, given, record, what) => {
  expect(changesOf(event({ objectTypeId: undefined, ...given, subscriptionType }))).toMatchObject([{ record, what }]);
});

test('a merge names everybody who is no longer, and who lives on', () => {
  const merge = {
    subscriptionType: 'contact.merge',
    objectId: 30,
    primaryObjectId: 10,
    mergedObjectIds: [20, 21],
    newObjectId: 30,
  };
  expect(changesOf(event(merge)).map(({ crmId, what, intoCrmId }) => [crmId, what, intoCrmId])).toEqual([
    ['10', 'merged', '30'],
    ['20', 'merged', '30'],
    ['21', 'merged', '30'],
  ]);
});

test.each([
  ['a change of associations', { subscriptionType: 'contact.associationChange', objectId: undefined, fromObjectId: 1 }],
  ['a company', { subscriptionType: 'company.propertyChange' }],
  ['a note', { objectTypeId: '0-46' }],
  ['an object type that is not named', { objectTypeId: undefined }],
])('is passed over: %s', (_title, given) => {
  expect(read(event({ objectId: 7, ...given }))).toMatchObject({ kind: 'ignored' });
});

test('an event of another account is passed over, where ours is known', () => {
  expect(readDelivery(body(event()), '999')).toMatchObject({ kind: 'ignored' });
  expect(readDelivery(body(event(), event({ portalId: 999 })), String(PORTAL))).toMatchObject({
    kind: 'changes',
    changes: [{ crmId: '880' }],
  });
});

test('of a batch with one unreadable event the good ones count, and the bad one is said', () => {
  const canary = 'canary@example.com';
  const said = read(event({ objectId: 1 }), event({ objectId: canary }), canary, event({ objectId: 2 }));
  expect(said).toMatchObject({
    kind: 'changes',
    changes: [{ crmId: '1' }, { crmId: '2' }],
    unreadable: { count: 2, first: '[1] objectId: expected the id of a record' },
  });
  expect(JSON.stringify(said)).not.toContain('canary');
});

test.each<[string, Buffer | string]>([
  ['no list', '{"eventId":1}'],
  ['broken JSON', '[{"eventId":'],
  ['no UTF-8', Buffer.from([0x5b, 0xff, 0xfe, 0x5d])],
  ['only unreadable events', '[1, null, "x"]'],
  ['a thousand and one events', JSON.stringify(Array.from({ length: 1_001 }, () => event()))],
  ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['an id that no number holds exactly', JSON.stringify([event()]).replace('880', '123456789012345678901')],
  ['a type with markup in it', JSON.stringify([event({ subscriptionType: '<b>object</b>.creation' })])],
])('is unreadable, with a reason: %s', (_title, bytes) => {
  const said = readDelivery(Buffer.from(bytes), null);
  expect([said.kind, said.kind === 'unreadable' && said.reason.length > 0]).toEqual(['unreadable', true]);
});

test('an empty list is ignored', () => {
  expect(read()).toEqual({ kind: 'ignored', trigger: 'batch', reason: 'an empty list of events' });
});

test('what is kept of a body says the same, without values', () => {
  const given = [
    event({ propertyName: 'email', propertyValue: 'dana@example.com' }),
    event({ objectId: undefined }),
    'x',
  ];
  const kept = withoutValues(body(...given));
  expect(kept.toString()).not.toContain('dana');
  expect(readDelivery(kept, null)).toEqual(read(...given.slice(0, 2), null));
  expect(withoutValues(Buffer.from('no json')).toString()).toBe('no json');
});

test('events that were pulled read like events that were pushed', () => {
  expect(readEvents([event()], null)).toEqual(read(event()));
});

test('the samples of HubSpot are read without a complaint', () => {
  const meetings = contractFile<{ body: readonly unknown[] }>('hubspot/derived/meeting-events.batch.json');
  const contacts = contractFile<readonly unknown[]>('hubspot/webhooks/contact.creation.batch.json');
  if (meetings === null || contacts === null) return;
  expect(changesOf(...meetings.body).map(({ record, what }) => `${record} ${what}`)).toEqual([
    'appointment created',
    'appointment changed',
    'appointment changed',
    'appointment changed',
  ]);
  expect(changesOf(...contacts)).toMatchObject([{ record: 'person', what: 'created' }]);
});
