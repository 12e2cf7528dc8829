/**
 * Which vendor folder serves which kind of connection: one line per vendor.
 * Invariant: nobody outside this folder imports a vendor's folder.
 */
import type { CalcomApiSettings } from './calcom/client';
import { calcomConnector } from './calcom/connect';
import { calcomSource } from './calcom/source';
import { createCalcomApi } from './calcom/source-api';
import { createGohighlevelCrm, type GohighlevelSettings } from './gohighlevel/crm';
import { gohighlevelWebhooks, type GohighlevelWebhookSettings } from './gohighlevel/webhooks';
import { createHubspotCrm, type HubspotSettings } from './hubspot/crm';
import type { ConnectSettings, Connector } from './connector';
import { gohighlevelConnector } from './gohighlevel/connect';
import { hubspotConnector } from './hubspot/connect';
import { hubspotWebhooks, type HubspotWebhookSettings } from './hubspot/webhooks';
import type { OAuthClient, TokenStore } from './oauth-tokens';
import type { BookingSource, Crm, CrmWebhooks, SourceApi } from './ports';
import { createTransport } from './transport';

/** What a CRM connection needs; the settings of `config/` have this shape and more. */
export type CrmSettings =
  ({ readonly kind: 'hubspot' } & HubspotSettings) | ({ readonly kind: 'gohighlevel' } & GohighlevelSettings);
type SettingsOf<Kind extends CrmSettings['kind']> = Extract<CrmSettings, { readonly kind: Kind }>;

/** What the webhooks of a CRM connection need; the settings of `config/` have this shape and more. */
export type CrmWebhookSettings =
  | ({ readonly kind: 'hubspot' } & HubspotWebhookSettings)
  | ({ readonly kind: 'gohighlevel' } & GohighlevelWebhookSettings);

/** What a source's API needs; the settings of `config/` have this shape and more. `api` is null where none is configured. */
export type SourceSettings = { readonly kind: 'calcom'; readonly api: CalcomApiSettings | null };

export type { TokenStore } from './oauth-tokens';

const SOURCES: Readonly<Record<string, BookingSource>> = {
  calcom: calcomSource,
};

type SourceApiOptions = { readonly now?: () => number };

const SOURCE_APIS = {
  calcom: (settings: SourceSettings, tokens: TokenStore | null, options: SourceApiOptions) =>
    settings.api === null ? null : createCalcomApi(settings.api, tokens, options),
} as const satisfies Record<
  string,
  (settings: SourceSettings, tokens: TokenStore | null, options: SourceApiOptions) => SourceApi | null
>;

const CRMS: {
  readonly [Kind in CrmSettings['kind']]: (settings: SettingsOf<Kind>, tokens: TokenStore | null) => Crm;
} = {
  hubspot: createHubspotCrm,
  gohighlevel: createGohighlevelCrm,
};

const CRM_WEBHOOKS: {
  readonly [Kind in CrmSettings['kind']]: (
    settings: Extract<CrmWebhookSettings, { readonly kind: Kind }>,
    now: () => number,
  ) => CrmWebhooks | null;
} = {
  hubspot: hubspotWebhooks,
  gohighlevel: gohighlevelWebhooks,
};

/**
 * What a CRM connection understands of webhooks; null where none are set up, or the connection is no CRM. `now`: epoch ms, for the
 * age of signatures.
 */
export function crmWebhooksOf(
  settings: CrmWebhookSettings | { readonly kind: string },
  now: () => number = Date.now,
): CrmWebhooks | null {
  if (!Object.hasOwn(CRM_WEBHOOKS, settings.kind)) return null;
  const of = settings as CrmWebhookSettings;
  const create = CRM_WEBHOOKS[of.kind] as (of: CrmWebhookSettings, now: () => number) => CrmWebhooks | null;
  return create(of, now);
}

/** What connects an account of this kind with OAuth; null: its settings have a token or a key. */
export function connectorOf(
  settings: ConnectableSettings | ConnectableSource | { readonly kind: string },
  now: () => number = Date.now,
): Connector | null {
  if (isConnectableSource(settings)) return calcomConnector({ ...settings.api, now });
  if (!isConnectable(settings)) return null;
  const transport = createTransport();
  const { baseUrl, oauth } = settings;
  if (settings.kind === 'hubspot')
    return hubspotConnector({ baseUrl, oauth, portalId: settings.portalId, transport, now });
  const { locationId, apiVersion } = settings;
  const endpoint = { baseUrl, apiVersion, transport, now, requestTimeoutMs: 10_000 };
  return gohighlevelConnector({ locationId, oauth, endpoint });
}

type ConnectableSettings = { readonly baseUrl: string; readonly oauth: OAuthClient & ConnectSettings } & (
  | { readonly kind: 'hubspot'; readonly portalId: string | null }
  | { readonly kind: 'gohighlevel'; readonly locationId: string; readonly apiVersion: 'v3' | 'dated' }
);

interface ConnectableSource {
  readonly kind: 'calcom';
  readonly api: { readonly baseUrl: string; readonly oauth: OAuthClient & ConnectSettings };
}

function isConnectableSource(settings: { readonly kind: string }): settings is ConnectableSource {
  if (settings.kind !== 'calcom' || !('api' in settings)) return false;
  return typeof settings.api === 'object' && settings.api !== null && 'oauth' in settings.api;
}

function isConnectable(settings: { readonly kind: string }): settings is ConnectableSettings {
  return Object.hasOwn(CRMS, settings.kind) && 'oauth' in settings;
}

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

/**
 * A client of its own for the source's API: make one per process and connection, it keeps the rate limit. Null when the
 * connection has no API settings, or is no source. `tokens` keeps tokens that renew themselves; `now` is epoch ms.
 * Throws when the settings need a store for tokens and there is none.
 */
export function sourceApiOf(
  connectionId: string,
  settings: SourceSettings | { readonly kind: string },
  tokens: TokenStore | null,
  options: SourceApiOptions = {},
): SourceApi | null {
  if (!hasSourceApi(settings)) return null;
  try {
    return SOURCE_APIS[settings.kind](settings, tokens, options);
  } catch (error) {
    throw new Error(`Connection "${connectionId}": its API can't be used.`, { cause: error });
  }
}

function hasSourceApi(settings: SourceSettings | { readonly kind: string }): settings is SourceSettings {
  return Object.hasOwn(SOURCE_APIS, settings.kind);
}

/** Whether connections of this kind are CRMs. */
export function isCrm<T extends { readonly kind: string }>(settings: T): settings is T & CrmSettings {
  return Object.hasOwn(CRMS, settings.kind);
}

/**
 * A client of its own for the connection, with its own rate limit: make one per process and connection. `tokens` keeps tokens
 * that renew themselves. Throws when the kind is no CRM, or when the settings need a store for tokens and there is none.
 */
export function crmOf(
  connectionId: string,
  settings: CrmSettings | { readonly kind: string },
  tokens: TokenStore | null,
): Crm {
  const { kind } = settings;
  if (!isCrm(settings)) {
    throw new Error(
      `Connection "${connectionId}" is of kind "${kind}". Expected a CRM: ${Object.keys(CRMS).join(', ')}.`,
    );
  }
  const create = CRMS[settings.kind] as (of: CrmSettings, tokens: TokenStore | null) => Crm;
  return create(settings, tokens);
}
