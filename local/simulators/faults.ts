/**
 * The fault plan of an HTTP vendor: which of the next requests go wrong, and how.
 * Invariant: one request meets at most one fault, the first of the plan that matches it and has nothing left to skip.
 */
import { z } from 'zod';

/** The source of a regular expression. */
export const pathPattern = z.string().refine(
  (source) => {
    try {
      new RegExp(source);
      return true;
    } catch {
      return false;
    }
  },
  { error: 'is not a valid regular expression' },
);

const httpFault = z
  .strictObject({
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
    /** Regular expression, tried on the path below the vendor's base and on the full path, both with the query. */
    path: pathPattern.optional(),
    /** Let so many matching requests pass first. */
    skip: z.int().min(0).default(0),
    /** How many requests it hits; 0 is "for ever". */
    times: z.int().min(0).default(1),
    /** Answer with this status instead of the operation's own. */
    status: z.int().min(200).max(599).optional(),
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    /** Hold the answer back for so long. The operation itself is carried out on arrival. */
    delayMs: z.int().min(0).max(600_000).optional(),
    /** Cut the connection instead of answering, before or after carrying the operation out. */
    connection: z.enum(['reset_before', 'reset_after']).optional(),
    /** Carry the operation out, then send half the answer. */
    truncate: z.boolean().optional(),
    /** With `status`: whether the operation is carried out first. Default: it is not. */
    apply: z.boolean().optional(),
    /** Count the request as a violation, with this reason. */
    violation: z.string().min(1).optional(),
  })
  .check((context) => {
    const fault = context.value;
    const problem = (message: string, key: string): void => {
      context.issues.push({ code: 'custom', message, path: [key], input: fault });
    };
    if (fault.status === undefined && fault.body !== undefined) problem('needs `status` beside it', 'body');
    if (fault.status === undefined && fault.headers !== undefined) problem('needs `status` beside it', 'headers');
    if (fault.connection !== undefined && fault.status !== undefined) problem('excludes `status`', 'connection');
    if (fault.connection !== undefined && fault.truncate) problem('excludes `truncate`', 'connection');
    if (fault.connection !== undefined && fault.apply !== undefined) problem('says it already', 'apply');
    if (fault.apply === false && fault.status === undefined) problem('needs `status` beside it', 'apply');
    if (
      fault.status === undefined &&
      fault.delayMs === undefined &&
      fault.connection === undefined &&
      !fault.truncate &&
      fault.violation === undefined
    ) {
      problem('does nothing: give one of status, delayMs, connection, truncate, violation', 'status');
    }
  });

/** Body of `POST /{vendor}/_admin/faults`. */
export const httpFaultPlan = z.strictObject({ faults: z.array(httpFault) });

export type HttpFaultInput = z.input<typeof httpFault>;
export type HttpFault = z.output<typeof httpFault>;

export interface FaultPlan {
  /** Replaces the plan; throws a ZodError that lists every problem. */
  replace(plan: unknown): readonly HttpFault[];
  /** What is left of the plan, with the counts that are left. */
  left(): readonly HttpFault[];
  /** The fault that this request meets, or null. Uses it up. */
  take(request: { readonly method: string; readonly path: string; readonly fullPath: string }): HttpFault | null;
  clear(): void;
}

interface Armed {
  readonly fault: HttpFault;
  readonly pattern: RegExp | null;
  skip: number;
  /** null: for ever. */
  times: number | null;
}

export function createFaultPlan(): FaultPlan {
  let armed: Armed[] = [];
  const left = (): readonly HttpFault[] =>
    armed.map((entry) => ({ ...entry.fault, skip: entry.skip, times: entry.times ?? 0 }));

  return {
    replace(plan) {
      armed = httpFaultPlan.parse(plan).faults.map((fault) => ({
        fault,
        pattern: fault.path === undefined ? null : new RegExp(fault.path),
        skip: fault.skip,
        times: fault.times === 0 ? null : fault.times,
      }));
      return left();
    },
    left,
    take(request) {
      for (const entry of armed) {
        if (entry.fault.method !== undefined && entry.fault.method !== request.method) continue;
        if (entry.pattern !== null && !entry.pattern.test(request.path) && !entry.pattern.test(request.fullPath))
          continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        if (entry.times !== null) {
          entry.times -= 1;
          if (entry.times === 0) armed = armed.filter((other) => other !== entry);
        }
        return entry.fault;
      }
      return null;
    },
    clear() {
      armed = [];
    },
  };
}
