/** `booksync doctor` with the real vendors, printing to standard output. */
import { tokenStore } from '../db/credentials';
import { crmOf, sourceApiOf } from '../integrations/registry';
import { toText } from './check-line';
import { runDoctor } from './doctor';

/** Returns whether nothing is wrong. */
export function doctor(options: { readonly fix: boolean; readonly env: NodeJS.ProcessEnv }): Promise<boolean> {
  return runDoctor({
    ...options,
    sourceApi: (connection, settings, storage) =>
      sourceApiOf(connection, settings, storage && tokenStore(storage, connection)),
    crm: (connection, settings, storage) => crmOf(connection, settings, storage && tokenStore(storage, connection)),
    tell: (line) => process.stdout.write(`${toText(line)}\n`),
  });
}
