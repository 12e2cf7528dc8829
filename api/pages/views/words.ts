/**
 * What the console calls things: one label for each status word of the code, and the tone of its chip.
 * Invariant: a tone never says anything that the label does not say too.
 */
import type { BookingStatus } from '../../../domain/booking';
import { TASK_WORDS, type TaskWords } from '../../../domain/task-words';
import type { TaskKind } from '../../../domain/tasks';
import { html, type Html } from './html';

export type Tone = 'good' | 'busy' | 'bad' | 'quiet';
export interface Word {
  readonly label: string;
  readonly tone: Tone;
}

export const STATUS_WORDS: Readonly<Record<BookingStatus, Word>> = {
  requested: { label: 'Requested', tone: 'busy' },
  scheduled: { label: 'Scheduled', tone: 'good' },
  reschedule_requested: { label: 'New time wanted', tone: 'busy' },
  canceled: { label: 'Canceled', tone: 'quiet' },
  rejected: { label: 'Rejected', tone: 'quiet' },
  awaiting_outcome: { label: 'Awaiting outcome', tone: 'busy' },
  showed: { label: 'Showed', tone: 'good' },
  no_show: { label: 'No-show', tone: 'bad' },
};

/** States of a booking in a CRM, of deliveries, messages, tasks, facts and connections. */
const STATE_WORDS: Readonly<Record<string, Word>> = {
  pending: { label: 'Pending', tone: 'busy' },
  synced: { label: 'In sync', tone: 'good' },
  parked: { label: 'Parked', tone: 'busy' },
  needs_contact: { label: 'Needs a contact', tone: 'bad' },
  refused: { label: 'Refused', tone: 'bad' },
  skipped: { label: 'Skipped', tone: 'quiet' },
  stored: { label: 'Waiting', tone: 'busy' },
  done: { label: 'Done', tone: 'good' },
  ignored: { label: 'Ignored', tone: 'quiet' },
  dead: { label: 'Dead', tone: 'bad' },
  planned: { label: 'Planned', tone: 'quiet' },
  held: { label: 'Held', tone: 'busy' },
  sending: { label: 'Sending', tone: 'busy' },
  sent: { label: 'Sent', tone: 'good' },
  delivered: { label: 'Delivered', tone: 'good' },
  failed: { label: 'Failed', tone: 'bad' },
  unknown: { label: 'Not known', tone: 'bad' },
  open: { label: 'Open', tone: 'busy' },
  decided: { label: 'Decided', tone: 'good' },
  withdrawn: { label: 'Withdrawn', tone: 'quiet' },
  applied: { label: 'Counts', tone: 'good' },
  duplicate: { label: 'Repeats', tone: 'quiet' },
  superseded: { label: 'Outdated', tone: 'quiet' },
  up: { label: 'Answers', tone: 'good' },
  down: { label: 'Does not answer', tone: 'bad' },
};

export const stateWord = (state: string): Word => STATE_WORDS[state] ?? { label: plain(state), tone: 'quiet' };
/** "no_show_review" → "No show review": for words that have no label of their own. */
export const plain = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`.replaceAll('_', ' ');

/** As the vendors write themselves. */
const VENDOR_NAMES: Readonly<Record<string, string>> = {
  calcom: 'Cal.com',
  hubspot: 'HubSpot',
  gohighlevel: 'HighLevel',
};
export const vendorName = (kind: string): string => VENDOR_NAMES[kind] ?? plain(kind);

export function chip({ label, tone }: Word): Html {
  return html`<span class=${`chip ${tone}`}>${label}</span>`;
}
export const statusChip = (status: BookingStatus): Html => chip(STATUS_WORDS[status]);
export const stateChip = (state: string): Html => chip(stateWord(state));

export const taskWords = (kind: TaskKind): TaskWords => TASK_WORDS[kind];

const DECISION_LABELS: Readonly<Record<string, string>> = {
  use_contact: 'Use this contact',
  create_contact: 'Create a new contact',
  no_contact: 'No contact: write nothing',
  showed: 'Showed',
  no_show: 'No-show',
  canceled: 'Canceled',
  rescheduled: 'A new time is wanted',
  keep_waiting: 'Keep waiting',
  retry: 'Try again',
  skip: 'Leave it as it is',
  was_sent: 'It was sent',
  send_again: 'Send it again',
  leave: 'Leave it',
  keep_booking: 'Keep the booking',
  keep_crm: 'Keep the CRM',
  reconnected: 'It is connected again',
  try_again: 'Try again',
  keep_crm_only: 'Leave it in the CRM',
};
export const decisionLabel = (decision: string): string => DECISION_LABELS[decision] ?? plain(decision);

const MESSAGE_LABELS: Readonly<Record<string, string>> = {
  confirmation: 'Confirmation',
  moved: 'Moved',
  cancellation: 'Cancellation',
  reminder: 'Reminder',
  outcome_ask: 'Question to the host: how did it go?',
  recovery: 'Recovery',
};
export const messageLabel = (kind: string): string => MESSAGE_LABELS[kind] ?? plain(kind);

const FACT_LABELS: Readonly<Record<string, string>> = {
  payment_pending: 'Payment pending',
  reschedule_requested: 'New time wanted',
  no_show: 'No-show',
  no_show_reverted: 'No-show taken back',
  no_show_suspected: 'Head count without the guest',
  host_no_show: 'Host did not come',
  ended: 'Slot over',
  outcome_decided: 'Outcome decided',
  contact_decided: 'Contact decided',
  crm_decided: 'Decided about the CRM',
  hold_decided: 'Wait prolonged',
  source_decided: 'Decided about the booking tool',
  crm_reported: 'Changed in the CRM',
  crm_overruled: 'Change in the CRM written over',
  crm_deleted: 'Deleted in the CRM',
  conflict_decided: 'Conflict decided',
};
export const factLabel = (type: string): string => FACT_LABELS[type] ?? plain(type);

const FIELD_LABELS: Readonly<Record<string, string>> = {
  email: 'E-mail',
  phone: 'Phone',
  firstName: 'First name',
  lastName: 'Last name',
  name: 'Name',
  company: 'Company',
};
export const fieldLabel = (field: string): string => FIELD_LABELS[field] ?? plain(field);

/** "1 task", "2 tasks" */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
