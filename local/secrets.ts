/**
 * The demo's own secrets, made at the first start and kept in `secrets.json` (mode 600).
 * Invariant: once made they never change, because people's data is encrypted under them.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Refusal } from './refusal';

export interface Secrets {
  readonly apiToken: string;
  /** Base64 of 32 random bytes. */
  readonly masterKey: string;
}

/** Reads the secrets of a data directory, making them when there are none. Throws a Refusal when the file is damaged. */
export function secretsOf(dataDir: string): Secrets {
  const file = path.join(dataDir, 'secrets.json');
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true });
    const made: Secrets = {
      apiToken: randomBytes(24).toString('base64url'),
      masterKey: randomBytes(32).toString('base64'),
    };
    writeFileSync(`${file}.new`, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  const secrets = parse(readFileSync(file, 'utf8'));
  if (secrets !== null) return secrets;
  throw new Refusal(
    `${file} is damaged: restore it from a backup, or remove the whole data directory, because the people stored there can't be read without it.`,
  );
}

function parse(text: string): Secrets | null {
  try {
    const { apiToken, masterKey } = JSON.parse(text) as Partial<Secrets>;
    return apiToken && masterKey ? { apiToken, masterKey } : null;
  } catch {
    return null;
  }
}
