/**
 * `/users` and `/locations`: who works there, and what the location knows: settings, custom fields, tags, time zones.
 */
import { z } from 'zod';
import type { SimAnswer } from '../exchange';
import { checkLocation, notFound, operation, param, queryText } from './account';
import { set } from './values';
import type { Call, Operation } from './account';
import { queryNumber, readJsonBody } from './bodies';
import { fieldKeyOf, fieldsOf } from './custom-fields';
import { badRequest, malformed, wrongLocation } from './errors';
import type { CustomField, Tag } from './records';
import type { Row } from './rows';
import { location, users } from './seed';
import type { User } from './seed';

const USERS = 'users.readonly';
const FIELDS = 'locations/customFields';
const TAGS = 'locations/tags';

export const placeOperations: readonly Operation[] = [
  operation({
    method: 'GET',
    template: '/users',
    scope: USERS,
    versions: ['2021-07-28'],
    malformed: 400,
    run: listUsers,
    query: { required: ['locationId'] },
  }),
  operation({
    method: 'GET',
    template: '/users/search',
    scope: USERS,
    run: searchUsers,
    query: {
      required: ['companyId'],
      optional: ['query', 'skip', 'limit', 'locationId', 'type', 'role', 'ids', 'sort', 'sortDirection'],
    },
  }),
  operation({
    method: 'POST',
    template: '/users/search/filter-by-email',
    scope: USERS,
    access: 'agency',
    run: usersByEmail,
  }),
  operation({ method: 'GET', template: '/users/{userId}', scope: USERS, run: getUser }),
  operation({ method: 'GET', template: '/locations/{locationId}', scope: 'locations.readonly', run: getLocation }),
  operation({
    method: 'GET',
    template: '/locations/{locationId}/customFields',
    scope: `${FIELDS}.readonly`,
    query: { optional: ['model'] },
    run: listFields,
  }),
  operation({
    method: 'POST',
    template: '/locations/{locationId}/customFields',
    scope: `${FIELDS}.write`,
    run: createField,
  }),
  operation({ method: 'GET', template: '/locations/{locationId}/tags', scope: `${TAGS}.readonly`, run: listTags }),
  operation({ method: 'POST', template: '/locations/{locationId}/tags', scope: `${TAGS}.write`, run: createTag }),
  operation({
    method: 'GET',
    template: '/locations/{locationId}/timezones',
    scope: 'locations.readonly',
    run: listZones,
  }),
];

function userRow({ id, email, firstName, lastName }: User): Row {
  const roles = { type: 'account', role: 'user', locationIds: [location.id] };
  return { id, name: `${firstName} ${lastName}`, firstName, lastName, email, roles };
}

function checkCompany(companyId: string): void {
  if (companyId !== location.companyId) throw wrongLocation();
}

function listUsers(call: Call): SimAnswer {
  checkLocation(queryText(call, 'locationId') ?? '');
  return { status: 200, body: { users: users.map(userRow) } };
}

function searchUsers(call: Call): SimAnswer {
  checkCompany(queryText(call, 'companyId') ?? '');
  const locationId = queryText(call, 'locationId');
  if (locationId !== null) checkLocation(locationId);
  const query = queryText(call, 'query')?.toLowerCase() ?? '';
  const ids = queryText(call, 'ids')?.split(',') ?? null;
  const skip = queryNumber(call, 'skip', { fallback: 0, min: 0, max: 100_000 });
  const limit = queryNumber(call, 'limit', { fallback: 25, min: 1, max: 100 });
  const hits = users
    .filter(({ id }) => ids === null || ids.includes(id))
    .filter((user) => [user.email, `${user.firstName} ${user.lastName}`].some((t) => t.toLowerCase().includes(query)));
  return { status: 200, body: { users: hits.slice(skip, skip + limit).map(userRow), count: hits.length } };
}

const text = z.string().min(1);
const emailFilter = z.strictObject({
  companyId: text,
  /** Separated by commas. */
  emails: text,
  deleted: z.boolean().optional(),
  skip: z.string().optional(),
  limit: z.string().optional(),
  projection: z.string().optional(),
});

function usersByEmail(call: Call): SimAnswer {
  const { companyId, emails, deleted } = readJsonBody(call, emailFilter);
  checkCompany(companyId);
  const wanted = emails.split(',').map((email) => email.trim().toLowerCase());
  const hits = deleted === true ? [] : users.filter(({ email }) => wanted.includes(email));
  return { status: 200, body: { users: hits.map(userRow), count: hits.length } };
}

function getUser(call: Call): SimAnswer {
  const user = users.find(({ id }) => id === param(call, 'userId'));
  if (user === undefined) throw notFound(call.account, 'User');
  return { status: 200, body: userRow(user) };
}

function getLocation(call: Call): SimAnswer {
  checkLocation(param(call, 'locationId'));
  const { id, companyId, name, zone, country, email } = location;
  const { allowDuplicateContact, allowDuplicateOpportunity } = call.account.settings();
  const settings = { allowDuplicateContact, allowDuplicateOpportunity, allowFacebookNameMerge: false };
  const business = { name, country, timezone: zone };
  return {
    status: 200,
    body: { location: { id, companyId, name, country, email, timezone: zone, business, settings } },
  };
}

function fieldRow({ id, name, fieldKey, placeholder, dataType, position, model }: CustomField): Row {
  return set({ id, name, fieldKey, placeholder, dataType, position, model, locationId: location.id });
}

const models = z.enum(['contact', 'opportunity', 'all']);

function listFields(call: Call): SimAnswer {
  checkLocation(param(call, 'locationId'));
  const model = models.safeParse(queryText(call, 'model') ?? 'contact');
  if (!model.success) throw malformed(['model must be contact, opportunity or all']);
  return { status: 200, body: { customFields: fieldsOf(call.account, model.data).map(fieldRow) } };
}

const fieldBody = z.strictObject({
  name: text,
  dataType: z.enum([
    ...(['TEXT', 'LARGE_TEXT', 'NUMERICAL', 'PHONE', 'MONETORY', 'CHECKBOX', 'SINGLE_OPTIONS'] as const),
    ...(['MULTIPLE_OPTIONS', 'DATE', 'TEXTBOX_LIST', 'FILE_UPLOAD', 'RADIO', 'EMAIL'] as const),
  ]),
  placeholder: z.string().optional(),
  acceptedFormat: z.array(z.string()).optional(),
  isMultipleFile: z.boolean().optional(),
  maxNumberOfFiles: z.number().optional(),
  textBoxListOptions: z.array(z.strictObject({ label: z.string(), prefillValue: z.string().optional() })).optional(),
  position: z.number().optional(),
  model: z.enum(['contact', 'opportunity']).optional(),
});

function createField(call: Call): SimAnswer {
  checkLocation(param(call, 'locationId'));
  const { name, dataType, placeholder, position, model = 'contact' } = readJsonBody(call, fieldBody);
  const fieldKey = fieldKeyOf(model, name);
  const isTaken = fieldsOf(call.account, model).some((field) => field.fieldKey === fieldKey);
  if (isTaken) throw badRequest('A custom field with this name exists already.');
  const field = call.account.fields.add({
    name,
    fieldKey,
    dataType,
    model,
    placeholder: placeholder ?? null,
    position: position ?? 0,
  });
  return { status: 201, body: { customField: fieldRow(field) } };
}

const tagRow = ({ id, name }: Tag): Row => ({ id, name, locationId: location.id });

function listTags(call: Call): SimAnswer {
  checkLocation(param(call, 'locationId'));
  return { status: 200, body: { tags: call.account.tags.live().map(tagRow) } };
}

function createTag(call: Call): SimAnswer {
  checkLocation(param(call, 'locationId'));
  const name = readJsonBody(call, z.strictObject({ name: text }))
    .name.trim()
    .toLowerCase();
  if (call.account.tags.live().some((tag) => tag.name === name)) throw badRequest('The tag name already exists.');
  return { status: 200, body: { tag: tagRow(call.account.tags.add({ name })) } };
}

function listZones(call: Call): SimAnswer {
  checkLocation(param(call, 'locationId'));
  return { status: 200, body: { timeZones: Intl.supportedValuesOf('timeZone') } };
}
