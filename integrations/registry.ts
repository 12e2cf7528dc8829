/**
 * Which vendor folder serves which kind of connection: one line per vendor.
 * Invariant: nobody outside this folder imports a vendor's folder.
 */
import { calcomSource } from './calcom/source';
import { createHubspotCrm } from './hubspot/crm';
import type { BookingSource, Crm } from './ports';

/** What a CRM connection needs; the settings of `config/` have this shape and more. */
export type CrmSettings = {
  readonly kind: 'hubspot';
  readonly baseUrl: string;
  readonly token: string;
  readonly requestsPerSecond: number;
};

const SOURCES: Readonly<Record<string, BookingSource>> = {
  calcom: calcomSource,
};

const CRMS = {
  hubspot: (settings: CrmSettings) =>
    createHubspotCrm({
      baseUrl: settings.baseUrl,
      token: settings.token,
      requestsPerSecond: settings.requestsPerSecond,
    }),
} as const satisfies Record<string, (settings: CrmSettings) => Crm>;

/** The source of a connection's kind. Throws when that kind is no source: `config/` refuses such a file. */
export function sourceOf(kind: string): BookingSource {
  const source = Object.hasOwn(SOURCES, kind) ? SOURCES[kind] : undefined;
  if (source === undefined)
    throw new Error(
      `Connections of kind "${kind}" are no booking source. Expected one of ${Object.keys(SOURCES).join(', ')}.`,
    );
  return source;
}

/** Whether connections of this kind send bookings. */
export const isSource = (kind: string): boolean => Object.hasOwn(SOURCES, kind);

/** A client of its own for the connection, with its own rate limit: make one per process and connection. Throws when the kind is no CRM. */
export function crmOf(connectionId: string, settings: CrmSettings | { readonly kind: string }): Crm {
  if (!isCrm(settings)) {
    throw new Error(
      `Connection "${connectionId}" is of kind "${settings.kind}". Expected a CRM: ${Object.keys(CRMS).join(', ')}.`,
    );
  }
  return CRMS[settings.kind](settings);
}

function isCrm(settings: CrmSettings | { readonly kind: string }): settings is CrmSettings {
  return Object.hasOwn(CRMS, settings.kind);
}
