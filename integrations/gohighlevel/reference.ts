/**
 * Texts that we write into HighLevel's appointments: plain text, and the line that carries our key.
 * Invariant: the key is found again by its own last line, compared as a whole, whatever people wrote around it.
 */

const LABEL = 'Booking reference:';
/** No limit is documented; the reference comes last and must never be what is cut off. */
const BODY_LIMIT = 10_000;

/** The line that ties a record to a booking; spaces in the key are escaped, so that it ends at the first one. */
export function referenceLine(externalKey: string): string {
  return `${LABEL} ${keyOnOneWord(externalKey)}`;
}

/** Blocks of text, each a paragraph, the reference last; empty ones are left out. */
export function descriptionOf(blocks: readonly (string | null)[], externalKey: string): string {
  const texts = blocks.map((block) => block?.trim().slice(0, BODY_LIMIT) ?? '').filter((block) => block !== '');
  return [...texts, referenceLine(externalKey)].join('\n\n');
}

/** Adds a sentence to a text; a text that already holds it comes back unchanged. */
export function withSentence(text: string, sentence: string): string {
  if (readable(text).includes(squeezed(sentence))) return text;
  return text.trim() === '' ? sentence : `${text}\n\n${sentence}`;
}

/** True when the last of our lines in the text is the one of exactly this key. A guest's text above may imitate it. */
export function carriesReference(text: string, externalKey: string): boolean {
  const last = [...readable(text).matchAll(new RegExp(`${LABEL} (\\S+)`, 'g'))].at(-1);
  return last?.[1] === keyOnOneWord(externalKey);
}

function keyOnOneWord(key: string): string {
  return key.replace(/\s/g, (space) => encodeURIComponent(space));
}

/** HighLevel's own editor may have put markup around our lines, so texts are compared by what a person would read. */
function readable(text: string): string {
  // A lone "<" of a guest must not swallow what follows.
  return squeezed(text.replace(/<\/?[a-z][^<>\n]*>/gi, ' ').replace(/&nbsp;|&#160;/g, ' '));
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
