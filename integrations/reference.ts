/**
 * The line that ties a CRM's record to what it was made for, in a text that people and the CRM may edit around it.
 * Invariant: the key is found again by its own last line, compared as a whole; a guest's text above may imitate it.
 */

const LABEL = 'Booking reference:';

/** The line itself; spaces in the key are escaped, so that it ends at the first one. */
export function referenceLine(externalKey: string): string {
  return `${LABEL} ${keyOnOneWord(externalKey)}`;
}

/** True when the last of our lines is the one of exactly this key. `readable`: the text without markup, as a person would read it. */
export function endsWithReference(readable: string, externalKey: string): boolean {
  const last = [...readable.matchAll(new RegExp(`${LABEL} (\\S+)`, 'g'))].at(-1);
  return last?.[1] === keyOnOneWord(externalKey);
}

/** Whether a text holds one of our lines at all. */
export function hasReference(readable: string): boolean {
  return readable.includes(LABEL);
}

/** On one line, with single spaces: how texts are compared that a CRM may have wrapped anew. */
export function squeezed(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function keyOnOneWord(key: string): string {
  return key.replace(/\s/g, (space) => encodeURIComponent(space));
}
