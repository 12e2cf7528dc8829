/**
 * What a CRM should show for a booking: a pure function of the booking's picture and the connection's mapping.
 * Invariant: level-triggered. Every sync reads the newest picture, so events that collapse into one write end in the same record.
 */
import { assertNever } from './assert-never';
import type { BookingStatus, Picture } from './booking';
import type { Slot } from './facts';
import type { FieldOwner } from './field-owners';
import { mappingFor } from './mapping';
import type { CrmMapping, StageMapping } from './settings';

export interface CrmPicture {
  /** Null: no appointment belongs in the CRM (not confirmed yet, or its time is unknown). */
  readonly appointment: {
    readonly status: 'scheduled' | 'rescheduled' | 'canceled' | 'showed' | 'no_show';
    readonly slot: Slot;
  } | null;
  readonly stage: WantedStage | null;
}

export interface WantedStage {
  readonly pipelineId: string;
  readonly stageId: string;
  readonly onlyFrom: readonly string[] | null;
}

/** `connection`: the CRM that it is for; it makes a difference only to one in which a new time was agreed on. */
export function crmPictureOf(picture: Picture, mapping: CrmMapping, connection?: string): CrmPicture {
  return {
    appointment: appointmentOf(picture, connection),
    stage: stageOf(picture, mappingFor(mapping, picture.eventType ?? null)),
  };
}

function stageOf(picture: Picture, mapping: StageMapping): WantedStage | null {
  const { stageId = null, onlyFrom = null } = mapping.byStatus[picture.status] ?? {};
  return mapping.pipelineId === null || stageId === null ? null : { pipelineId: mapping.pipelineId, stageId, onlyFrom };
}

/** Does the CRM have to be written to get from one picture to the other? A status without a stage leaves the deal alone. */
export function asksForMore(before: CrmPicture, after: CrmPicture): boolean {
  const sameStage = after.stage === null || before.stage?.stageId === after.stage.stageId;
  return !sameStage || JSON.stringify(before.appointment) !== JSON.stringify(after.appointment);
}

function appointmentOf(picture: Picture, connection: string | undefined): CrmPicture['appointment'] {
  // Moved there by a person: it stays, while the source is still being told.
  if (picture.agreedSlot !== null && picture.agreedIn !== undefined && picture.agreedIn === connection)
    return { status: 'scheduled', slot: picture.agreedSlot };
  const cameAbout = picture.status === 'showed' || picture.status === 'no_show';
  // A time that was only asked for is never the appointment's, not even when the request is rejected or canceled.
  const slot = cameAbout ? (picture.slot ?? picture.confirmedSlot) : picture.confirmedSlot;
  return slot === null ? null : { status: appointmentStatusOf(picture.status), slot };
}

function appointmentStatusOf(status: BookingStatus): 'scheduled' | 'rescheduled' | 'canceled' | 'showed' | 'no_show' {
  switch (status) {
    case 'requested':
    case 'reschedule_requested':
      return 'rescheduled';
    case 'scheduled':
    case 'awaiting_outcome':
      return 'scheduled';
    case 'canceled':
    case 'rejected':
      return 'canceled';
    case 'showed':
    case 'no_show':
      return status;
    default:
      return assertNever(status);
  }
}

/** A deal as a CRM shows it. */
export interface ShownDeal {
  readonly pipelineId: string | null;
  readonly stageId: string | null;
  readonly closed: boolean;
  readonly archived: boolean;
}

/** Why a deal as the CRM shows it now is not moved; null: it is. "already there" needs nothing. `now`: null: there is none. */
export function whyDealStays(from: {
  readonly now: ShownDeal | null;
  readonly mapping: StageMapping;
  readonly lastWrittenStageId: string | null;
  readonly owner?: FieldOwner;
  readonly wanted: WantedStage;
}): string | null {
  const { now, lastWrittenStageId, wanted, ...rules } = from;
  if (!now || now.archived) return 'the deal is gone';
  // A closed stage that we wrote may move again, as any other that we wrote.
  if (now.closed && now.stageId !== lastWrittenStageId && now.stageId !== wanted.stageId) return 'the deal is closed';
  const { pipelineId, stageId: currentStageId } = now;
  return whyStageStays({ ...rules, pipelineId, currentStageId, lastWrittenStageId, wanted });
}

/**
 * May the deal go to this stage? A stage that our ledger wrote last may move either way, one that a person moved stays,
 * and a deal that we only found goes where the mapping allows: from the stages that it names, and forward unless it says otherwise. Returns null when it may, else the reason.
 */
export function whyStageStays(from: {
  mapping: StageMapping;
  pipelineId: string | null;
  currentStageId: string | null;
  lastWrittenStageId: string | null;
  /** Absent: `newest`. */
  owner?: FieldOwner;
  wanted: WantedStage;
}): string | null {
  const { mapping, currentStageId, lastWrittenStageId, wanted } = from;
  if (currentStageId === wanted.stageId) return 'already there';
  if (from.owner === 'crm') return 'the CRM owns the stage';
  // Ours, in whatever pipeline: the event type, or the mapping, may have come to mean another one.
  if (lastWrittenStageId !== null && currentStageId === lastWrittenStageId) return null;
  if (from.pipelineId !== null && from.pipelineId !== wanted.pipelineId)
    return 'a person moved the deal to another pipeline';
  if (lastWrittenStageId !== null && from.owner === 'booking') return null;
  if (lastWrittenStageId !== null) return 'a person moved the deal';
  if (wanted.onlyFrom !== null && !wanted.onlyFrom.includes(currentStageId ?? ''))
    return 'the mapping moves deals there only from certain stages';
  const currentOrder = mapping.stageOrder.indexOf(currentStageId ?? '');
  const wantedOrder = mapping.stageOrder.indexOf(wanted.stageId);
  if (mapping.forwardOnly && currentOrder >= 0 && wantedOrder < currentOrder) {
    return 'the mapping only moves deals forward';
  }
  return null;
}
