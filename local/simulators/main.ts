/**
 * The simulators as a process of their own: SIMULATORS_PORT, SMTP_PORT, SIMULATORS_STATE_DIR.
 * Invariant: it never outlives its parent, and its state is written when it ends.
 */
import { isAbsolute } from 'node:path';
import { startSimulators } from './server';

async function main(): Promise<void> {
  const stateDir = process.env['SIMULATORS_STATE_DIR'] ?? null;
  if (stateDir !== null && !isAbsolute(stateDir)) throw new Error('SIMULATORS_STATE_DIR must be an absolute path.');
  const simulators = await startSimulators({
    port: portFrom('SIMULATORS_PORT', 3900),
    mailPort: portFrom('SMTP_PORT', 3925),
    stateDir,
  });
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    simulators.close().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', end).on('SIGINT', end).on('disconnect', end);
  const { url, port, smtpPort } = simulators;
  process.stdout.write(`${JSON.stringify({ ready: true, url, port, smtpPort })}\n`);
}

function portFrom(name: string, fallback: number): number {
  const port = Number(process.env[name] ?? fallback);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${name} must be a port, 0 to 65535.`);
  return port;
}

function fail(error: unknown): never {
  process.stderr.write(`The simulators can't go on: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
