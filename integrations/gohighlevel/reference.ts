/**
 * Texts that we write into HighLevel: plain text, with the line that carries our key at its end.
 * Invariant: texts are compared by what a person would read, whatever HighLevel's editor put around our lines.
 */
import { endsWithReference, referenceLine, squeezed } from '../reference';

/** No limit is documented; the reference comes last and must never be what is cut off. */
const BODY_LIMIT = 10_000;

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

/** True when the text ends with our line for exactly this key. */
export function carriesReference(text: string, externalKey: string): boolean {
  return endsWithReference(readable(text), externalKey);
}

/** HighLevel's own editor may have put markup around our lines, so texts are compared by what a person would read. */
function readable(text: string): string {
  // A lone "<" of a guest must not swallow what follows.
  return squeezed(text.replace(/<\/?[a-z][^<>\n]*>/gi, ' ').replace(/&nbsp;|&#160;/g, ' '));
}
