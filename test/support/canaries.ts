/**
 * Values that occur nowhere else, put where personal data would be, and the search for them in whatever a text may be encoded as.
 * Invariant: a canary survives normalizing (lower case, letters and digits; phones are E.164), so that it is found where it is.
 */
import { randomBytes, randomInt } from 'node:crypto';

export interface Canaries {
  /** A word that stands for one kind of value: `guest's last name`. The same label gives the same word. */
  word(label: string): string;
  email(label: string): string;
  /** A valid number of the fictional range. */
  phone(label: string): string;
  /** Labels of all canaries that the text contains: as they are, or in hexadecimal or base64. */
  sightings(text: string): string[];
}

/** Numbers 555-0100 to 555-0199 belong to nobody in any area. */
const AREAS = ['303', '212', '415', '206', '512', '617'];

export function makeCanaries(): Canaries {
  const words = new Map<string, string>();
  const phones = new Map<string, string>();
  const remembered = (map: Map<string, string>, label: string, make: () => string): string => {
    const known = map.get(label) ?? make();
    map.set(label, known);
    return known;
  };
  const word = (label: string): string => remembered(words, label, () => `kan${randomBytes(7).toString('hex')}`);
  return {
    word,
    email: (label) => `${word(label)}@example.com`,
    phone: (label) =>
      remembered(
        phones,
        label,
        () => `+1${AREAS[phones.size % AREAS.length]}55501${String(randomInt(100)).padStart(2, '0')}`,
      ),
    sightings: (text) => {
      const lower = text.toLowerCase();
      const all = [...words, ...[...phones].map(([label, phone]) => [label, phone.slice(2)] as const)];
      return all.filter(([, value]) => isIn(value, text, lower)).map(([label]) => label);
    },
  };
}

function isIn(value: string, text: string, lower: string): boolean {
  if (lower.includes(value) || lower.includes(Buffer.from(value).toString('hex'))) return true;
  return [0, 1, 2].some((offset) => text.includes(inBase64(value, offset)));
}

/** What every base64 text has in it that encodes the value `offset` bytes after a multiple of three, without the edges. */
function inBase64(value: string, offset: number): string {
  const encoded = Buffer.from(' '.repeat(offset) + value).toString('base64');
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + value.length) * 8) / 6));
}
