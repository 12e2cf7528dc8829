/**
 * Custom fields: the seeded ones, those that the API made, and the values that a body gives them.
 * Invariant: a value belongs to a field that exists for its kind of record.
 */
import type { Account } from './account';
import { unprocessable } from './errors';
import type { Contact, CustomField } from './records';
import { SEEDED_AT, customFields } from './seed';

export type Model = CustomField['model'];
type Values = Contact['customFields'];

export function fieldsOf(account: Account, model: Model | 'all'): readonly CustomField[] {
  const atMs = Date.parse(SEEDED_AT);
  const seeded = customFields.map((field) => ({
    ...field,
    placeholder: null,
    position: 0,
    createdAtMs: atMs,
    updatedAtMs: atMs,
    isDeleted: false,
  }));
  return [...seeded, ...account.fields.live()].filter((field) => model === 'all' || field.model === model);
}

/** The record's values with those of a body. Throws 422 for a field that is not there: somebody may have deleted it. */
export function customFieldValues(
  account: Account,
  model: Model,
  given: readonly { readonly id?: string | undefined; readonly key?: string | undefined; readonly value: unknown }[],
  before: Values,
): Values {
  const values = new Map(before.map(({ id, value }) => [id, value]));
  const known = fieldsOf(account, model);
  for (const { id, key, value } of given) {
    const keys = [key, `${model}.${key ?? ''}`];
    const field = known.find((one) => (id === undefined ? keys.includes(one.fieldKey) : one.id === id));
    if (field === undefined) throw unprocessable('customFields names a field that this location does not have');
    values.set(field.id, value);
  }
  return [...values].map(([id, value]) => ({ id, value }));
}

/** `contact.roof_age`, as HighLevel makes keys from names. */
export function fieldKeyOf(model: Model, name: string): string {
  return `${model}.${name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')}`;
}
