import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { canReach } from '../../local/postgres-user';
import { testDirectory } from '../support/processes';

describe('whether another user can reach a file', () => {
  const nobody = { uid: 65_534, gid: 65_534 };
  const file = (mode: number, directoryMode: number): string => {
    const root = testDirectory();
    chmodSync(root, 0o755);
    const directory = path.join(root, 'directory');
    mkdirSync(directory);
    writeFileSync(path.join(directory, 'file'), '');
    chmodSync(path.join(directory, 'file'), mode);
    chmodSync(directory, directoryMode);
    return path.join(directory, 'file');
  };

  test.each([
    ['readable, in open directories', 0o644, 0o755, true],
    ['readable, in directories that may only be passed through', 0o644, 0o711, true],
    ['readable, in a private directory', 0o644, 0o700, false],
    ['private, in open directories', 0o600, 0o755, false],
  ])('%s', (_title, mode, directoryMode, expected) => {
    expect(canReach(nobody, file(mode, directoryMode))).toBe(expected);
  });
});
