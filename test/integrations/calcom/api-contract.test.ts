/** Every request of the client, and every shape of row that it reads, compared with Cal.com's own contract where it is at hand. */
import Ajv, { type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCalcomApi } from '../../../integrations/calcom/source-api';
import { CAL_TRIGGERS, TRIGGERS_READ } from '../../../integrations/calcom/events';
import { AFTER_START, attendee, readEventsOf, row, seated } from './rows';
import { scriptedServer, type Asked } from '../scripted-server';
import { success } from './envelopes';

const FILE = join(
  __dirname,
  '../../../../shared/contracts/calcom/api-v2/openapi.bookings-webhooks.2026-07.derived.json',
);

interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<
    Record<string, { readonly example?: unknown; readonly items?: { readonly $ref?: string } }>
  >;
  additionalProperties?: unknown;
}
interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: { readonly default?: unknown };
  }[];
  readonly requestBody?: object;
}
interface Definition {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, SchemaNode>> };
}

/** Null, with a printed sentence, where the contract is absent. */
function loadContract(): { readonly definition: Definition; readonly ajv: Ajv } | null {
  if (!existsSync(FILE)) {
    process.stdout.write('Skipped: ../shared/contracts/calcom is not here, so the client is not compared with it.\n');
    return null;
  }
  const definition = JSON.parse(readFileSync(FILE, 'utf8')) as Definition;
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  // The contract lets unknown fields through; closed, a misspelt one of ours is found.
  for (const schema of Object.values(definition.components.schemas)) {
    if (schema.type === 'object' && schema.properties !== undefined) schema.additionalProperties ??= false;
  }
  // Cal.com's code takes null there ("optional"), and shows it; its contract does not say so.
  const template = definition.components.schemas['UpdateWebhookInputDto']?.properties?.['payloadTemplate'];
  if (template !== undefined) Object.assign(template, { nullable: true });
  ajv.addSchema(definition, 'calcom');
  return { definition, ajv };
}

const contract = loadContract();

const validatorAt = (ajv: Ajv, ...path: readonly string[]): ValidateFunction =>
  ajv.compile({
    $ref: `calcom#/${path.map((part) => encodeURIComponent(part.replace(/~/g, '~0').replace(/\//g, '~1'))).join('/')}`,
  });

function problemsOf(asked: Asked, { definition, ajv }: NonNullable<typeof contract>): readonly string[] {
  const method = asked.method.toLowerCase();
  const found = Object.entries(definition.paths).find(
    ([path, methods]) =>
      methods[method] !== undefined && new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`).test(asked.path),
  );
  const operation = found?.[1][method];
  if (found === undefined || operation === undefined) return [`no operation ${asked.method} ${asked.path}`];
  const parameters = operation.parameters ?? [];
  const names = parameters.filter((one) => one.in === 'query').map((one) => one.name);
  const problems = Object.keys(asked.query)
    .filter((name) => !names.includes(name))
    .map((name) => `no parameter ${name}`);
  for (const { name, in: place, required, schema } of parameters) {
    if (place !== 'header' || required !== true) continue;
    const sent = asked.headers[name.toLowerCase()];
    if (sent === undefined) problems.push(`no header ${name}`);
    else if (schema?.default !== undefined && sent !== schema.default)
      problems.push(`${name} is not ${String(schema.default)}`);
  }
  if ((operation.requestBody === undefined) !== (asked.body === undefined))
    problems.push('a body where there is none, or none');
  if (operation.requestBody !== undefined) {
    const validate = validatorAt(
      ajv,
      'paths',
      found[0],
      method,
      'requestBody',
      'content',
      'application/json',
      'schema',
    );
    // A create of one appointment also fits that of a series, whose count is optional: then this is all that is wrong.
    const fits = validate(asked.body) || (validate.errors?.length === 1 && validate.errors[0]?.keyword === 'oneOf');
    if (!fits) problems.push(...(validate.errors ?? []).map((one) => `${one.instancePath} ${one.message ?? ''}`));
  }
  return problems;
}

const ROW_SCHEMAS = [
  'BookingOutput_2024_08_13',
  'RecurringBookingOutput_2024_08_13',
  'GetSeatedBookingOutput_2024_08_13',
  'GetRecurringSeatedBookingOutput_2024_08_13',
] as const;

describe("Cal.com's contract", () => {
  it('has every operation, parameter, header and field that the client sends', async () => {
    if (contract === null) return;
    const webhook = {
      id: 1,
      subscriberUrl: 'https://a.example.com/w',
      active: false,
      triggers: [],
      payloadTemplate: 'x',
    };
    let webhooks: unknown[] = [];
    let expiresIn = 1;
    const server = await scriptedServer(({ method, path }) => {
      if (path.endsWith('/token')) {
        expiresIn = 1_800;
        return { status: 200, json: { access_token: 'a', refresh_token: 'r', expires_in: expiresIn } };
      }
      if (path.endsWith('/webhooks') && method === 'GET') return success(webhooks);
      if (path.endsWith('/slots')) {
        return success({ '2027-01-04': [{ start: '2027-01-04T09:00:00.000Z', end: '2027-01-04T09:30:00.000Z' }] });
      }
      if (path.endsWith('/bookings')) return success([row()], { pagination: { hasNextPage: false } });
      return success(path.endsWith('/series') ? [row()] : row({ recurringBookingUid: 'series' }));
    });
    const oauth = { clientId: 'client', clientSecret: 's', refreshToken: 'r' };
    const api = createCalcomApi(
      { baseUrl: server.url, oauth },
      { read: () => Promise.resolve(null), exchange: (obtain) => obtain(null) },
    );
    const window = { fromMs: 0, toMs: 1_000 };
    await api.readBooking('rowFirst');
    await api.listChanged(window);
    await api.listEnded(window);
    await api.listSeries('rowFirst');
    await api.markAbsent('rowFirst', { email: 'tess.example@example.com', absent: true });
    await api.cancel('rowFirst', { reason: 'x', seatId: null });
    await api.cancel('rowFirst', { reason: 'x', seatId: 'seat-1' });
    await api.reschedule('rowFirst', { startMs: 0, reason: 'x' });
    const slot = { eventType: '101', startMs: Date.UTC(2027, 0, 4, 9), endMs: Date.UTC(2027, 0, 4, 9, 30) };
    const guest = { name: 'Tess Example', email: 'tess.example@example.com', phone: '+13035550142', zone: 'UTC' };
    expect(await api.bookings?.freeSlot(slot)).toEqual({ endMs: slot.endMs });
    const mark = '00000000-0000-4000-8000-000000000001';
    await api.bookings?.book({ ...slot, guest, mark, record: 'hubspot-main/1' });
    await api.bookings?.findMarked(slot, mark);
    const expected = { webhookUrl: webhook.subscriberUrl, secret: 's' };
    await api.checkSubscription(expected);
    await api.mendSubscription(expected);
    webhooks = [webhook];
    await api.mendSubscription(expected);

    const asked = new Set(server.asked.map(({ method, path }) => `${method} ${path}`));
    expect(asked.size).toBe(12);
    for (const one of server.asked) {
      const problems = problemsOf(one, contract);
      expect([`${one.method} ${one.path}`, problems]).toEqual([`${one.method} ${one.path}`, []]);
    }
  });

  it('is really compared: a wrong field, parameter, version or path is found', () => {
    if (contract === null) return;
    const good = { headers: { 'cal-api-version': '2024-08-13', authorization: 'x' }, query: {}, body: {}, url: '' };
    const problems = (asked: Partial<Asked>) =>
      problemsOf({ ...good, method: 'POST', path: '/v2/bookings/x/mark-absent', ...asked }, contract);
    expect(problems({})).toEqual([]);
    expect(problems({ body: { attendees: [{ mail: 'x', absent: true }] } })).not.toEqual([]);
    expect(problems({ query: { dry: 'true' } })).not.toEqual([]);
    expect(problems({ headers: { authorization: 'x' } })).not.toEqual([]);
    expect(problems({ path: '/v2/bookings/x/mark-missing' })).not.toEqual([]);
  });

  it('shows rows as the tests here build them', () => {
    if (contract === null) return;
    const { ajv } = contract;
    const problems = (schema: string, value: Readonly<Record<string, unknown>>) => {
      const validate = validatorAt(ajv, 'components', 'schemas', schema);
      return validate(JSON.parse(JSON.stringify(value)))
        ? []
        : (validate.errors ?? []).map((one) => `${one.instancePath} ${one.message ?? ''}`);
    };
    // Cal.com's own rows have no rating as null, which its contract does not mention.
    const shown = (fields: Readonly<Record<string, unknown>>) => row({ rating: undefined, ...fields });
    expect(problems('BookingOutput_2024_08_13', shown({}))).toEqual([]);
    expect(problems('RecurringBookingOutput_2024_08_13', shown({ recurringBookingUid: 'series' }))).toEqual([]);
    const seats = { attendees: [seated('Ann')], guests: undefined, bookingFieldsResponses: undefined };
    expect(problems('GetSeatedBookingOutput_2024_08_13', shown(seats))).toEqual([]);
    expect(problems('BookingAttendee', attendee())).toEqual([]);
  });

  it.each(ROW_SCHEMAS)('gives an example of %s that is read whole', (schema) => {
    if (contract === null) return;
    const example = exampleOf(contract.definition, schema);
    const [event, ...marks] = readEventsOf(example, AFTER_START);
    expect(event).toMatchObject({
      uid: 'booking_uid_123',
      predecessorUid: 'previous_uid_123',
      iCalUid: expectedCalendarUid(schema),
    });
    expect(event?.guest?.email).toBe('john@example.com');
    expect(event?.host?.email).toBe('jane100@example.com');
    expect(marks.map((mark) => mark.type)).toEqual(['no_show_reverted', 'host_no_show']);
    expect(event?.seat).toEqual(schema.includes('Seated') ? { id: expect.any(String) as string } : null);
  });

  it('sends no trigger that is unknown here, and offers all that are needed', () => {
    if (contract === null) return;
    const { properties } = contract.definition.components.schemas['CreateWebhookInputDto'] ?? {};
    const offered = (properties?.['triggers']?.items as { readonly enum?: readonly string[] } | undefined)?.enum ?? [];
    expect(offered.filter((trigger) => !(CAL_TRIGGERS as readonly string[]).includes(trigger))).toEqual([]);
    expect(TRIGGERS_READ.filter((trigger) => !offered.includes(trigger))).toEqual([]);
  });
});

const expectedCalendarUid = (schema: string): string | null => (schema.includes('Seated') ? null : 'ics_uid_123');

/** The example of a schema, built from those of its fields. */
function exampleOf(definition: Definition, name: string): Readonly<Record<string, unknown>> {
  const { properties = {} } = definition.components.schemas[name] ?? {};
  return Object.fromEntries(
    Object.entries(properties).map(([key, { example, items }]) => {
      const element = items?.$ref?.split('/').at(-1);
      return [key, element === undefined ? example : [exampleOf(definition, element)]];
    }),
  );
}
