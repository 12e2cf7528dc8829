/**
 * Why a webhook request is not accepted, each with its status, code and sentence.
 * Invariant: every refusal is the sender's to correct (4xx); trouble of ours is answered elsewhere, by the source's own rule.
 */
import type { IncomingHttpHeaders } from 'node:http';

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const NOT_FOUND: Refusal = {
  status: 404,
  code: 'unknown_connection',
  message:
    'No webhooks are configured under this address. Check the last part of the path against the connections in booksync.yaml; a CRM needs its webhook secrets or keys there.',
};

export const refusals = {
  method: {
    status: 405,
    code: 'method_not_allowed',
    message: 'Webhooks are delivered with POST.',
    headers: { allow: 'POST' },
  },
  encoding: {
    status: 415,
    code: 'unsupported_encoding',
    message: 'The body has a content encoding; send it uncompressed.',
  },
  type: {
    status: 415,
    code: 'unsupported_media_type',
    message: 'The body is neither JSON nor a form nor text; send application/json.',
  },
  too_large: { status: 413, code: 'too_large', message: 'The body is larger than 1 MiB.' },
  too_slow: { status: 408, code: 'too_slow', message: 'The body did not arrive in time.' },
  aborted: { status: 400, code: 'broken_body', message: 'The body ended before it was complete.' },
  empty: { status: 400, code: 'empty_body', message: 'The body is empty.' },
  signature: {
    status: 401,
    code: 'bad_signature',
    message: 'The signature is missing or does not fit the body. Check that both sides use the same webhook secret.',
  },
} as const satisfies Record<string, Refusal>;

/** Lenient, because vendors label custom templates as they like; what is refused here can't be a booking's text. */
export function mediaRefusal(headers: IncomingHttpHeaders): Refusal | null {
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') return refusals.encoding;
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isAccepted =
    type === '' ||
    type === 'application/json' ||
    type === 'application/x-www-form-urlencoded' ||
    type.startsWith('text/') ||
    /^application\/[\w.-]+\+json$/.test(type);
  return isAccepted ? null : refusals.type;
}
