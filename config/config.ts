/**
 * booksync.yaml: read, checked, and turned into settings.
 * Invariant: a `Config` is complete and consistent; a file that is not gets one error with every problem and its line.
 */
import { readFileSync } from 'node:fs';
import { types } from 'node:util';
import { z } from 'zod';
import type { BookFromCrm } from '../domain/crm-appointment';
import type {
  CrmMapping,
  LeadCapture,
  MatchPolicy,
  MessagePolicy,
  OutcomeSettings,
  TaskSettings,
} from '../domain/settings';
import type { ReportSettings } from '../domain/report-exclusion';
import type { OperatorToken } from './console-schema';
import { ConfigError, type Problem } from './problems';
import { configSchema } from './schema';
import { readYaml, type Path, type YamlSource } from './yaml-source';

export { ConfigError } from './problems';

export type ConnectionConfig =
  | {
      readonly kind: 'calcom';
      readonly webhookSecrets: readonly string[];
      /** Our webhook's address as the source has to call it; null: the watchdog can't check the address. */
      readonly webhookUrl: string | null;
      /** Null: no reads, no polls, no writes to the source; later arrivals win where the source's order is not known. */
      readonly api: CalcomApiConfig | null;
      readonly pollEveryMs: number;
    }
  | ({
      readonly kind: 'hubspot';
      readonly baseUrl: string;
      readonly requestsPerSecond: number;
      /** The account's: its days are counted in it; null: not known. */
      readonly timeZone: string | null;
      /** Client secrets of the app that webhooks come from; empty: none are taken. */
      readonly webhookSecrets: readonly string[];
      /** Our webhook's address as the CRM calls it. */
      readonly webhookUrl: string | null;
      /** The account's id. Null: webhooks of any account are taken, and any can be connected. */
      readonly portalId: string | null;
      /** Null: what people make there is not booked. */
      readonly bookFromCrm: BookFromCrm | null;
    } & CrmCredentials)
  | ({
      readonly kind: 'gohighlevel';
      readonly baseUrl: string;
      readonly locationId: string;
      readonly calendarId: string;
      readonly apiVersion: 'v3' | 'dated';
      /** Public keys that may sign webhooks; null: the vendor's published one; empty: none are taken. */
      readonly webhookKeys: readonly string[] | null;
      readonly webhookUrl: string | null;
      readonly requestsPerSecond: number;
      readonly bookFromCrm: BookFromCrm | null;
    } & CrmCredentials);

interface OAuthConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  /** From when the account was connected elsewhere; later ones are stored, sealed, in the database. Null: it is connected from here. */
  readonly refreshToken: string | null;
  /** What is asked for when it is connected; null: what the adapter needs. */
  readonly scopes: readonly string[] | null;
  /** The vendor's page; null: the usual one. */
  readonly authorizeUrl: string | null;
}

/** A token that stays, or an OAuth2 client whose tokens renew themselves. */
type CrmCredentials = { readonly token: string } | { readonly oauth: OAuthConfig };

/** One of an API key and an OAuth2 client. */
export type CalcomApiConfig = { readonly baseUrl: string } & (
  { readonly apiKey: string } | { readonly oauth: OAuthConfig }
);

export interface SyncConfig extends MatchPolicy {
  readonly source: string;
  readonly crms: readonly string[];
  readonly trustHeadCount: boolean;
  /** Null: new leads get nothing besides their appointment. */
  readonly leads: LeadCapture | null;
}

export interface Config {
  /** `zone`: IANA zone of the business, in which its days begin and the console shows times. */
  readonly account: { readonly zone: string };
  readonly connections: Readonly<Record<string, ConnectionConfig>>;
  readonly sync: readonly SyncConfig[];
  /** By CRM connection; there is one for every CRM that `sync` names. */
  readonly mapping: Readonly<Record<string, CrmMapping>>;
  readonly messages: MessagePolicy & { readonly from: string; readonly smtpUrl: string };
  /** Where notes for the team go; the address is a secret. Null: nowhere. */
  readonly slack: { readonly webhookUrl: string } | null;
  readonly outcome: OutcomeSettings;
  readonly tasks: TaskSettings;
  /** Who is told by e-mail when a connection is down until a person mends it; null: nobody. */
  readonly alerts: { readonly email: string | null };
  readonly report: ReportSettings;
  readonly console: { readonly operators: readonly OperatorToken[] };
  /** Where browsers reach this service, for connecting accounts; null: they can't be. */
  readonly publicUrl: string | null;
}

/** What `${NAME}` and `env:NAME` give when the environment does not: where the embedded stack listens. */
const DEFAULTS = { PORT: '3000', SIMULATORS_PORT: '3900', SMTP_PORT: '3925', TEMPORAL_UI_PORT: '8233' } as const;

/** Reads the file once. Throws `ConfigError` listing all problems; secrets are never part of it. */
export function loadConfig(path: string, env: NodeJS.ProcessEnv): Config {
  return parseConfig(readText(path), env, path);
}

/** The same for text that is at hand; `subject` names it in errors. */
export function parseConfig(text: string, env: NodeJS.ProcessEnv, subject: string): Config {
  const source = readYaml(text, env, DEFAULTS);
  if (source.value === null) {
    throw new ConfigError(
      subject,
      source.problems.length > 0 ? source.problems : [{ line: 1, place: '', text: 'is empty' }],
    );
  }
  const parsed = configSchema.safeParse(source.value);
  const shape = parsed.success ? [] : parsed.error.issues.flatMap((issue) => problemsOf(issue, source));
  // What an unset variable left behind is not worth a second problem.
  const unset = new Set(source.problems.map((problem) => problem.line));
  const problems = [
    ...source.problems,
    ...[...shape, ...crossProblems(source)].filter((problem) => !unset.has(problem.line)),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(subject, problems);
  return parsed.data;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = types.isNativeError(error) && 'code' in error ? String(error.code) : 'unknown error';
    throw new ConfigError(path, [
      { line: null, place: '', text: `can't be read (${code}); expected the file that BOOKSYNC_CONFIG names` },
    ]);
  }
}

const problemAt = (source: YamlSource, path: Path, text: string): Problem => ({
  line: source.lineOf(path),
  place: path.map(String).join('.'),
  text,
});

function problemsOf(issue: z.core.$ZodIssue, source: YamlSource): Problem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => problemAt(source, [...issue.path, key], issue.message));
  if (issue.code === 'invalid_key') return [problemAt(source, issue.path, issue.issues[0]?.message ?? issue.message)];
  const missing = !isThere(source.value, issue.path);
  return [problemAt(source, issue.path, missing ? `is missing; ${issue.message}` : issue.message)];
}

function isThere(value: unknown, path: Path): boolean {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return false;
    here = (here as Record<PropertyKey, unknown>)[key];
  }
  return true;
}

// As much of the file as the checks across sections need, whatever else is wrong with it.
const links = z.object({
  connections: z
    .record(
      z.string(),
      z
        .looseObject({
          kind: z.unknown(),
          api: z.unknown().optional(),
          bookFromCrm: z.object({ source: z.string() }).nullish().catch(null),
        })
        .catch({ kind: null, api: null, bookFromCrm: null }),
    )
    .catch({}),
  sync: z
    .array(
      z
        .object({ source: z.string().nullable().catch(null), crms: z.array(z.string().catch('')).catch([]) })
        .catch({ source: null, crms: [] }),
    )
    .catch([]),
  mapping: z.record(z.string(), z.unknown()).catch({}),
});

const ROLES = { source: ['calcom'], CRM: ['hubspot', 'gohighlevel'] } as const satisfies Record<
  string,
  readonly ConnectionConfig['kind'][]
>;

/** Names that one section uses and another must define. */
function crossProblems(source: YamlSource): Problem[] {
  const parsed = links.safeParse(source.value);
  if (!parsed.success) return [];
  const { connections, sync, mapping } = parsed.data;
  const sources = sync.map((entry) => entry.source);
  const found: [Path, string | null][] = [];
  sync.forEach((entry, index) => {
    if (entry.source !== null) found.push([['sync', index, 'source'], sourceProblem(connections, sources, index)]);
    entry.crms.forEach((crm, at) => {
      if (crm !== '') found.push([['sync', index, 'crms', at], crmProblem(connections, mapping, entry.crms, at)]);
    });
  });
  for (const [id, { bookFromCrm }] of Object.entries(connections)) {
    if (bookFromCrm) {
      found.push([
        ['connections', id, 'bookFromCrm', 'source'],
        bookedProblem(connections, sync, { crm: id, ...bookFromCrm }),
      ]);
    }
  }
  for (const id of Object.keys(mapping)) found.push([['mapping', id], roleProblem(connections, id, 'CRM')]);
  return found.flatMap(([path, text]) => (text === null ? [] : [problemAt(source, path, text)]));
}

type Connections = Readonly<Record<string, { readonly kind?: unknown; readonly api?: unknown }>>;

/** Booked there, its booking has to come back to this CRM. */
function bookedProblem(
  connections: Connections,
  sync: readonly { readonly source: string | null; readonly crms: readonly string[] }[],
  of: { readonly crm: string; readonly source: string },
): string | null {
  const wrong = roleProblem(connections, of.source, 'source');
  if (wrong !== null) return wrong;
  if (connections[of.source]?.api == null) return 'has no api; expected a source that can be booked by its API';
  const isFed = sync.some(({ source, crms }) => source === of.source && crms.includes(of.crm));
  return isFed ? null : `does not feed this CRM; expected ${of.crm} among the crms of its sync`;
}

function sourceProblem(connections: Connections, sources: readonly (string | null)[], index: number): string | null {
  const id = sources[index] ?? '';
  if (sources.indexOf(id) !== index) return 'is listed twice; expected each source once, with all its CRMs';
  return roleProblem(connections, id, 'source');
}

function crmProblem(connections: Connections, mapping: object, crms: readonly string[], at: number): string | null {
  const id = crms[at] ?? '';
  if (crms.indexOf(id) !== at) return 'is listed twice; expected each CRM once';
  return (
    roleProblem(connections, id, 'CRM') ??
    (Object.hasOwn(mapping, id) ? null : `has no mapping; expected a section mapping.${id}`)
  );
}

function roleProblem(connections: Connections, id: string, role: keyof typeof ROLES): string | null {
  const connection = Object.hasOwn(connections, id) ? connections[id] : undefined;
  if (connection === undefined) return `names no connection; expected a ${role} that is listed under connections`;
  // An unknown kind is a problem of its own, told where it stands.
  const other: readonly unknown[] = role === 'CRM' ? ROLES.source : ROLES.CRM;
  return other.includes(connection.kind)
    ? `names a connection that is no ${role}; expected kind ${ROLES[role].join(' or ')}`
    : null;
}
