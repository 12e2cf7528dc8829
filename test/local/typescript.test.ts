import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { nodeArguments } from '../../local/node-parts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'booksync-typescript-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function run(files: Readonly<Record<string, string>>): { stdout: string; stderr: string } {
  for (const [name, source] of Object.entries(files)) writeFileSync(path.join(folder, name), source);
  return spawnSync(process.execPath, nodeArguments(path.join(folder, 'main.ts')), { encoding: 'utf8' });
}

const main = `import { word } from './word';\nconst said: string = word();\nconsole.log(said, __dirname);\n`;

test('a program runs from its TypeScript, what it imports too, and knows where it is', () => {
  expect(run({ 'main.ts': main, 'word.ts': `export const word = (): string => 'one';` })).toMatchObject({
    stdout: `one ${folder}\n`,
    stderr: '',
  });
});

test('a file that was changed runs as it is now', () => {
  run({ 'main.ts': main, 'word.ts': `export const word = (): string => 'one';` });
  expect(run({ 'word.ts': `export const word = (): string => 'another';` }).stdout).toBe(`another ${folder}\n`);
});

test('nothing is wrapped: a function is what its source says, and an error names the line of the source', () => {
  const source = `type Word = string;\nexport interface Unused {\n  readonly a: Word;\n}\nexport function word(): Word {\n  throw new Error(String(word));\n}\n`;
  const { stderr } = run({ 'main.ts': main, 'word.ts': source });
  expect(stderr).toContain('function word() {');
  expect(stderr).not.toContain('__name');
  expect(stderr).toContain('word.ts:6:9');
});
