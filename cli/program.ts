/**
 * `booksync`: the commands that operators run.
 * Invariant: a command loads only what it needs; `api`, `worker` and `migrate` are the programs of those folders, unchanged.
 */
import { Command } from 'commander';

/** What the commands do; they resolve when there is nothing left to do for this process to stay. */
export interface Commands {
  api(): Promise<unknown>;
  worker(): Promise<unknown>;
  migrate(): Promise<unknown>;
  doctor(options: { readonly fix: boolean }): Promise<unknown>;
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
  return program;
}
