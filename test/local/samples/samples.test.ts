import { readDelivery } from '../../../integrations/calcom/events';
import type { SourceEvent } from '../../../integrations/ports';
import { sampleContacts, sampleDeliveries } from '../../../local/samples/samples';

const ANCHOR_MS = Date.parse('2027-05-04T13:37:21.456Z');
const DAY_MS = 86_400_000;

const eventsOf = (body: string): readonly SourceEvent[] => {
  const result = readDelivery(Buffer.from(body), {});
  if (result.kind !== 'events') throw new Error(`expected events, got ${result.kind}: ${result.reason}`);
  return result.events;
};
const samples = sampleDeliveries(ANCHOR_MS);
const stories = samples.map((sample) => [sample.title, sample] as const);
const meetsContact = (event: SourceEvent) =>
  sampleContacts.some(({ email, phone }) => email === event.guest?.email || phone === event.guest?.phone);

describe('the bundled samples', () => {
  it('are byte-identical for the same anchor', () => {
    expect(sampleDeliveries(ANCHOR_MS)).toEqual(samples);
  });

  it('keep their uids on the same UTC day, and have fresh ones the next', () => {
    const uids = (anchorMs: number) => sampleDeliveries(anchorMs).map((sample) => sample.uid);
    expect(uids(ANCHOR_MS + 10 * 3_600_000)).toEqual(uids(ANCHOR_MS));
    expect(uids(ANCHOR_MS + DAY_MS).filter((uid) => uids(ANCHOR_MS).includes(uid))).toEqual([]);
  });

  it('never send the same bytes or mean the same thing twice', () => {
    const bodies = samples.flatMap((sample) => sample.deliveries.map((delivery) => delivery.body));
    const meanings = bodies.flatMap(eventsOf).flatMap((event) => event.meaning ?? []);
    expect(new Set(bodies).size).toBe(bodies.length);
    expect(new Set(meanings).size).toBe(meanings.length);
  });

  it('tell ten different stories', () => {
    const told = samples.map((sample) =>
      sample.deliveries.flatMap((delivery) => eventsOf(delivery.body).map((event) => event.type)),
    );
    expect(told).toEqual([
      ['scheduled'],
      ['scheduled', 'rescheduled', 'rescheduled'],
      ['scheduled', 'canceled'],
      ['scheduled'],
      ['scheduled'],
      ['requested', 'scheduled'],
      ['payment_pending', 'paid', 'scheduled'],
      ['scheduled', 'no_show', 'no_show_reverted', 'no_show'],
      ['rescheduled', 'scheduled'],
      ['scheduled', 'reschedule_requested'],
    ]);
  });

  it.each(stories)(
    '"%s" is one chain that holds the uid to look it up by, and ends at the expected start',
    (_title, sample) => {
      const events = sample.deliveries.flatMap((delivery) => eventsOf(delivery.body));
      const uids = new Set(events.map((event) => event.uid));
      const links = events.filter((event) => event.predecessorUid !== null && uids.has(event.predecessorUid));
      expect(uids.has(sample.uid)).toBe(true);
      expect(links).toHaveLength(uids.size - 1);
      const newest = events.filter((event) => event.uid === sample.uid && event.slot !== null).at(-1);
      expect(newest?.slot?.startMs).toBe(sample.expected.startMs);
    },
  );

  it.each(stories)('"%s" finds its contact by e-mail or phone exactly when no task is expected', (_title, sample) => {
    const guests = sample.deliveries
      .flatMap((delivery) => eventsOf(delivery.body))
      .filter((event) => event.guest !== null);
    expect(guests.length).toBeGreaterThan(0);
    for (const event of guests) expect(meetsContact(event)).toBe(sample.expected.task === null);
  });

  it('have one guest without e-mail, who is in the CRM by phone', () => {
    const guests = samples.flatMap((sample) => sample.deliveries.flatMap((delivery) => eventsOf(delivery.body)));
    const phoneOnly = guests.filter((event) => event.guest !== null && event.guest.email === null);
    expect(phoneOnly.map((event) => event.guest?.phone)).toEqual(['+13035550104']);
  });

  it.each([0, 0.01, 0.5, 0.99])(
    'put the no-show wholly before the anchor and the rest days ahead, at %d of the day',
    (part) => {
      const anchorMs = Math.floor(ANCHOR_MS / DAY_MS) * DAY_MS + Math.floor(part * DAY_MS);
      for (const sample of sampleDeliveries(anchorMs)) {
        const slot = eventsOf(sample.deliveries[0]?.body ?? '')[0]?.slot;
        if (sample.expected.status === 'no_show') expect(slot?.endMs).toBeLessThanOrEqual(anchorMs);
        else expect(sample.expected.startMs).toBeGreaterThan(anchorMs + 3 * DAY_MS);
        for (const { body } of sample.deliveries) {
          expect(Date.parse((JSON.parse(body) as { createdAt: string }).createdAt)).toBeLessThanOrEqual(anchorMs);
        }
      }
    },
  );

  it('use addresses and numbers that belong to nobody', () => {
    for (const { email, phone } of sampleContacts) {
      expect(email).toMatch(/@example\.com$/);
      expect(phone).toMatch(/^\+130355501\d\d$/);
    }
    expect(new Set(sampleContacts.map((contact) => contact.phone)).size).toBe(sampleContacts.length);
  });
});
