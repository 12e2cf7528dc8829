/**
 * The company that a guest speaks for: from an answer of the booking, else from the domain of an address that is no public mailbox.
 * Invariant: a domain is evidence for comparing only; nothing that is guessed from it is ever written anywhere.
 */
import { folded } from './folded';

/** Mailboxes that anybody can have, whatever comes after the name: `yahoo.com`, `yahoo.co.uk`. */
const PUBLIC_NAMES: ReadonlySet<string> = new Set([
  ...['aol', 'comcast', 'fastmail', 'freenet', 'gmail', 'gmx', 'googlemail', 'hey', 'hotmail', 'icloud', 'laposte'],
  ...['libero', 'live', 'mac', 'mail', 'mailbox', 'me', 'msn', 'naver', 'orange', 'outlook', 'pm', 'posteo', 'proton'],
  ...['protonmail', 'qq', 'rediffmail', 'rocketmail', 'sbcglobal', 'seznam', 't-online', 'tutanota', 'verizon', 'web'],
  ...['wanadoo', 'yahoo', 'yandex', 'ymail', 'zoho', '126', '163', 'att', 'bellsouth', 'btinternet', 'charter', 'cox'],
]);

/** Names below a country's domain that are no company: `acme.co.uk` is Acme's. */
const SECOND_LEVEL: ReadonlySet<string> = new Set(['ac', 'co', 'com', 'edu', 'gov', 'net', 'or', 'org']);

/** Legal forms say nothing about which company it is. */
const LEGAL_FORMS: ReadonlySet<string> = new Set([
  ...['ab', 'ag', 'as', 'bv', 'co', 'company', 'corp', 'corporation', 'gmbh', 'inc', 'incorporated', 'kg', 'limited'],
  ...['llc', 'llp', 'ltd', 'nv', 'oy', 'plc', 'pty', 'sa', 'sarl', 'sas', 'se', 'spa', 'srl'],
]);

/** Null where nothing is known. The answer wins; a domain gives its own name (`jane@mail.acme.co.uk` → `acme`). */
export function companyOf(guest: { readonly answer: string | null; readonly email: string | null }): string | null {
  const answer = guest.answer?.trim() ?? '';
  return answer === '' ? companyInAddress(guest.email) : answer;
}

function companyInAddress(email: string | null): string | null {
  const domain = /@([^@\s]+)$/.exec(folded(email))?.[1] ?? '';
  const labels = domain.split('.').filter((label) => label !== '');
  const [country = '', second = ''] = [...labels].reverse();
  const isBelowCountry = country.length === 2 && SECOND_LEVEL.has(second) && labels.length > 2;
  const name = labels.at(isBelowCountry ? -3 : -2);
  return name === undefined || labels.length < 2 || PUBLIC_NAMES.has(name) ? null : name;
}

/** The same name, however it is spaced, punctuated or capitalised, and whatever its legal form. */
export function isSameCompany(one: string, other: string): boolean {
  const name = nameIn(one);
  return name !== '' && name === nameIn(other);
}

function nameIn(company: string): string {
  const words = folded(company)
    .replace(/['’.]/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  // A company may be called like a legal form, so one word always stays.
  while (words.length > 1 && LEGAL_FORMS.has(words.at(-1) ?? '')) words.pop();
  return words.join('');
}
