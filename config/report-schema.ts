/**
 * The section `report` of booksync.yaml.
 * Invariant: domains are lower case and without an `@`; a zone that is not given is the account's.
 */
import type { z } from 'zod';
import { emailAddress, flag, list, section, word } from './schema-parts';
import { isZone } from './zones';

const domain = word
  .regex(/^[^\s@]+\.[^\s@]+$/, 'expected a domain such as example.com')
  .transform((text) => text.toLowerCase());

const exclude = section({
  internalDomains: list(domain, 'domains').default([]),
  testDomains: list(domain, 'domains').default([]),
  unpaid: flag.default(true),
});

/** "08:30" on the clock of the report's zone. */
const timeOfDay = word
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 08:00')
  .transform((text) => ({ hour: Number(text.slice(0, 2)), minute: Number(text.slice(3)) }));

export const report = section({
  zone: word.refine(isZone, 'expected an IANA zone such as America/Denver').nullable().default(null),
  exclude: exclude.prefault({}),
  subscribers: list(emailAddress, 'addresses').default([]),
  sendAt: timeOfDay.prefault('08:00'),
});

/** The zone of the report is the account's, unless it has one of its own. */
export function withReportZone<
  T extends { readonly account: { readonly zone: string }; readonly report: z.output<typeof report> },
>(config: T): T & { readonly report: { readonly zone: string } } {
  return { ...config, report: { ...config.report, zone: config.report.zone ?? config.account.zone } };
}
