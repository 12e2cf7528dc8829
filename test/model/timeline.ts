/**
 * What reaches this service in one case, and when: for the running workflow, which is told by real bodies.
 * Invariant: the same case, start and prefix give the same timeline.
 */
import type { CalcomBody } from '../../local/samples/calcom-body';
import { bodyOf } from './bodies';
import type { Page } from './notebook';
import { Post, type Seen } from './post';
import type { Case } from './script';
import { eventsOf } from './source-events';
import type { DecidedHere } from './world';

export type Arrival = { readonly atMs: number } & (
  { readonly kind: 'body'; readonly body: CalcomBody } | { readonly kind: 'decision'; readonly decided: DecidedHere }
);

export interface Timeline {
  readonly case: Case;
  /** In the order of their arrival. */
  readonly arrivals: readonly Arrival[];
  /** The pages of which anything was heard. */
  readonly pages: readonly Page[];
}

export function timelineOf(
  aCase: Case,
  given: { readonly startMs: number; readonly prefix: string; readonly seen: Seen },
): Timeline {
  const arrivals: Arrival[] = [];
  const post: Post = new Post({
    ...given,
    case: aCase,
    receiver: {
      hear(hook, sentAtMs) {
        arrivals.push({ kind: 'body', atMs: post.world.nowMs, body: bodyOf(hook, sentAtMs) });
        for (const event of eventsOf(hook)) post.noteHeard(event);
      },
      decide: (decided) => arrivals.push({ kind: 'decision', atMs: post.world.nowMs, decided }),
      poll: () => undefined,
    },
  });
  post.play();
  return { case: aCase, arrivals, pages: post.world.pages.filter((page) => post.newestHeard(page) !== null) };
}
