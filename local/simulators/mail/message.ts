/**
 * Reads a raw e-mail as far as tests and the demo need: Message-ID, subject, and the plain text as a reader would see it.
 * Invariant: never throws; what it does not understand it leaves as it came.
 */

export interface ParsedMessage {
  /** With its angle brackets, as sent; null without one. */
  readonly messageId: string | null;
  readonly subject: string;
  /** The first text/plain part, decoded; empty without one. */
  readonly text: string;
}

interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export function parseMessage(raw: Buffer): ParsedMessage {
  const whole = readPart(raw);
  const text = plainText(whole);
  return {
    messageId: whole.headers.get('message-id') ?? null,
    subject: decodeWords(whole.headers.get('subject') ?? ''),
    text: text?.replace(/\r\n/g, '\n').trimEnd() ?? '',
  };
}

function readPart(raw: Buffer): Part {
  const separator = raw.indexOf('\r\n\r\n');
  const head = raw.subarray(0, separator === -1 ? raw.length : separator).toString('utf8');
  const headers = new Map<string, string>();
  for (const line of head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return { headers, body: separator === -1 ? Buffer.alloc(0) : raw.subarray(separator + 4) };
}

function plainText(part: Part): string | null {
  const contentType = part.headers.get('content-type') ?? 'text/plain';
  const boundary = /^multipart\/.*boundary="?([^";]+)"?/is.exec(contentType)?.[1];
  if (boundary !== undefined) {
    for (const inner of splitParts(part.body, boundary)) {
      const text = plainText(readPart(inner));
      if (text !== null) return text;
    }
    return null;
  }
  if (!/^text\/plain\b/i.test(contentType)) return null;
  const encoding = part.headers.get('content-transfer-encoding')?.toLowerCase() ?? '7bit';
  return decodeBody(part.body, encoding).toString('utf8');
}

function splitParts(body: Buffer, boundary: string): Buffer[] {
  // latin1 keeps every byte, so that parts can be cut as text and turned back unharmed.
  const pieces = `\r\n${body.toString('latin1')}`.split(`\r\n--${boundary}`).slice(1);
  return pieces
    .filter((piece) => !piece.startsWith('--'))
    .map((piece) => Buffer.from(piece.replace(/^[ \t]*\r\n/, ''), 'latin1'));
}

function decodeBody(body: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body.toString('latin1'), 'base64');
  if (encoding !== 'quoted-printable') return body;
  return unquote(body.toString('latin1').replace(/=\r\n/g, ''));
}

function unquote(text: string): Buffer {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_match, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}

/** RFC 2047 encoded words; adjacent ones are joined. Other charsets than UTF-8 and its subset stay readable at best. */
function decodeWords(value: string): string {
  return value
    .replace(/(=\?[^?]+\?[bq]\?[^?]*\?=)\s+(?==\?)/gi, '$1')
    .replace(/=\?[^?]+\?([bq])\?([^?]*)\?=/gi, (_match, kind: string, text: string) =>
      (kind.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : unquote(text.replaceAll('_', ' '))).toString('utf8'),
    );
}
