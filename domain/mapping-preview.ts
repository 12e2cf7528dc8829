/**
 * What a mapping would change of a booking in its CRM, by what was written there last.
 * Invariant: it says at most what a sync would do: a deal that a person moved stays, which only the CRM itself can show (`liveStageOf`).
 */
import { leadStatusOf, tagChange, type LeadBooking } from './lead-status';
import { crmPictureOf, whyDealStays, type ShownDeal } from './crm-picture';
import { ownersOf } from './field-owners';
import { mappingFor } from './mapping';
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

/** The deal of a booking whose stage would change, as the ledger knows it. */
export interface DealInQuestion {
  readonly crmId: string;
  readonly stageId: string | null;
}

/** What would become of it, as the CRM shows it now: from where it moves, or why it stays. */
export type LiveStage =
  | { readonly kind: 'moves'; readonly from: string | null; readonly to: string }
  | { readonly kind: 'stays'; readonly at: string | null; readonly why: string };

/** Null: the mapping says nothing about the stage of such a booking. `now`: null: the CRM has no such deal. */
export function liveStageOf(of: {
  readonly picture: Picture;
  readonly mapping: CrmMapping;
  readonly deal: DealInQuestion;
  readonly now: ShownDeal | null;
}): LiveStage | null {
  const { picture, mapping, deal, now } = of;
  const wanted = crmPictureOf(picture, mapping).stage;
  if (wanted === null) return null;
  const rules = mappingFor(mapping, picture.eventType ?? null);
  const owner = ownersOf(mapping).stage;
  const why = whyDealStays({ now, mapping: rules, owner, lastWrittenStageId: deal.stageId, wanted });
  const at = now?.stageId ?? null;
  return why === null ? { kind: 'moves', from: at, to: wanted.stageId } : { kind: 'stays', at, why };
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
