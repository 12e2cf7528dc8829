/**
 * Which record holds which value of a unique property.
 * Invariant: no two live records hold the same; a contact's additional addresses are held like its own.
 */
import { contactExists, uniqueValueTaken } from './errors';
import type { HubspotRecord } from './record';
import type { ObjectType } from './schema';

export interface UniqueKeys {
  /** Throws 409 for a taken e-mail address and 400 for another taken value, before anything changed. */
  replace(before: HubspotRecord | null, after: HubspotRecord): void;
  /** Back to before `replace`. */
  undo(before: HubspotRecord | null, after: HubspotRecord): void;
  /** Id of the live record with this value. */
  holder(type: ObjectType, name: string, value: string): string | null;
  clear(): void;
}

interface Key {
  readonly name: string;
  readonly text: string;
}

/** The addresses in `hs_additional_emails`. */
export function additionalEmails(record: HubspotRecord): readonly string[] {
  return (record.properties['hs_additional_emails'] ?? '').split(';').filter((email) => email !== '');
}

export function createUniqueKeys(uniqueNames: (type: ObjectType) => readonly string[]): UniqueKeys {
  const holders = new Map<string, string>();
  const keyOf = (type: ObjectType, name: string, value: string): Key => {
    const normalized = name === 'email' ? value.trim().toLowerCase() : value;
    return { name, text: `${type}/${name}/${normalized}` };
  };
  const keysOf = (record: HubspotRecord | null): readonly Key[] => {
    if (record === null || record.archived) return [];
    const { type, properties } = record;
    const values = uniqueNames(type).flatMap((name) => {
      const value = properties[name] ?? null;
      return value === null ? [] : [keyOf(type, name, value)];
    });
    return [...values, ...additionalEmails(record).map((email) => keyOf(type, 'email', email))];
  };
  const swap = (before: HubspotRecord | null, after: HubspotRecord | null): void => {
    for (const { text } of keysOf(before)) holders.delete(text);
    if (after !== null) for (const { text } of keysOf(after)) holders.set(text, after.id);
  };

  return {
    replace(before, after) {
      for (const { name, text } of keysOf(after)) {
        const holder = holders.get(text) ?? after.id;
        if (holder !== after.id) throw name === 'email' ? contactExists(holder) : uniqueValueTaken(name);
      }
      swap(before, after);
    },
    undo: (before, after) => swap(after, before),
    holder: (type, name, value) => holders.get(keyOf(type, name, value).text) ?? null,
    clear: () => holders.clear(),
  };
}
