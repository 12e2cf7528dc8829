/**
 * What a `conflict` task between a booking and a CRM is about: one field of one CRM.
 * Invariant: the subject names the task's row and its workflow, so it holds ids and words only, and never changes its form.
 */
import type { CrmField } from './facts';

const FIELDS: readonly string[] = ['outcome', 'slot', 'stage', 'record', 'person'] satisfies readonly CrmField[];

/** "hubspot-main:slot" */
export function crmSubject(connection: string, field: CrmField): string {
  return `${connection}:${field}`;
}

/** `field` is null for a subject of another form: a conflict that is not about one field of a CRM. */
export function crmSubjectOf(about: string): { readonly connection: string; readonly field: CrmField | null } {
  const at = about.lastIndexOf(':');
  const field = about.slice(at + 1);
  if (at < 0 || !FIELDS.includes(field)) return { connection: about, field: null };
  return { connection: about.slice(0, at), field: field as CrmField };
}
