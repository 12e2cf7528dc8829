/**
 * What we use of node-pg-migrate. The package publishes its types under `exports`, which our module resolution does not read.
 */
declare module 'node-pg-migrate' {
  import type { ClientBase } from 'pg';

  type Log = (message: string) => void;

  export function runner(options: {
    readonly dbClient: ClientBase;
    readonly dir: string;
    readonly migrationsTable: string;
    readonly direction: 'up';
    readonly noLock: boolean;
    readonly singleTransaction: boolean;
    readonly checkOrder: boolean;
    readonly logger: { readonly debug: Log; readonly info: Log; readonly warn: Log; readonly error: Log };
  }): Promise<{ readonly name: string }[]>;
}
