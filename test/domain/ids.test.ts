/** Ids that Temporal sees: each kind of workflow under its own prefix, and as many uids as fit a search attribute. */
import { bookingWorkflowId, connectionTaskWorkflowId, connectionWorkflowId, taskWorkflowId } from '../../domain/ids';
import { shownUids } from '../../domain/shown-uids';

test('workflow ids of one kind never look like those of another, and a task names its booking, what it is about, and its number', () => {
  expect(bookingWorkflowId('calcom-sales/A')).toBe('booking/calcom-sales/A');
  expect(connectionWorkflowId('calcom-sales')).toBe('connection/calcom-sales');
  const task = { kind: 'crm_refused', bookingId: 'calcom-sales/A', about: 'hubspot-main', n: 2 } as const;
  expect(taskWorkflowId(task)).toBe('task/crm_refused/calcom-sales/A/hubspot-main/2');
  const ofConnection = { kind: 'reauthorize', connection: 'hubspot-main', n: 2 } as const;
  expect(connectionTaskWorkflowId(ofConnection)).toBe('task/reauthorize/hubspot-main/2');
});

describe('the uids that are shown of a chain', () => {
  const chain = (count: number, length: number) =>
    Array.from({ length: count }, (_, nth) => String(nth).padStart(length, '0'));

  test('are all of them, up to eleven', () => {
    for (const count of [0, 1, 11]) expect(shownUids(chain(count, 20))).toEqual(chain(count, 20));
  });
  test('are the root and the last ten of a longer one', () => {
    const uids = chain(30, 20);
    expect(shownUids(uids)).toEqual([uids[0], ...uids.slice(20)]);
    const twelve = chain(12, 20);
    expect(shownUids(twelve)).toEqual([twelve[0], ...twelve.slice(2)]);
  });
  test('are fewer where ids are long: the oldest after the root go first, as many as it takes', () => {
    const fits = chain(5, 75);
    expect(shownUids(fits)).toEqual(fits);
    const oneTooMany = chain(11, 35);
    expect(shownUids(oneTooMany)).toEqual([oneTooMany[0], ...oneTooMany.slice(2)]);
    const long = chain(11, 180);
    expect(shownUids(long)).toEqual([long[0], long[10]]);
  });
  test('are the root at least, however long it is', () => {
    const [root] = chain(1, 600);
    expect(shownUids([root!, 'B'])).toEqual([root]);
    expect(shownUids([root!])).toEqual([root]);
  });
});
