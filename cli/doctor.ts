/**
 * `booksync doctor`: everything that a start needs, checked one after the other and told in words.
 * Invariant: a check that fails never hides the others, and nothing is changed unless `fix` asks for it.
 */
import type { Config, ConnectionConfig } from '../config/config';
import { loadConfig } from '../config/config';
import { readEnvironment, type Environment } from '../config/environment';
import { ConfigError } from '../config/problems';
import { isSource } from '../integrations/registry';
import type { Crm, SourceApi } from '../integrations/ports';
import { checkCrm, type LeadOwners } from './check-crm';
import { checkCrmWebhooks } from './check-crm-webhooks';
import { checkDatabase, type CheckedDatabase } from './check-database';
import { codeOf, ok, problem, type CheckLine } from './check-line';
import { checkSource } from './check-source';
import { checkTemporal } from './check-temporal';

export interface DoctorOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly fix: boolean;
  /** The API of a source connection; null where its settings give none. `storage` is null when the database is not usable. */
  readonly sourceApi: (
    connection: string,
    settings: ConnectionConfig,
    storage: CheckedDatabase['storage'],
  ) => SourceApi | null;
  readonly crm: (connection: string, settings: ConnectionConfig, storage: CheckedDatabase['storage']) => Crm;
  /** Gets every line as soon as it is known. */
  readonly tell: (line: CheckLine) => void;
}

/** Returns whether nothing is wrong. */
export async function runDoctor(options: DoctorOptions): Promise<boolean> {
  let healthy = true;
  const tell = (lines: readonly CheckLine[]): void => {
    healthy &&= lines.every((line) => line.level !== 'problem');
    lines.forEach(options.tell);
  };
  const environment = settingsOf('environment', () => readEnvironment(options.env), tell);
  if (environment === null) return false;
  const config = settingsOf('configuration', () => loadConfig(pathOf(environment), options.env), tell);
  const { lines, storage } = await checkDatabase(environment);
  try {
    tell(lines);
    tell(await checkTemporal(environment));
    if (config !== null) await checkConnections(config, { ...options, storage }, tell);
  } finally {
    await storage?.pool.end();
  }
  return healthy;
}

const pathOf = (environment: Environment): string => environment.configPath ?? 'booksync.example.yaml';

/** Null: they can't be used, and every reason has been told. */
function settingsOf<T>(subject: string, read: () => T, tell: (lines: readonly CheckLine[]) => void): T | null {
  try {
    const settings = read();
    tell([ok(subject, 'complete and consistent')]);
    return settings;
  } catch (error) {
    const found = error instanceof ConfigError ? error.problems : null;
    const place = (line: number | null, where: string): string =>
      [line === null ? '' : `line ${line}, `, where === '' ? '' : `${where}: `].join('');
    tell(
      found?.map(({ line, place: where, text }) => problem(subject, `${place(line, where)}${text}`)) ?? [
        problem(subject, `can't be read (${codeOf(error)})`),
      ],
    );
    return null;
  }
}

async function checkConnections(
  config: Config,
  options: DoctorOptions & Pick<CheckedDatabase, 'storage'>,
  tell: (lines: readonly CheckLine[]) => void,
): Promise<void> {
  for (const [connection, settings] of Object.entries(config.connections)) {
    try {
      if (!isSource(settings.kind)) {
        const crm = options.crm(connection, settings, options.storage);
        const mapping = config.mapping[connection] ?? null;
        const owners = leadOwnersOf(config, connection);
        tell(await checkCrm({ connection, crm, mapping, owners, fix: options.fix }));
        tell(checkCrmWebhooks(connection, settings));
        continue;
      }
      const api = options.sourceApi(connection, settings, options.storage);
      const webhookUrl = 'webhookUrl' in settings ? settings.webhookUrl : null;
      const secret = 'webhookSecrets' in settings ? (settings.webhookSecrets[0] ?? null) : null;
      tell(await checkSource({ connection, api, webhookUrl, secret, fix: options.fix }));
    } catch (error) {
      const remedy = options.storage === null ? '; make the database usable first, tokens are kept there' : '';
      tell([problem(connection, `can't be checked (${codeOf(error)})${remedy}`)]);
    }
  }
}

/** Of each source that feeds the CRM and whose new leads get owners in turn. */
function leadOwnersOf({ sync }: Config, connection: string): LeadOwners[] {
  return sync.flatMap(({ source, crms, leads }) =>
    crms.includes(connection) && leads?.owner?.kind === 'round_robin' ? [{ source, emails: leads.owner.owners }] : [],
  );
}
