/** Every route of an express app, read from its routers themselves: who adds a route adds it to what the tests attack. */
import type { Express } from 'express';

export interface AppRoute {
  readonly method: string;
  /** As it was registered: "/console/tasks/:id". */
  readonly path: string;
}

/** What express keeps of a middleware, a router or a route. */
interface Layer {
  readonly rawPath?: unknown;
  readonly route?: { readonly path: unknown; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle?: { readonly stack?: readonly Layer[] };
}

/** Throws where a router or a route is mounted under something else than one path, which could not be attacked. */
export function routesOf(app: Express): AppRoute[] {
  return (app as unknown as { router: { stack: readonly Layer[] } }).router.stack.flatMap((layer) => below('', layer));
}

function below(prefix: string, { rawPath, route, handle }: Layer): AppRoute[] {
  if (route !== undefined) {
    const path = joined(prefix, route.path);
    return Object.keys(route.methods).map((method) => ({
      method: method === '_all' ? 'GET' : method.toUpperCase(),
      path,
    }));
  }
  return handle?.stack?.flatMap((layer) => below(joined(prefix, rawPath), layer)) ?? [];
}

function joined(prefix: string, path: unknown): string {
  if (typeof path !== 'string') throw new Error(`A route below "${prefix}" has no single path, but ${String(path)}`);
  return path === '/' && prefix !== '' ? prefix : `${prefix.replace(/\/$/, '')}${path}`;
}

/** With `params` in the place of the parameters' names; optional parts are left out. Throws for a parameter that has no value. */
export function filled(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/\{[^}]*\}/g, '').replace(/:(\w+)/g, (_all, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`No value for :${name} of ${path}; name one in the test`);
    return value;
  });
}
