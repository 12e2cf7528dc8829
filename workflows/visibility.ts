/**
 * What an operator sees of a booking in the Temporal Web UI: search attributes to filter by, current details to read.
 * Invariant: ids, instants and status words only.
 */
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import type { Recorded } from '../activities/record';
import { minuteOf, type Deadline } from '../domain/deadlines';
import { searchAttributes } from './contract';

export interface Visible {
  readonly recorded: Recorded;
  readonly crmWords: readonly string[];
  readonly contactMatch: string;
  /** How far the source has been told what was decided here; null: nothing is to be told. */
  readonly sourceWord: string | null;
  readonly needsHuman: boolean;
  readonly openTasks: readonly string[];
  readonly next: Deadline | null;
}

/** Keeps the server's copy in step, with one upsert for whatever changed. */
export class SearchAttributes {
  private written = '';
  /** The status that filters show now. */
  status: string | null = null;

  /** Costs nothing when nothing changed. */
  upsert(visible: Visible): void {
    const pairs = attributesOf(visible);
    const text = JSON.stringify(pairs.map((pair) => pair.value));
    if (text === this.written) return;
    this.written = text;
    this.status = visible.recorded.status;
    upsertSearchAttributes(pairs);
  }
}

function attributesOf(visible: Visible): SearchAttributeUpdatePair[] {
  const { recorded } = visible;
  // Reminders move every few days; filters are for what a person waits for, and each upsert is billed.
  const next = recorded.deadlines.find((deadline) => deadline.kind !== 'message');
  return [
    { key: searchAttributes.BookingStatus, value: recorded.status },
    { key: searchAttributes.SlotStart, value: recorded.slotStartMs === null ? null : new Date(recorded.slotStartMs) },
    { key: searchAttributes.NextDeadline, value: next ? new Date(next.atMs) : null },
    { key: searchAttributes.ContactMatch, value: visible.contactMatch },
    { key: searchAttributes.CrmState, value: [...visible.crmWords] },
    { key: searchAttributes.NeedsHuman, value: visible.needsHuman },
    { key: searchAttributes.Source, value: recorded.source },
    { key: searchAttributes.ProviderUids, value: [...recorded.uids] },
  ];
}

/** Markdown for the Web UI. No command, no event: it is read by a query. */
function describe(visible: Visible): string {
  const { recorded, next } = visible;
  const reason = recorded.statusReason === null ? '' : ` (${recorded.statusReason})`;
  const list = [
    `**Slot:** ${recorded.slotStartMs === null ? 'not known' : minuteOf(recorded.slotStartMs)}`,
    `**Waiting for:** ${waitingFor(visible)}`,
    `**Next:** ${next?.summary ?? 'nothing planned'}`,
    `**CRM:** ${visible.crmWords.join(', ') || 'none'}, contact match: ${visible.contactMatch}`,
    ...(visible.sourceWord === null ? [] : [`**Source:** ${recorded.source}:${visible.sourceWord}`]),
    `**Open tasks:** ${visible.openTasks.join(', ') || 'none'}`,
  ];
  const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
  return [
    `**${recorded.status}**${reason}, version ${recorded.version}`,
    bullets(list),
    'Last facts, newest first:',
    bullets(recorded.recentFacts),
  ].join('\n\n');
}

export function showDetails(visible: Visible): void {
  setCurrentDetails(describe(visible));
}

export function waitingFor(visible: Visible): string {
  if (visible.openTasks.length > 0) return 'a person to decide a task';
  if (visible.crmWords.some((word) => word.endsWith(':parked'))) return 'a CRM that does not answer';
  if (visible.sourceWord === 'waiting') return 'the source to take what was decided here';
  switch (visible.recorded.status) {
    case 'requested':
      return visible.recorded.statusReason ?? 'confirmation';
    case 'reschedule_requested':
      return 'the guest to choose another time';
    case 'scheduled':
      return 'the appointment';
    case 'awaiting_outcome':
      return 'somebody to say how it went';
    default:
      return 'corrections, until it closes';
  }
}
