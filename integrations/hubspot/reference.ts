/**
 * Texts that we write into HubSpot: HTML, with the line that carries our key at its end.
 * Invariant: texts are compared by what a person would read, whatever HubSpot made of the markup.
 */
import { endsWithReference, referenceLine, squeezed } from '../reference';

const BREAKING_TAGS = /<\/?(?:p|br|div|li|ul|ol|tr|h[1-6])\b[^>]*>/gi;
/** HubSpot takes 65,536 characters in a property; the reference must never be what is cut off. */
const BODY_LIMIT = 40_000;

/** Our text as HTML: a paragraph per block, the reference last. */
export function htmlBody(text: string, externalKey: string): string {
  return `${paragraphs(text.slice(0, BODY_LIMIT))}<p>${escapeHtml(referenceLine(externalKey))}</p>`;
}

/** Adds a sentence to a body; a body that already holds it comes back unchanged. */
export function withSentence(html: string, sentence: string): string {
  return plainText(html).includes(squeezed(sentence)) ? html : `${html}<p>${escapeHtml(sentence)}</p>`;
}

/** True when the text, HTML or plain, ends with our line for exactly this key. */
export function carriesReference(text: string, externalKey: string): boolean {
  return endsWithReference(plainText(text), externalKey);
}

function paragraphs(text: string): string {
  return text
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .filter((block) => block !== '')
    .map((block) => `<p>${escapeHtml(block).replace(/\r?\n/g, '<br>')}</p>`)
    .join('');
}

function escapeHtml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

/** The readable text: HubSpot may rewrite markup and entities, so records are compared by what a person would read. */
function plainText(html: string): string {
  const text = html.replace(BREAKING_TAGS, ' ').replace(/<[^>]*>/g, '');
  const decoded = text
    .replace(/&nbsp;|&#160;/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;|&#34;/g, '"')
    .replace(/&#39;|&apos;|&#x27;/gi, "'")
    .replace(/&amp;/g, '&');
  return squeezed(decoded);
}
