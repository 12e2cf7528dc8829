/**
 * `booksync`: the commands that operators run.
 * Invariant: a command loads only what it needs; `api`, `worker` and `migrate` are the programs of those folders, unchanged.
 */
import { Command } from 'commander';
import type { MappingOptions } from './mapping';
import type { UndoOptions } from './undo';

/** What the commands do; they resolve when there is nothing left to do for this process to stay. */
export interface Commands {
  api(): Promise<unknown>;
  worker(): Promise<unknown>;
  migrate(): Promise<unknown>;
  doctor(options: { readonly fix: boolean }): Promise<unknown>;
  undo(options: UndoOptions): Promise<unknown>;
  mapping(options: MappingOptions): Promise<unknown>;
  connect(connection: string): Promise<unknown>;
}

/** Settings come from the environment and from the file that BOOKSYNC_CONFIG names, for every command alike. */
export function createProgram(commands: Commands): Command {
  const program = new Command('booksync')
    .description('Keeps booking tools and CRMs telling the same story about every appointment.')
    .showHelpAfterError()
    .addHelpText('after', '\nSettings: the environment, and the file that BOOKSYNC_CONFIG names.');
  program
    .command('api')
    .description('take webhooks, answer operators; any number may run')
    .action(async () => void (await commands.api()));
  program
    .command('worker')
    .description('carry out workflows, dispatch deliveries; any number may run')
    .action(async () => void (await commands.worker()));
  program
    .command('migrate')
    .description('bring the database of DATABASE_URL to the newest schema')
    .action(async () => void (await commands.migrate()));
  program
    .command('doctor')
    .description('check settings, database, Temporal, sources and CRMs; exit code 1 when something is wrong')
    .option('--fix', "mend a source's webhook subscription", false)
    .action(async ({ fix }: { fix: boolean }) => void (await commands.doctor({ fix })));
  program
    .command('undo')
    .description('show which CRM writes would be taken back; exit code 1 when some are left')
    .option('--booking <connection/uid>', 'those of one booking')
    .option('--mapping-version <hash>', 'those that were made under a mapping, with --between')
    .option('--between <instants...>', 'from and to, ISO 8601')
    .option('--connection <id>', 'of this CRM only')
    .option('--kind <kinds...>', 'opportunity, appointment, person, lead, note; of a mapping: what it decides')
    .option('--yes', 'take them back, where the CRM still holds what was written', false)
    .action(async ({ kind, ...options }: UndoOptions & { kind?: string[] }) => {
      await commands.undo(kind === undefined ? options : { ...options, kinds: kind });
    });
  const mapping = program.command('mapping').description('what a changed mapping would change in live bookings');
  mapping
    .command('preview')
    .description('per open booking that was synced under an older mapping: what would change')
    .option('--connection <id>', 'of this CRM only')
    .option('--live', 'ask the CRM where the deals that are listed stand now')
    .action(async (options: object) => void (await commands.mapping({ ...options, apply: false })));
  mapping
    .command('apply')
    .description('have exactly these bookings written under the mapping that is in force')
    .option('--connection <id>', 'of this CRM only')
    .option('--yes', 'do it', false)
    .action(async (options: object) => void (await commands.mapping({ ...options, apply: true })));
  program
    .command('connect')
    .description('print a link, good once within ten minutes, that connects the account of a CRM connection with OAuth')
    .argument('<connection>', 'its id in the configuration')
    .action(async (connection: string) => void (await commands.connect(connection)));
  return program;
}
