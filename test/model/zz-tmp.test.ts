import fc from 'fast-check';
import { fold } from '../../domain/fold';
import * as identity from '../../domain/identity';
import { runCase } from './run-case';
import { cases } from './script';
for (const losses of [false, true])
test(`x ${losses}`, () => {
  const errors = new Map<string, [number, string]>();
  const sample = fc.sample(cases(losses), { numRuns: 20000, seed: 7 });
  let failed = 0;
  for (const c of sample) {
    try { runCase(c, { fold, identity }, () => undefined); }
    catch (e) {
      failed += 1;
      const text = (e as Error).message.replace(/(uid|guest|host|friend|seat)-\d+/g, '$1').replace(/\d{10,}/g, 'N').slice(0, 160);
      const before = errors.get(text);
      const s = JSON.stringify(c);
      if (!before || before[1].length > s.length) errors.set(text, [(before?.[0] ?? 0) + 1, s]); else before[0] += 1;
    }
  }
  console.log(losses, 'failed', failed, [...errors].sort((a, b) => b[1][0] - a[1][0]).slice(0, 8).map(([t, [n, s]]) => `${n} ${t}\n   ${s.slice(0, 1100)}`).join('\n'));
});
