/** The checker of the soak finds nothing in good evidence, and each of the planted bugs in bad evidence. */
import { check, WORDS } from '../../bench/soak/checker';
import type { CrmName, CrmRecords, Evidence } from '../../bench/soak/evidence';
import { DISORDER, soakStories } from '../../bench/soak/stories';
import { FAULT_SHARE, faultPlan } from '../../bench/soak/simulators';
import { createFaultPlan } from '../../local/simulators/faults';

const BEGAN = Date.UTC(2026, 10, 21, 9);
const stories = soakStories(20, { seed: 7, beganAtMs: BEGAN });
const oracle = stories.map((story) => story.oracle);
const SETTLED = BEGAN + 600_000;

function records(crm: CrmName): CrmRecords {
  const each = oracle.map((booking, n) => ({ ...booking, ...WORDS[crm][booking.status], n }));
  return {
    people: each.map(({ n, email }) => ({ id: `p${n}`, email })),
    appointments: each.map(({ n, startMs, outcome }) => ({ id: `a${n}`, personIds: [`p${n}`], startMs, outcome })),
    deals: each.map(({ n, stage }) => ({ id: `d${n}`, personIds: [`p${n}`], stage })),
    violations: 0,
  };
}

const line = (method: string, path: string, atMs: number) => ({
  at: new Date(atMs).toISOString(),
  method,
  path,
  status: 200,
  applied: true,
});
const mail = (email: string, n: number) => ({ to: [email], subject: 'Confirmed: soon', messageId: `<m${n}>` });

/** A soak that went well, as plain values that a bug can be planted in. */
const good = (): Mutable<Evidence> =>
  JSON.parse(
    JSON.stringify({
      oracle,
      settledAtMs: SETTLED,
      crms: { hubspot: records('hubspot'), gohighlevel: records('gohighlevel') },
      journals: {
        hubspot: [line('PATCH', '/crm/objects/2026-09/meetings/a1', SETTLED - 1)],
        gohighlevel: [line('POST', '/contacts/search', SETTLED + 1), line('GET', '/contacts/p1', SETTLED + 1)],
      },
      mails: oracle.flatMap(({ email, mails }, n) => (mails.least > 0 ? [mail(email, n)] : [])),
      bookings: oracle.map(({ uid, status }) => ({
        uid,
        status,
        messages: [],
        tasks: [],
        crm: ['hubspot-main', 'gohighlevel-main'].map((connection) => ({ connection, state: 'synced' })),
      })),
    }),
  ) as Mutable<Evidence>;

type Mutable<T> = { -readonly [K in keyof T]: Mutable<T[K]> };
const nth = (status: string): number => oracle.findIndex((one) => one.status === status && !one.mayHaveSurplus);
const [SCHEDULED, CANCELED] = [nth('scheduled'), nth('canceled')];

test('good evidence has no problem', () => {
  expect(check(good())).toEqual({ lost: [], doubled: [], wrong: [] });
});

test('a canceled surplus is excused where a booking may have begun as two, and nowhere else', () => {
  const surplus = (n: number): Evidence => {
    const evidence = good();
    evidence.crms.hubspot.appointments.push({ id: 's', personIds: [`p${n}`], startMs: 1, outcome: 'CANCELED' });
    return evidence;
  };
  expect(check(surplus(oracle.findIndex((one) => one.mayHaveSurplus))).doubled).toEqual([]);
  expect(check(surplus(SCHEDULED)).doubled).toHaveLength(1);
});

type Plant = (evidence: Mutable<Evidence>) => void;
const PLANTED: readonly (readonly [string, 'lost' | 'doubled' | 'wrong', Plant])[] = [
  ['an appointment is lost', 'lost', ({ crms }) => void crms.hubspot.appointments.splice(3, 1)],
  ['a contact is lost', 'lost', ({ crms }) => void crms.gohighlevel.people.splice(3, 1)],
  ['a deal is lost', 'lost', ({ crms }) => void crms.gohighlevel.deals.splice(3, 1)],
  ['a booking is lost here', 'lost', ({ bookings }) => void bookings.splice(3, 1)],
  ['a confirmation is lost', 'lost', ({ mails }) => void mails.splice(0, 1)],
  [
    'an appointment is doubled',
    'doubled',
    ({ crms }) => void crms.hubspot.appointments.push({ ...crms.hubspot.appointments[SCHEDULED]!, id: 'twice' }),
  ],
  [
    'a contact is doubled',
    'doubled',
    ({ crms }) => void crms.hubspot.people.push({ id: 'twice', email: oracle[0]!.email.toUpperCase() }),
  ],
  [
    'a deal is doubled',
    'doubled',
    ({ crms }) => void crms.gohighlevel.deals.push({ ...crms.gohighlevel.deals[0]!, id: 'twice' }),
  ],
  ['a mail is sent twice', 'doubled', ({ mails }) => void mails.push({ ...mails[0]!, to: ['x@example.com'] })],
  [
    'a guest is told twice',
    'doubled',
    ({ mails }) => void mails.push(mail(oracle[SCHEDULED]!.email, 98), mail(oracle[SCHEDULED]!.email, 99)),
  ],
  ['a stage is wrong', 'wrong', ({ crms }) => void (crms.hubspot.deals[CANCELED]!.stage = 'appointmentscheduled')],
  ['an outcome is wrong', 'wrong', ({ crms }) => void (crms.hubspot.appointments[0]!.outcome = 'COMPLETED')],
  ['a slot is wrong', 'wrong', ({ crms }) => void (crms.gohighlevel.appointments[0]!.startMs += 60_000)],
  [
    'a canceled appointment comes to life again',
    'wrong',
    ({ crms }) => void (crms.gohighlevel.appointments[CANCELED]!.outcome = 'confirmed'),
  ],
  ['a deal is an orphan', 'wrong', ({ crms }) => void crms.hubspot.deals.push({ id: 'o', personIds: [], stage: 'x' })],
  [
    'something is written after everything had settled',
    'wrong',
    ({ journals }) => void journals.hubspot.push(line('PATCH', '/crm/objects/2026-09/meetings/a1', SETTLED + 1)),
  ],
  ['a request breaks the contract', 'wrong', ({ crms }) => void (crms.gohighlevel.violations = 1)],
  ['a booking is parked for ever', 'wrong', ({ bookings }) => void (bookings[0]!.crm[0]!.state = 'parked')],
  ['a status is wrong here', 'wrong', ({ bookings }) => void (bookings[CANCELED]!.status = 'scheduled')],
  [
    'a person is asked about what healed by itself',
    'wrong',
    ({ bookings }) => void bookings[0]!.tasks.push({ kind: 'crm_refused', state: 'open' }),
  ],
  [
    'nobody is asked about an unknown message',
    'wrong',
    ({ bookings }) => void bookings[0]!.messages.push({ kind: 'confirmation', state: 'unknown' }),
  ],
];

test.each(PLANTED)('a planted bug is found: %s', (_what, kind, plant) => {
  const evidence = good();
  plant(evidence);
  expect(check(evidence)[kind].length).toBeGreaterThan(0);
});

test('the disorder is as large as promised, everything is sent, and the same seed tells the same stories', () => {
  const many = soakStories(400, { seed: 3, beganAtMs: BEGAN });
  expect(soakStories(20, { seed: 3, beganAtMs: BEGAN })).toEqual(many.slice(0, 20));
  const several = many.filter(({ bodies }) => bodies.length > 1);
  const firsts = several.map(({ sending }) => sending.filter((one, at) => sending.indexOf(one) === at));
  const reordered = firsts.filter((order) => order.some((one, at) => one !== at)).length / several.length;
  const bodies = many.reduce((sum, story) => sum + story.bodies.length, 0);
  const repeated = many.reduce((sum, { sending }) => sum + sending.length, 0) / bodies - 1;
  expect(Math.abs(reordered - DISORDER.reordered)).toBeLessThan(0.06);
  expect(Math.abs(repeated - DISORDER.duplicated)).toBeLessThan(0.06);
  expect(many.every((story) => story.bodies.every((_, index) => story.sending.includes(index)))).toBe(true);
});

test('a fifth of all requests meets a fault', () => {
  const plan = createFaultPlan();
  plan.replace({ faults: faultPlan(400, 5) });
  const requests = Array.from({ length: 1_500 }, () => plan.take({ method: 'GET', path: '/', fullPath: '/' }));
  const share = requests.filter((fault) => fault !== null).length / requests.length;
  expect(Math.abs(share - FAULT_SHARE)).toBeLessThan(0.03);
});
