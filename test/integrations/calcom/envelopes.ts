/** What Cal.com's API wraps its answers in. */
import type { Reply } from '../scripted-server';

export const success = (data: unknown, beside: Readonly<Record<string, unknown>> = {}): Reply => ({
  status: 200,
  json: { status: 'success', data, ...beside },
});

/** The text plays the part of personal data. */
export const failure = (status: number, headers: Record<string, string> = {}): Reply => ({
  status,
  headers,
  json: { status: 'error', error: { code: 'SomeException', message: VENDOR_TEXT } },
});
export const VENDOR_TEXT = 'tess.example@example.com can not be booked';
