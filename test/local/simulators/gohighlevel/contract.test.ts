/**
 * The simulated location against HighLevel's contract files: its operations, and whether the comparison can fail.
 * Every other test here compares its successful exchanges with them too.
 */
import { operations } from '../../../../local/simulators/gohighlevel/router';
import { loadContract } from './contract-files';
import type { Contract, Exchange, Wire } from './contract-files';

const contract = loadContract();
/** Without the folder there is nothing to compare with; `loadContract` has said so. */
const withContract = (check: (contract: Contract) => void) => (): void => {
  if (contract !== null) check(contract);
};
/** Of which only the newest version's contract file is here. */
const NEWEST_FILE_ONLY = /blocked-slots|block-slots|notes\/\{noteId\}/;
/** The wires whose contract file has the operation. */
const wiresOf = ({ versions, template }: (typeof operations)[number]): readonly Wire[] => {
  const isDated = versions.some((version) => version !== 'v3') && !NEWEST_FILE_ONLY.test(template);
  return [
    ...(versions.some((version) => version === 'v3') ? (['v3'] as const) : []),
    ...(isDated ? (['dated'] as const) : []),
  ];
};

test(
  "every operation and query parameter of the location is in HighLevel's contract, and what that requires is required",
  withContract(({ queryOf }) => {
    const wrong = operations.flatMap((operation) =>
      wiresOf(operation).flatMap((wire) => {
        const { method, template, query } = operation;
        const known = queryOf(wire, method, template);
        const named = `${wire} ${method} ${template}`;
        if (known === null) return [named];
        const { required, optional } = query[wire];
        const invented = [...required, ...optional].filter((name) => !known.all.includes(name));
        const missing = known.required.filter((name) => !required.includes(name));
        return [...invented, ...missing].map((name) => `${named}?${name}`);
      }),
    );
    expect(wrong).toEqual([]);
  }),
);

const create: Exchange = {
  wire: 'v3',
  method: 'POST',
  path: '/contacts/',
  status: 201,
  request: { locationId: 'loc-main', customFields: [{ key: 'a', fieldValue: 'b' }] },
  answer: { contact: { id: 'a', email: 'dana.sample@example.com', tags: [] } },
};

test(
  'the comparison takes what fits',
  withContract(({ problems }) => expect(problems(create)).toEqual([])),
);

const wrongs: readonly (readonly [string, Partial<Exchange>])[] = [
  ['a misspelt field of the request', { request: { locationId: 'loc-main', emial: 'a' } }],
  ['a request without what is required', { request: {} }],
  ['the other wire’s name of a value', { wire: 'dated' }],
  ['a field of the answer that nobody knows', { answer: { contact: { id: 'a', mail: 'b' } } }],
  ['a field of the wrong type', { answer: { contact: { id: 1 } } }],
  ['an operation that does not exist', { path: '/contact/' }],
  [
    'a status of appointments that does not exist',
    { path: '/calendars/events/appointments', request: { appointmentStatus: 'no_show' } },
  ],
];

test.each(wrongs)('the comparison notices %s', (_what, change) => {
  withContract(({ problems }) => expect(problems({ ...create, ...change })).not.toEqual([]))();
});
