/**
 * The domain's rules as they are, or compiled from their source with one text replaced: a planted mistake.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import * as fold from '../../domain/fold';
import * as identity from '../../domain/identity';
import type { Rules } from './subject';

export const RULES: Rules = { fold: fold.fold, identity };

export interface Mistake {
  readonly name: string;
  /** A file of domain/, without its ending. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export function rulesWith(mistake: Mistake): Rules {
  const loaded = new Map<string, Record<string, unknown>>();
  const load = (name: string): Record<string, unknown> => {
    const known = loaded.get(name);
    if (known) return known;
    const module = { exports: {} as Record<string, unknown> };
    loaded.set(name, module.exports);
    const require = (path: string): unknown => load(path.replace('./', ''));
    new Function('module', 'exports', 'require', compiled(name, mistake))(module, module.exports, require);
    loaded.set(name, module.exports);
    return module.exports;
  };
  return { fold: load('fold')['fold'], identity: load('identity') } as unknown as Rules;
}

function compiled(name: string, { file, from, to }: Mistake): string {
  let source = readFileSync(join(__dirname, '../../domain', `${name}.ts`), 'utf8');
  if (name === file) {
    if (!source.includes(from))
      throw new Error(`domain/${name}.ts no longer contains the text to be replaced: ${from}`);
    source = source.replace(from, to);
  }
  const parser = { syntax: 'typescript' } as const;
  return transformSync(source, { jsc: { target: 'es2022', parser }, module: { type: 'commonjs' } }).code;
}
