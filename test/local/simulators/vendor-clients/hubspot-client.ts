/**
 * HubSpot's own client against the simulated portal: how its older paths become ours, and what it makes of the answers.
 * Invariant: only here are paths rewritten, and a path without a rule is an error; bodies, queries and headers stay as the client sends them.
 */
import { AssociationTypes, Client } from '@hubspot/api-client';
import { AssociationSpecAssociationCategoryEnum } from '@hubspot/api-client/lib/codegen/crm/contacts/models/AssociationSpec';
import { FilterOperatorEnum } from '@hubspot/api-client/lib/codegen/crm/contacts/models/Filter';
import { aDeal } from '../hubspot/portal-client';

/** Test-only. Version 14 of the client calls `v3`, `v4` and `oauth/v1`; HubSpot gave the same operations dated paths. */
const rewrites: readonly (readonly [RegExp, string])[] = [
  [/^\/crm\/v[34]\/objects\//, '/crm/objects/2026-09/'],
  [/^\/crm\/v4\/associations\//, '/crm/associations/2026-09/'],
  [/^\/crm\/v3\/(owners|pipelines|properties)(?=\/|$)/, '/crm/$1/2026-09'],
  [/^\/oauth\/v1\/token$/, '/oauth/2026-03/token'],
];

/** `/crm/v3/owners` → `/crm/owners/2026-09`. Throws for a path that has no rule. */
export function rewrite(pathname: string): string {
  const rule = rewrites.find(([pattern]) => pattern.test(pathname));
  if (rule === undefined)
    throw new Error(`The client calls ${pathname}, and no rule says what that is in our version.`);
  return pathname.replace(...rule);
}

/** The parts of the client's own request and response that its middleware gets. */
interface Outgoing {
  getUrl(): string;
  setUrl(url: string): void;
}
interface Incoming {
  readonly body: { text(): Promise<string> };
}

export interface WatchedClient {
  readonly client: Client;
  /** Fields that the simulator answered and the client's models do not have: `results[].mail`. */
  readonly unknownFields: ReadonlySet<string>;
}

/**
 * A client of the portal at `baseUrl` (`http://127.0.0.1:…/hubspot`). One call at a time: an answer is compared with what
 * the client's models keep of it.
 */
export function watchedClient(baseUrl: string, accessToken: string): WatchedClient {
  const unknownFields = new Set<string>();
  let answer = '';
  const base = new URL(baseUrl).pathname;
  const client = new Client({
    basePath: baseUrl,
    accessToken,
    middleware: [
      {
        pre(context) {
          const request = context as Outgoing;
          const url = new URL(request.getUrl());
          url.pathname = `${base}${rewrite(url.pathname.slice(base.length))}`;
          request.setUrl(url.href);
          return context;
        },
        async post(context) {
          answer = await (context as Incoming).body.text();
          return context;
        },
      },
    ],
  });
  const compare = (result: unknown): void => {
    if (answer === '') return;
    for (const field of unknownIn(result, JSON.parse(answer) as unknown)) unknownFields.add(field);
  };
  return { client: watched(client, compare), unknownFields };
}

/** The same object, whose methods, at any depth, show what they resolve to. */
function watched<T extends object>(target: T, show: (result: unknown) => void): T {
  return new Proxy(target, {
    get(object, name) {
      const value: unknown = Reflect.get(object, name, object);
      if (typeof value === 'function') {
        return async (...given: unknown[]): Promise<unknown> => {
          const result: unknown = await Reflect.apply(value, object, given);
          show(result);
          return result;
        };
      }
      return typeof value === 'object' && value !== null ? watched(value, show) : value;
    },
  });
}

/** Where a parsed answer has what the client's result does not: `results[].url`. Dates and texts are not compared. */
export function unknownIn(result: unknown, raw: unknown, at = ''): readonly string[] {
  if (Array.isArray(raw)) {
    const results: readonly unknown[] = Array.isArray(result) ? result : [];
    return raw.flatMap((one, index) => unknownIn(results[index], one, `${at}[]`));
  }
  if (typeof raw !== 'object' || raw === null) return [];
  if (typeof result !== 'object' || result === null) return [at];
  const kept = new Map<string, unknown>(Object.entries(result));
  return Object.entries(raw).flatMap(([name, value]) => {
    const path = at === '' ? name : `${at}.${name}`;
    const own = namesOf(name).find((one) => kept.has(one));
    return own === undefined ? [path] : unknownIn(kept.get(own), value, path);
  });
}

/** The client's models write `access_token` as `accessToken` and `new` as `_new`. */
const namesOf = (name: string): readonly string[] => [
  name,
  name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
  `_${name}`,
];

/** What a row is played with. */
export interface HubspotWorld {
  readonly client: Client;
  /** Epoch milliseconds of the portal. */
  readonly clock: { nowMs: number };
}

export const GUEST = { email: 'dana.sample@example.com', firstname: 'Dana', lastname: 'Sample', phone: '+13035550142' };
export const OTHER = { email: 'robin.sample@example.com', firstname: 'Robin', lastname: 'Sample' };

export const newContact = (client: Client, properties: Record<string, string> = GUEST) =>
  client.crm.contacts.basicApi.create({ properties });
export const newDeal = (client: Client) => client.crm.deals.basicApi.create(aDeal());

/** The client's own number of a type of link, such as `dealToContact`. */
export const typeOf = (link: keyof typeof AssociationTypes): number => AssociationTypes[link];
export const linkTo = (id: string, link: keyof typeof AssociationTypes) => ({
  to: { id },
  types: [
    {
      associationCategory: AssociationSpecAssociationCategoryEnum.HubspotDefined,
      associationTypeId: typeOf(link),
    },
  ],
});
export const filterBy = (propertyName: string, value: string) => ({
  filterGroups: [{ filters: [{ propertyName, operator: FilterOperatorEnum.Eq, value }] }],
  properties: [propertyName],
  limit: 10,
});
export const readBy = (idProperty: string, ids: readonly string[], properties: readonly string[]) => ({
  idProperty,
  inputs: ids.map((id) => ({ id })),
  properties: [...properties],
  propertiesWithHistory: [],
});
