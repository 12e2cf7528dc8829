/**
 * The model's short cut is honest: its events are what the real adapter reads from the bodies that Cal.com would send, texts left out.
 */
import fc from 'fast-check';
import { readDelivery } from '../../integrations/calcom/events';
import { READ_HEADERS, type SourceEvent, type SourcePerson } from '../../integrations/ports';
import { bodyOf, readBodyOf } from './bodies';
import { play } from './play';
import { cases, type Case } from './script';
import { eventsOf, readEventsOf } from './source-events';
import { newWorld } from './world';

const ADAPTED = 300;

const address = (person: SourcePerson | null): string | null => person?.email ?? null;

/** What the domain gets to see of an event; the model knows no event types. Meanings are compared by which are equal, not by their words. */
function essence(event: SourceEvent): unknown {
  const { guest, host, about, details: _texts, meaning, readAtMs, eventType: _eventType, ...rest } = event;
  return { ...rest, guest: address(guest), host: address(host), about: address(about), pushed: readAtMs === null, meaning: meaning !== null }; // prettier-ignore
}

function adapted(body: unknown, headers: Readonly<Record<string, string>>): readonly SourceEvent[] {
  const read = readDelivery(Buffer.from(JSON.stringify(body)), { 'content-type': 'application/json', ...headers });
  if (read.kind !== 'events') throw new Error(`the adapter says ${read.kind}: ${read.reason}`);
  return read.events;
}

class Meanings {
  private readonly ofModel = new Map<string, string>();
  private readonly ofAdapter = new Map<string, string>();

  /** Two events mean the same to the model exactly if they do to the adapter. */
  pair(model: string | null, adapter: string | null): void {
    if (model === null || adapter === null) return;
    expect(this.ofModel.get(model) ?? adapter).toBe(adapter);
    expect(this.ofAdapter.get(adapter) ?? model).toBe(model);
    this.ofModel.set(model, adapter);
    this.ofAdapter.set(adapter, model);
  }
}

function compare(model: readonly SourceEvent[], adapter: readonly SourceEvent[], meanings: Meanings): void {
  expect(model.map(essence)).toEqual(adapter.map(essence));
  model.forEach((event, nth) => meanings.pair(event.meaning, adapter[nth]!.meaning));
}

function compareCase(aCase: Case): void {
  const meanings = new Meanings();
  const world = newWorld({ newestHeard: () => null, api: aCase.api });
  for (const step of aCase.steps) {
    if (!play(world, step)) continue;
    for (const hook of world.sent) compare(eventsOf(hook), adapted(bodyOf(hook, world.nowMs), {}), meanings);
    for (const row of world.rows.values()) {
      const read = { atMs: world.nowMs, tick: world.tick, lying: aCase.lyingReads };
      compare(readEventsOf(row, read), adapted(readBodyOf(row, read), READ_HEADERS), meanings);
    }
  }
}

test(`webhooks and reads of ${ADAPTED} cases are to the model what they are to the adapter`, () => {
  fc.assert(fc.property(fc.boolean().chain(cases), compareCase), { numRuns: ADAPTED });
});
