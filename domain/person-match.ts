/**
 * Who in a CRM is our guest: what to fill in, and how likely a candidate is. Works on plain values, knows no vendor.
 * Invariant: nothing that a person typed in the CRM is overwritten, unless the policy says so.
 */
import { isSameCompany } from './company';
import { folded } from './folded';

/** What we know, or a CRM holds, about one person. E-mail lower-cased, phone in E.164 where it can be read as one. */
export interface PersonFields {
  readonly email: string | null;
  readonly phone: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
}
export type PersonField = keyof PersonFields;
export const PERSON_FIELDS: readonly PersonField[] = ['email', 'phone', 'firstName', 'lastName'];

/** What people are compared by. The company is evidence only and never written. */
export interface ComparedPerson extends PersonFields {
  readonly company: string | null;
}
export type ComparedField = keyof ComparedPerson;
const COMPARED_FIELDS: readonly ComparedField[] = [...PERSON_FIELDS, 'company'];

/** `fill-empty` leaves what is there, `overwrite` makes it what the guest said last. */
export type PersonPolicy = 'fill-empty' | 'overwrite';

const isBlank = (value: string | null): boolean => value === null || value.trim() === '';

/** What has to be written so that the CRM holds what we know. Empty when nothing has to. */
export function personChanges(
  current: PersonFields,
  ours: PersonFields,
  policy: PersonPolicy,
): Partial<Record<PersonField, string>> {
  const changed = PERSON_FIELDS.filter((field) => {
    if (isBlank(ours[field])) return false;
    return isBlank(current[field]) || (policy === 'overwrite' && !isSameField(field, current[field], ours[field]));
  });
  return Object.fromEntries(changed.map((field) => [field, ours[field]]));
}

/** Whether a CRM, which may write a value in its own way, holds this one. */
export function isSameField(field: PersonField, one: string | null, other: string | null): boolean {
  if (one === null || other === null) return one === other;
  if (field === 'phone') return isSamePhone(one, other);
  return field === 'email' ? one.trim().toLowerCase() === other.trim().toLowerCase() : one.trim() === other.trim();
}

/** Shorter ends of numbers are shared by many. */
const LOCAL_DIGITS = 8;

/** A number that was typed without its country, or with other signs, is the same one. */
function isSamePhone(one: string, other: string): boolean {
  const [longer = '', shorter = ''] = [one, other]
    .map((phone) => phone.replace(/\D/g, '').replace(/^0+/, ''))
    .sort((a, b) => b.length - a.length);
  if (longer === shorter) return longer !== '' || one.trim() === other.trim();
  const bothNameTheirCountry = [one, other].every((phone) => /^\s*(\+|00)/.test(phone));
  return !bothNameTheirCountry && shorter.length >= LOCAL_DIGITS && longer.endsWith(shorter);
}

/** How a candidate compares with our guest: names of fields only, so it may be stored and shown without personal data. */
export interface Likeness {
  readonly agrees: readonly ComparedField[];
  readonly differs: readonly ComparedField[];
}

export function likenessOf(candidate: ComparedPerson, guest: ComparedPerson): Likeness {
  const both = COMPARED_FIELDS.filter((field) => !isBlank(candidate[field]) && !isBlank(guest[field]));
  const same = (field: ComparedField): boolean => {
    if (field === 'company') return isSameCompany(candidate.company ?? '', guest.company ?? '');
    return field === 'firstName' || field === 'lastName'
      ? folded(candidate[field]) === folded(guest[field])
      : isSameField(field, candidate[field], guest[field]);
  };
  return { agrees: both.filter(same), differs: both.filter((field) => !same(field)) };
}

/** A name with its company outweighs a namesake of whom nothing contradicts, also where both addresses are other ones. */
const WEIGHT: Readonly<Record<ComparedField, number>> = { email: 8, company: 7, phone: 4, lastName: 2, firstName: 1 };

/** The likeliest first; equal ones in the order of their ids. A ranking is evidence for a person, never a choice. */
export function rankCandidates<T extends { readonly id: string; readonly current: ComparedPerson }>(
  candidates: readonly T[],
  guest: ComparedPerson,
): readonly (T & Likeness)[] {
  const weigh = ({ agrees, differs }: Likeness): number =>
    agrees.reduce((sum, field) => sum + WEIGHT[field], 0) - differs.reduce((sum, field) => sum + WEIGHT[field] / 2, 0);
  return candidates
    .map((candidate) => ({ ...candidate, ...likenessOf(candidate.current, guest) }))
    .sort((a, b) => weigh(b) - weigh(a) || (a.id < b.id ? -1 : 1));
}

const NAME_AND_COMPANY: readonly ComparedField[] = ['firstName', 'lastName', 'company'];

/**
 * The last rung of the matching ladder: who has the guest's full name and company. `known`: the only one, of whom no address says
 * that it is somebody else, so that they may be taken. `offered`: all of them otherwise. Somebody known under another address
 * (a private one, a colleague's of the same name) is for a person to decide.
 */
export function byNameAndCompany<T extends { readonly current: ComparedPerson }>(
  people: readonly T[],
  guest: ComparedPerson,
): { readonly known: T | null; readonly offered: readonly T[] } {
  const compared = people.map((person) => ({ person, ...likenessOf(person.current, guest) }));
  const same = compared.filter(({ agrees }) => NAME_AND_COMPANY.every((field) => agrees.includes(field)));
  const [only] = same;
  const isKnown = only !== undefined && same.length === 1 && only.differs.length === 0;
  return isKnown ? { known: only.person, offered: [] } : { known: null, offered: same.map(({ person }) => person) };
}
