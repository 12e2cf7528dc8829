/**
 * Texts that we write into HubSpot: HTML for meeting bodies, and the line that carries our key.
 * Invariant: the key is found again by its own last line, compared as a whole, whatever people wrote around it.
 */

const LABEL = 'Booking reference:';
const BREAKING_TAGS = /<\/?(?:p|br|div|li|ul|ol|tr|h[1-6])\b[^>]*>/gi;
/** HubSpot takes 65,536 characters in a property; the reference must never be what is cut off. */
const BODY_LIMIT = 40_000;

/** The line that ties a record to a booking; spaces in the key are escaped, so that it ends at the first one. */
export function referenceLine(externalKey: string): string {
  return `${LABEL} ${keyOnOneWord(externalKey)}`;
}

/** Our text as HTML: a paragraph per block, the reference last. */
export function meetingBody(text: string, externalKey: string): string {
  return `${paragraphs(text.slice(0, BODY_LIMIT))}<p>${escapeHtml(referenceLine(externalKey))}</p>`;
}

/** Adds a sentence to a body; a body that already holds it comes back unchanged. */
export function withSentence(html: string, sentence: string): string {
  return plainText(html).includes(squeezed(sentence)) ? html : `${html}<p>${escapeHtml(sentence)}</p>`;
}

/** True when the text, HTML or plain, ends with our line for exactly this key. A guest's text above may imitate it. */
export function carriesReference(text: string, externalKey: string): boolean {
  const last = [...plainText(text).matchAll(new RegExp(`${LABEL} (\\S+)`, 'g'))].at(-1);
  return last?.[1] === keyOnOneWord(externalKey);
}

function keyOnOneWord(key: string): string {
  return key.replace(/\s/g, (space) => encodeURIComponent(space));
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

function squeezed(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
