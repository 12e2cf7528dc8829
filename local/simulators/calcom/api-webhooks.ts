/**
 * Webhook subscriptions of the credentials' user: `/v2/webhooks`.
 * Invariant: ids are texts and a missing template is null, as in Cal.com's database; its contract calls them number and string.
 */
import type { SimAnswer } from '../exchange';
import { param, success } from './account';
import type { Call, Operation } from './account';
import { createWebhookBody, readBody, updateWebhookBody } from './api-bodies';
import type { WebhookFields } from './api-bodies';
import { malformed } from './errors';
import type { Subscription } from './subscriptions';

const read = { version: null, scope: 'WEBHOOK_READ' } as const;
const write = { version: null, scope: 'WEBHOOK_WRITE', query: [] } as const;
const ONE = '/v2/webhooks/{webhookId}';

export const webhookOperations: readonly Operation[] = [
  { ...read, method: 'GET', template: '/v2/webhooks', query: ['take', 'skip'], run: list },
  { ...write, method: 'POST', template: '/v2/webhooks', run: create },
  { ...read, method: 'GET', template: ONE, query: [], run: get },
  { ...write, method: 'PATCH', template: ONE, run: update },
  { ...write, method: 'DELETE', template: ONE, run: remove },
];

function list({ account, request }: Call): SimAnswer {
  const take = count(request.query.get('take') ?? '250', { min: 1, max: 250 });
  const skip = count(request.query.get('skip') ?? '0', { min: 0, max: Number.MAX_SAFE_INTEGER });
  return success(
    account.subscriptions
      .all()
      .slice(skip, skip + take)
      .map(shown),
  );
}

function create({ account, request }: Call): SimAnswer {
  const { subscriberUrl, triggers, ...rest } = readBody(createWebhookBody, request);
  const { active, secret, payloadTemplate } = rest;
  const added = account.subscriptions.add({
    url: subscriberUrl,
    triggers,
    active,
    secret: secret ?? null,
    payloadTemplate: payloadTemplate ?? null,
  });
  return success(shown(added), { status: 201 });
}

function get(call: Call): SimAnswer {
  return success(shown(call.account.subscriptions.get(param(call, 'webhookId'))));
}

function update(call: Call): SimAnswer {
  const change = changeOf(readBody(updateWebhookBody, call.request));
  return success(shown(call.account.subscriptions.change(param(call, 'webhookId'), change)));
}

function remove(call: Call): SimAnswer {
  return success(shown(call.account.subscriptions.remove(param(call, 'webhookId'))));
}

function changeOf({ subscriberUrl, triggers, active, secret, payloadTemplate }: WebhookFields): Partial<Subscription> {
  return {
    ...(subscriberUrl === undefined ? {} : { url: subscriberUrl }),
    ...(triggers === undefined ? {} : { triggers }),
    ...(active === undefined ? {} : { active }),
    ...(secret === undefined ? {} : { secret }),
    ...(payloadTemplate === undefined ? {} : { payloadTemplate }),
  };
}

function shown({ id, userId, url, triggers, active, payloadTemplate, secret }: Subscription): object {
  const common = { id, userId, subscriberUrl: url, triggers, active, payloadTemplate };
  return secret === null ? common : { ...common, secret };
}

function count(text: string, range: { readonly min: number; readonly max: number }): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= range.min && value <= range.max) return value;
  throw malformed(`take and skip must be whole numbers; take from 1 to 250`);
}
