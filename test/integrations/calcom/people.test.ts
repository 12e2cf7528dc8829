import { readDelivery } from '../../../integrations/calcom/events';
import type { SourceEvent } from '../../../integrations/ports';
import { fixtureBytes, fixtureWith } from './fixtures';

function eventOf(body: Buffer): SourceEvent {
  const result = readDelivery(body, {});
  if (result.kind !== 'events') throw new Error(`expected events, got ${result.kind}: ${result.reason}`);
  return result.events[0] as SourceEvent;
}

const created = (payload: Readonly<Record<string, unknown>>) => eventOf(fixtureWith('BOOKING_CREATED', payload));
const guestWith = (attendee: Readonly<Record<string, unknown>>, payload: Readonly<Record<string, unknown>> = {}) =>
  created({ attendees: [{ email: 'tess.example@example.com', ...attendee }], ...payload }).guest;

describe('the guest', () => {
  it('who booked with a phone only has no e-mail, whatever Cal.com invented', () => {
    const { guest } = eventOf(fixtureBytes('BOOKING_CREATED.phone-only'));
    expect(guest).toMatchObject({ name: 'Phil Phoneonly', email: null, phone: '+13035550121' });
  });

  it('still has a phone when only the invented address tells it', () => {
    const guest = guestWith({ email: '13035550122@sms.cal.com' }, { responses: {} });
    expect([guest?.email, guest?.phone]).toEqual([null, '+13035550122']);
  });

  it.each([
    ['upper case and blanks', '  Tess.Example@EXAMPLE.com ', 'tess.example@example.com'],
    ['a second header line', 'tess@example.com\r\nBcc: other@example.com', null],
    ['two addresses', 'a@example.com,b@example.com', null],
    ['no at sign', 'tess', null],
    ['nothing', '', null],
    ['a lone surrogate', 'te\ud800ss@example.com', null],
    ['a NUL', 'te\u0000ss@example.com', null],
  ])('has an e-mail that is safe to write to, given %s', (_title, email, expected) => {
    expect(guestWith({ email })?.email).toBe(expected);
  });

  it.each([
    ["the attendee's own number", { phoneNumber: '+1 (303) 555-0130' }, {}, '+13035550130'],
    ['the form, when the attendee has none', {}, { attendeePhoneNumber: { value: '+13035550131' } }, '+13035550131'],
    ['the SMS reminder number, last', {}, { smsReminderNumber: { value: '+436605550123' } }, '+436605550123'],
    [
      'the next one, when a number is not valid',
      { phoneNumber: '+1555' },
      { attendeePhoneNumber: { value: '+13035550132' } },
      '+13035550132',
    ],
    ['none, when no number has a country code', { phoneNumber: '303 555 0130' }, {}, null],
    ['none, out of a sentence', { phoneNumber: 'call +13035550130 please' }, {}, null],
  ])('is reached by %s', (_title, attendee, responses, phone) => {
    expect(guestWith(attendee, { responses })?.phone).toBe(phone);
  });

  it('does not get the phone or the answers of whoever booked another seat', () => {
    const event = created({
      attendees: [{ email: 'second.seat@example.com', name: 'Second Seat' }],
      responses: {
        email: { value: 'first.seat@example.com' },
        attendeePhoneNumber: { value: '+13035550133' },
        company: { value: 'First Seat Inc.' },
      },
    });
    expect(event.guest?.phone).toBeNull();
    expect(event.details?.answers).toEqual({});
  });

  it.each([
    [
      'what the source split itself',
      { name: 'Tess van Example', firstName: 'Tess', lastName: 'van Example' },
      ['Tess', 'van Example'],
    ],
    [
      'the first word, when nothing is split',
      { name: 'Tess van Example', firstName: '', lastName: '' },
      ['Tess', 'van Example'],
    ],
    ['the part behind a comma', { name: 'Example, Tess' }, ['Tess', 'Example']],
    ['a single word', { name: 'Tess' }, ['Tess', null]],
    ['nothing', { name: ' ' }, [null, null]],
  ])('has the first and last name from %s', (_title, attendee, names) => {
    const guest = guestWith(attendee);
    expect([guest?.firstName, guest?.lastName]).toEqual(names);
  });

  it('has a name without NUL, broken Unicode or line breaks', () => {
    expect(guestWith({ name: 'Te\u0000ss\r\n\ud83d Example 😀' })?.name).toBe('Tess \uFFFD Example 😀');
  });

  it.each([
    ['America/Denver', 'America/Denver'],
    ['Mars/Olympus', null],
    ['+01:00', null],
    ['', null],
  ])('with zone %p is in zone %p', (timeZone, zone) => {
    expect(guestWith({ timeZone })?.zone).toBe(zone);
  });
});

describe('the details', () => {
  const detailsWith = (payload: Readonly<Record<string, unknown>>) => created(payload).details;

  it.each([
    [
      'what the guest typed',
      { responses: { location: { value: { value: 'attendeeInPerson', optionValue: '12 Sample St' } } } },
      '12 Sample St',
    ],
    ['the place of the booking', { location: 'Office 3' }, 'Office 3'],
    ['nothing, when it only names an app', { location: 'integrations:zoom' }, null],
  ])('tell the location as %s', (_title, payload, location) => {
    expect(detailsWith(payload)?.location).toBe(location);
  });

  it.each([
    ['the call address', { metadata: { videoCallUrl: 'https://a.example.com/1' } }, 'https://a.example.com/1'],
    [
      'the video provider, without call address',
      { metadata: {}, videoCallData: { url: 'https://b.example.com/2' } },
      'https://b.example.com/2',
    ],
    [
      'the location, when it is an address',
      { metadata: null, videoCallData: null, location: 'https://c.example.com/3' },
      'https://c.example.com/3',
    ],
    ['nothing, rather than a script', { metadata: { videoCallUrl: 'javascript:alert(1)' }, videoCallData: null }, null],
  ])('tell the link to join as %s', (_title, payload, joinUrl) => {
    expect(detailsWith(payload)?.joinUrl).toBe(joinUrl);
  });

  it('hold the answers as text, without hidden, empty and otherwise told ones', () => {
    const details = detailsWith({
      additionalNotes: '',
      responses: {
        name: { value: { firstName: 'Tess' } },
        title: { value: 'A call' },
        guests: { value: ['b@example.com'] },
        notes: { value: 'Bring\u0000 a ladder' },
        roof: { value: ['slate', 'tin'] },
        floors: { value: 2 },
        heritage: { value: false },
        access: { value: { value: 'other', optionValue: 'through the garden' } },
        empty: { value: '' },
        secret: { value: 'x', isHidden: true },
        odd: { value: { nested: { deeper: 'x' } } },
        bare: 'x',
      },
    });
    expect(details?.notes).toBe('Bring a ladder');
    expect(details?.answers).toEqual({
      roof: 'slate, tin',
      floors: '2',
      heritage: 'false',
      access: 'through the garden',
    });
  });

  it('are not fooled by a question named __proto__', () => {
    const body = fixtureBytes('BOOKING_CREATED')
      .toString()
      .replace('"responses": {', '"__proto__": {"polluted": true}, "responses": {"__proto__": {"value": "polluted"},');
    const event = eventOf(Buffer.from(body));
    expect(event.details?.answers).toEqual({ company: 'Example Gutters' });
    expect(Object.getPrototypeOf(event.details?.answers)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([[null], [[]], ['text'], [7], [{ email: null }]])('survive odd responses: %p', (responses) => {
    expect(detailsWith({ responses })?.answers).toEqual({});
  });
});
