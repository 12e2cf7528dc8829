/**
 * A subscription as the demo and tests want it: our address, our secret, everything that we read.
 * Invariant: subscribing again with the same address changes what is there, so a restarted demo is not told twice.
 */
import { z } from 'zod';
import { sentTriggers, triggers } from './subscriptions';
import type { Subscription, SubscriptionStore } from './subscriptions';

const schema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  secret: z.string().min(1).nullable(),
  /** Default: all that this simulator sends. */
  triggers: z.array(z.enum(triggers)).min(1).optional(),
  /** Default 5; null: head counts are not sent, as for subscriptions made by the API. */
  noShowAfterMinutes: z.int().positive().nullable().optional(),
  /** A second subscription to the same address: everything is told twice, with a `createdAt` of its own. */
  another: z.boolean().optional(),
});

export type SubscribeInput = z.output<typeof schema>;

/** Throws a ZodError that lists every problem. */
export function parseSubscribe(value: unknown): SubscribeInput {
  return schema.parse(value);
}

export function subscribe(store: SubscriptionStore, input: SubscribeInput): Subscription {
  const wanted = {
    url: input.url,
    secret: input.secret,
    triggers: input.triggers ?? sentTriggers,
    active: true,
    noShowAfterMinutes: input.noShowAfterMinutes === undefined ? 5 : input.noShowAfterMinutes,
  };
  const there = store.all().find(({ url }) => url === input.url);
  return there === undefined || input.another === true ? store.add(wanted) : store.change(there.id, wanted);
}
