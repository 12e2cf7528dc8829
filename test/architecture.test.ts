import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../local/programs';
import { testDirectory } from './support/processes';

/**
 * A little project in which every file is one example, and which rules it breaks. Files that break none are there to show
 * that the rules are no stricter than meant.
 */
const examples: readonly { readonly file: string; readonly content: string; readonly breaks: readonly string[] }[] = [
  { file: 'domain/facts.ts', content: 'export const facts = 1;\nexport type Fact = string;', breaks: [] },
  { file: 'domain/uses-a-package.ts', content: "export { DateTime } from 'luxon';", breaks: ['domain-imports'] },
  { file: 'domain/uses-node.ts', content: "export { join } from 'node:path';", breaks: ['domain-imports'] },
  { file: 'domain/uses-a-folder.ts', content: "export * from '../db/pool';", breaks: ['domain-imports'] },
  { file: 'domain/circle-a.ts', content: "export * from './circle-b';", breaks: ['no-circles'] },
  // A circle is reported once, at its first file.
  { file: 'domain/circle-b.ts', content: "export * from './circle-a';", breaks: [] },
  {
    file: 'domain/forgets-a-case.ts',
    content: `export type Word = 'a' | 'b';
export function lengthOf(word: Word): number {
  switch (word) {
    case 'a':
      return 1;
  }
  return 2;
}`,
    breaks: ['@typescript-eslint/switch-exhaustiveness-check'],
  },

  { file: 'activities/send.ts', content: 'export const send = 1;\nexport type Send = string;', breaks: [] },
  { file: 'db/pool.ts', content: 'export const pool = 1;', breaks: [] },
  { file: 'local/stack.ts', content: 'export const stack = 1;', breaks: [] },

  { file: 'workflows/contract.ts', content: "export { facts } from '../domain/facts';", breaks: [] },
  {
    file: 'workflows/uses-zod.ts',
    content: "export { z } from 'zod';",
    breaks: ['no-restricted-imports', 'workflows-imports'],
  },
  {
    file: 'workflows/uses-node.ts',
    content: "export { join } from 'node:path';",
    breaks: ['no-restricted-imports', 'workflows-imports'],
  },
  { file: 'workflows/uses-process.ts', content: 'export const env = process.env;', breaks: ['no-restricted-globals'] },
  { file: 'workflows/uses-the-database.ts', content: "export * from '../db/pool';", breaks: ['workflows-imports'] },
  { file: 'workflows/uses-a-type.ts', content: "export type { Send } from '../activities/send';", breaks: [] },
  {
    file: 'workflows/uses-an-activity.ts',
    content: "export { send } from '../activities/send';",
    breaks: ['workflows-take-only-types-from-activities'],
  },
  {
    file: 'workflows/forgets-a-promise.ts',
    content: 'export function go(work: () => Promise<void>): void {\n  work();\n}',
    breaks: ['@typescript-eslint/no-floating-promises'],
  },

  { file: 'integrations/a/types.ts', content: "export type { Fact } from '../../domain/facts';", breaks: [] },
  {
    file: 'integrations/a/values.ts',
    content: "export { facts } from '../../domain/facts';",
    breaks: ['integrations-take-only-types-from-domain'],
  },
  {
    file: 'integrations/b/uses-a.ts',
    content: "export * from '../a/types';",
    breaks: ['vendors-do-not-know-each-other'],
  },

  { file: 'api/uses-the-contract.ts', content: "export * from '../workflows/contract';", breaks: [] },
  { file: 'api/uses-a-workflow.ts', content: "export * from '../workflows/uses-a-type';", breaks: ['api-imports'] },
  {
    file: 'api/uses-a-test-package.ts',
    content: "export { assert } from 'fast-check';",
    breaks: ['production-packages-only'],
  },
  {
    file: 'api/says-any.ts',
    content: 'export const same = (value: any): unknown => value;',
    breaks: ['@typescript-eslint/no-explicit-any'],
  },
  { file: 'worker/uses-the-contract.ts', content: "export * from '../workflows/contract';", breaks: [] },
  {
    file: 'worker/uses-a-workflow.ts',
    content: "export * from '../workflows/uses-a-type';",
    breaks: ['worker-imports'],
  },
  { file: 'worker/uses-the-embedded-stack.ts', content: "export * from '../local/stack';", breaks: ['worker-imports'] },
];

/** "file: rule" for every rule that an example breaks. */
function brokenRules(): string[] {
  const root = testDirectory();
  for (const name of ['node_modules', 'package.json']) symlinkSync(path.join(projectRoot, name), path.join(root, name));
  for (const name of ['tsconfig.json', 'eslint.config.mjs', '.dependency-cruiser.cjs']) {
    copyFileSync(path.join(projectRoot, name), path.join(root, name));
  }
  for (const { file, content } of examples) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), `${content}\n`);
  }
  return [...arrows(root), ...lint(root)].sort();
}

function arrows(root: string): string[] {
  const program = 'dependency-cruiser/bin/dependency-cruise.mjs';
  const { summary } = runForJson(
    root,
    program,
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'json',
    '.',
  ) as {
    readonly summary: {
      readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
    };
  };
  return summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`);
}

function lint(root: string): string[] {
  const results = runForJson(root, 'eslint/bin/eslint.js', '--format', 'json', '**/*.ts') as readonly {
    readonly filePath: string;
    readonly messages: readonly { readonly ruleId: string | null; readonly message: string }[];
  }[];
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, message }) => `${path.relative(root, filePath)}: ${ruleId ?? message}`),
  );
}

function runForJson(cwd: string, program: string, ...args: readonly string[]): unknown {
  const script = path.join(projectRoot, 'node_modules', program);
  const { stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 50_000_000,
  });
  if (stdout === '') throw new Error(`${program} said nothing on stdout, and on stderr: ${stderr}`);
  return JSON.parse(stdout);
}

test('the arrows and lint rules refuse what they are meant to refuse, and nothing else', () => {
  const expected = examples.flatMap(({ file, breaks }) => breaks.map((rule) => `${file}: ${rule}`));
  expect(brokenRules()).toEqual(expected.sort());
});
