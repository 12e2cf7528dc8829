/**
 * The mail sink's fault plan: at which step of the SMTP dialogue the next messages go wrong, and how.
 * Invariant: a fault at `after_data` strikes when the message is already stored; at every other step nothing is.
 */
import { z } from 'zod';

const mailFault = z
  .strictObject({
    at: z.enum(['connect', 'rcpt', 'before_data', 'after_data']),
    /** `reset` cuts the connection, `reject` answers 5xx, `temp_fail` 4xx, `delay` waits and goes on. */
    action: z.enum(['reset', 'reject', 'temp_fail', 'delay']),
    /** How many times; 0 is "for ever". */
    times: z.int().min(0).default(1),
    /** Let so many pass first. */
    skip: z.int().min(0).default(0),
    delayMs: z.int().min(1).max(600_000).optional(),
  })
  .refine((fault) => (fault.action === 'delay') === (fault.delayMs !== undefined), {
    error: '`delay` needs `delayMs`, and nothing else takes it',
    path: ['delayMs'],
  });

/** Body of `POST /mail/_admin/faults`. */
export const mailFaultPlan = z.strictObject({ faults: z.array(mailFault) });

export type MailFaultInput = z.input<typeof mailFault>;
export type MailFault = z.output<typeof mailFault>;
export type MailStep = MailFault['at'];

export interface MailFaultPlan {
  /** Replaces the plan; throws a ZodError that lists every problem. */
  replace(plan: unknown): readonly MailFault[];
  left(): readonly MailFault[];
  /** The fault that this step meets, or null. Uses it up. */
  take(step: MailStep): MailFault | null;
  clear(): void;
}

export function createMailFaultPlan(): MailFaultPlan {
  let faults: readonly MailFault[] = [];
  const put = (index: number, fault: MailFault | null): void => {
    faults = faults.flatMap((entry, at) => (at !== index ? [entry] : fault === null ? [] : [fault]));
  };
  return {
    replace(plan) {
      faults = mailFaultPlan.parse(plan).faults;
      return faults;
    },
    left: () => faults,
    take(step) {
      for (const [index, fault] of faults.entries()) {
        if (fault.at !== step) continue;
        if (fault.skip > 0) {
          put(index, { ...fault, skip: fault.skip - 1 });
          continue;
        }
        if (fault.times !== 0) put(index, fault.times === 1 ? null : { ...fault, times: fault.times - 1 });
        return fault;
      }
      return null;
    },
    clear() {
      faults = [];
    },
  };
}
