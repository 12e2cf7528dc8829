/** The subject of a conflict, and what it is about. */
import { crmSubject, crmSubjectOf } from '../../domain/crm-conflicts';

test.each(['outcome', 'slot', 'stage', 'record', 'person'] as const)('a subject names its CRM and %s', (field) => {
  expect(crmSubject('hubspot-main', field)).toBe(`hubspot-main:${field}`);
  expect(crmSubjectOf(`hubspot-main:${field}`)).toEqual({ connection: 'hubspot-main', field });
});

test.each(['hubspot-main', 'slot', ':', 'hubspot-main:', 'hubspot-main:color', 'undo/1'])(
  'one of another form is about no field: %s',
  (about) => {
    expect(crmSubjectOf(about)).toEqual({ connection: about, field: null });
  },
);

test('a connection may have a colon of its own', () => {
  expect(crmSubjectOf('a:b:slot')).toEqual({ connection: 'a:b', field: 'slot' });
});
