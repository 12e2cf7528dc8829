/**
 * Who in a CRM is our guest: what to fill in, and how likely a candidate is. Works on plain values, knows no vendor.
 * Invariant: nothing that a person typed in the CRM is overwritten, unless the policy says so.
 */

/** What we know, or a CRM holds, about one person. E-mail lower-cased, phone in E.164 where it can be read as one. */
export interface PersonFields {
  readonly email: string | null;
  readonly phone: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
}
export type PersonField = keyof PersonFields;
export const PERSON_FIELDS: readonly PersonField[] = ['email', 'phone', 'firstName', 'lastName'];

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
    return isBlank(current[field]) || (policy === 'overwrite' && !isSame(field, current[field], ours[field]));
  });
  return Object.fromEntries(changed.map((field) => [field, ours[field]]));
}

function isSame(field: PersonField, one: string | null, other: string | null): boolean {
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
  readonly agrees: readonly PersonField[];
  readonly differs: readonly PersonField[];
}

export function likenessOf(candidate: PersonFields, guest: PersonFields): Likeness {
  const both = PERSON_FIELDS.filter((field) => !isBlank(candidate[field]) && !isBlank(guest[field]));
  const same = (field: PersonField): boolean =>
    field === 'firstName' || field === 'lastName'
      ? fold(candidate[field]) === fold(guest[field])
      : isSame(field, candidate[field], guest[field]);
  return { agrees: both.filter(same), differs: both.filter((field) => !same(field)) };
}

/** Accents and capitals do not make another name. */
function fold(value: string | null): string {
  return (value ?? '').normalize('NFKD').replace(/\p{M}/gu, '').trim().toLowerCase();
}

const WEIGHT: Readonly<Record<PersonField, number>> = { email: 8, phone: 4, lastName: 2, firstName: 1 };

/** The likeliest first; equal ones in the order of their ids. A ranking is evidence for a person, never a choice. */
export function rankCandidates<T extends { readonly id: string; readonly current: PersonFields }>(
  candidates: readonly T[],
  guest: PersonFields,
): readonly (T & Likeness)[] {
  const weigh = ({ agrees, differs }: Likeness): number =>
    agrees.reduce((sum, field) => sum + WEIGHT[field], 0) - differs.reduce((sum, field) => sum + WEIGHT[field] / 2, 0);
  return candidates
    .map((candidate) => ({ ...candidate, ...likenessOf(candidate.current, guest) }))
    .sort((a, b) => weigh(b) - weigh(a) || (a.id < b.id ? -1 : 1));
}
