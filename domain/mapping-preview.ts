/**
 * What a mapping would change of a booking in its CRM, by what was written there last.
 * Invariant: it says at most what a sync would do: a deal that a person moved stays, which only the CRM itself can show.
 */
import { leadStatusOf, tagChange, type LeadBooking } from './lead-status';
import { crmPictureOf } from './crm-picture';
import type { Picture } from './booking';
import type { CrmMapping } from './settings';

/** What was written last, as the ledger has it; null: nothing yet. */
export interface LastWritten {
  readonly stageId: string | null;
  readonly lead: { readonly values: Readonly<Record<string, string>>; readonly tags: readonly string[] } | null;
}

export interface MappingChange {
  readonly stage: { readonly from: string | null; readonly to: string } | null;
  readonly tags: { readonly add: readonly string[]; readonly remove: readonly string[] };
  /** Of the person: field → the word that would be written. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Null: it would change nothing. `bookings`: all of the guest. */
export function mappingChangeOf(of: {
  readonly picture: Picture;
  readonly bookings: readonly LeadBooking[];
  readonly mapping: CrmMapping;
  readonly written: LastWritten;
}): MappingChange | null {
  const { picture, mapping, written } = of;
  const wanted = crmPictureOf(picture, mapping).stage;
  const stage =
    wanted === null || wanted.stageId === written.stageId ? null : { from: written.stageId, to: wanted.stageId };
  const lead = mapping.lead && leadStatusOf(of.bookings, mapping.lead);
  const tags = lead ? tagChange(written.lead?.tags ?? [], lead.tags) : { add: [], remove: [] };
  const news = Object.entries(lead?.values ?? {}).filter(([field, value]) => written.lead?.values[field] !== value);
  const isSame = stage === null && tags.add.length + tags.remove.length + news.length === 0;
  return isSame ? null : { stage, tags, fields: Object.fromEntries(news) };
}
