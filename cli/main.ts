#!/usr/bin/env node
/** Entry point of `booksync`. */
import { createProgram } from './program';

// A program starts when its file is loaded, and ends the process by itself.
const program = createProgram({
  api: () => import('../api/main'),
  worker: () => import('../worker/main'),
  migrate: () => import('../db/main'),
  connect: async (connection) => {
    const { connect } = await import('./connect');
    process.stdout.write(`${await connect(connection, process.env)}\n`);
  },
  doctor: async ({ fix }) => {
    const { doctor } = await import('./doctor-command');
    process.exitCode = (await doctor({ fix, env: process.env })) ? 0 : 1;
  },
  undo: async (options) => {
    const { undoCommand } = await import('./undo-command');
    process.exitCode = (await undoCommand(options, process.env)) ? 0 : 1;
  },
  mapping: async (options) => {
    const { mappingCommand } = await import('./mapping-command');
    process.exitCode = (await mappingCommand(options, process.env)) ? 0 : 1;
  },
});

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : 'booksync failed'}\n`);
  process.exitCode = 1;
});
