/**
 * What reps and admins do in the application, as tests and the page say it: `POST /gohighlevel/_admin/act`.
 * Invariant: an act keeps the rules that the application keeps, not those of the API: a rep may book any slot, and no guest is
 * told unless the act says so.
 */
import { z } from 'zod';
import type { Account } from './account';
import { existing } from './account';
import { appointmentOf, changeAppointment, createAppointment, deleteAppointment } from './appointments';
import { changeContact, contactChanges, createContact, deleteContact, refuseDuplicate } from './contacts';
import { changeOpportunity, createOpportunity } from './opportunities';
import { newerStatuses, opportunityStatuses } from './records';
import type { Contact } from './records';
import { calendars, pipelines } from './seed';

const id = z.string().min(1);
const startMs = z.int().positive();
const text = z.string().min(1).optional();
const person = { email: text, phone: text, firstName: text, lastName: text, companyName: text, timezone: text };

export const act = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('createContact'), ...person }),
  z.strictObject({ action: z.literal('changeContact'), id, ...person }),
  z.strictObject({ action: z.literal('mergeContacts'), id, into: id }),
  z.strictObject({ action: z.literal('deleteContact'), id }),
  z.strictObject({
    action: z.literal('createAppointment'),
    contactId: id,
    startMs,
    minutes: z.int().positive().optional(),
    calendarId: text,
    title: text,
    assignedUserId: text,
  }),
  z.strictObject({ action: z.literal('moveAppointment'), id, startMs }),
  z.strictObject({ action: z.literal('markAppointment'), id, status: z.enum(newerStatuses) }),
  z.strictObject({ action: z.literal('cancelAppointment'), id }),
  z.strictObject({ action: z.literal('deleteAppointment'), id }),
  z.strictObject({ action: z.literal('createOpportunity'), contactId: id, name: id, stageId: text }),
  z.strictObject({ action: z.literal('moveStage'), id, stageId: id }),
  z.strictObject({ action: z.literal('setStatus'), id, status: z.enum(opportunityStatuses) }),
  z.strictObject({ action: z.literal('deleteOpportunity'), id }),
  z.strictObject({ action: z.literal('issueTokens'), userType: z.enum(['Location', 'Company']).default('Location') }),
  z.strictObject({ action: z.literal('expireTokens') }),
  z.strictObject({ action: z.literal('revokeTokens') }),
  z.strictObject({ action: z.literal('uninstall') }),
]);
export type Act = z.output<typeof act>;
export type ActInput = z.input<typeof act>;

/** What came of it: the id that the act was about, and tokens when they were asked for. */
export interface Acted {
  readonly id: string | null;
  readonly accessToken?: string;
  readonly refreshToken?: string;
}

const QUIET = { toNotify: false, ignoreFreeSlotValidation: true } as const;

/** Throws a `GohighlevelRefusal` when it can't be done. */
export function perform(account: Account, given: Act): Acted {
  switch (given.action) {
    case 'createContact':
    case 'changeContact':
    case 'mergeContacts':
    case 'deleteContact':
      return actOnContact(account, given);
    case 'createAppointment':
    case 'moveAppointment':
    case 'markAppointment':
    case 'cancelAppointment':
    case 'deleteAppointment':
      return actOnAppointment(account, given);
    case 'createOpportunity':
    case 'moveStage':
    case 'setStatus':
    case 'deleteOpportunity':
      return actOnOpportunity(account, given);
    case 'issueTokens':
    case 'expireTokens':
    case 'revokeTokens':
    case 'uninstall':
      return actOnTokens(account, given);
  }
}

type ActOf<T extends Act['action']> = Extract<Act, { readonly action: T }>;

function actOnContact(
  account: Account,
  given: ActOf<'createContact' | 'changeContact' | 'mergeContacts' | 'deleteContact'>,
): Acted {
  if (given.action === 'createContact') {
    const { action: _action, ...fields } = given;
    const changes = contactChanges(account, fields, null);
    refuseDuplicate(account, changes.texts, null);
    return { id: createContact(account, changes).id };
  }
  const contact = existing(account, account.contacts, given.id, 'Contact');
  if (given.action === 'changeContact') {
    const { action: _action, id: _id, ...fields } = given;
    changeContact(account, contact, fields);
  } else if (given.action === 'deleteContact') {
    deleteContact(account, contact);
  } else {
    merge(account, contact, existing(account, account.contacts, given.into, 'Contact'));
    return { id: given.into };
  }
  return { id: given.id };
}

/** The one goes, the other gets what it had and what it lacks. */
function merge(account: Account, gone: Contact, stays: Contact): void {
  for (const { id: eventId, contactId } of account.events.live()) {
    if (contactId === gone.id) account.events.change(eventId, { contactId: stays.id });
  }
  for (const { id: opportunityId, contactId } of account.opportunities.live()) {
    if (contactId === gone.id) account.opportunities.change(opportunityId, { contactId: stays.id });
  }
  for (const note of account.notes.live()) {
    if (note.contactId !== gone.id) continue;
    const ownerId = note.ownerId === gone.id ? stays.id : note.ownerId;
    account.notes.change(note.id, { contactId: stays.id, ownerId });
  }
  account.emit({ type: 'ContactDelete', contact: account.contacts.remove(gone.id) });
  const missing = Object.entries(gone.texts).filter(([name]) => stays.texts[name as keyof Contact['texts']] === null);
  const texts = { ...stays.texts, ...Object.fromEntries(missing) };
  const tags = [...new Set([...stays.tags, ...gone.tags])];
  account.emit({ type: 'ContactUpdate', contact: account.contacts.change(stays.id, { texts, tags }) });
}

function actOnAppointment(
  account: Account,
  given: ActOf<'createAppointment' | 'moveAppointment' | 'markAppointment' | 'cancelAppointment' | 'deleteAppointment'>,
): Acted {
  if (given.action === 'createAppointment') {
    const { contactId, minutes, title, assignedUserId } = given;
    const endTime = minutes === undefined ? undefined : iso(given.startMs + minutes * 60_000);
    const calendarId = given.calendarId ?? calendars[0]?.id ?? '';
    const fields = { ...QUIET, calendarId, contactId, title, assignedUserId, startTime: iso(given.startMs), endTime };
    return { id: createAppointment(account, fields, 'calendar_page').id };
  }
  const event = appointmentOf(account, given.id);
  if (given.action === 'deleteAppointment') deleteAppointment(account, event);
  else if (given.action === 'moveAppointment') {
    changeAppointment(account, event, { ...QUIET, startTime: iso(given.startMs) });
  } else {
    const appointmentStatus = given.action === 'cancelAppointment' ? 'cancelled' : given.status;
    changeAppointment(account, event, { ...QUIET, appointmentStatus });
  }
  return { id: event.id };
}

const iso = (ms: number): string => new Date(ms).toISOString();

function actOnOpportunity(
  account: Account,
  given: ActOf<'createOpportunity' | 'moveStage' | 'setStatus' | 'deleteOpportunity'>,
): Acted {
  if (given.action === 'createOpportunity') {
    const { contactId, name, stageId } = given;
    const pipelineId = pipelines[0]?.id ?? '';
    return { id: createOpportunity(account, { contactId, name, pipelineId, pipelineStageId: stageId }).id };
  }
  const opportunity = existing(account, account.opportunities, given.id, 'Opportunity');
  if (given.action === 'deleteOpportunity') {
    account.emit({ type: 'OpportunityDelete', opportunity: account.opportunities.remove(opportunity.id) });
  } else {
    const change = given.action === 'moveStage' ? { pipelineStageId: given.stageId } : { status: given.status };
    changeOpportunity(account, opportunity, change);
  }
  return { id: opportunity.id };
}

function actOnTokens(
  account: Account,
  given: ActOf<'issueTokens' | 'expireTokens' | 'revokeTokens' | 'uninstall'>,
): Acted {
  if (given.action === 'issueTokens') {
    const { accessToken, refreshToken } = account.tokens.issue(given.userType);
    return { id: null, accessToken, refreshToken };
  }
  if (given.action === 'expireTokens') account.tokens.expire();
  else account.tokens.revoke();
  if (given.action === 'uninstall') account.emit({ type: 'UNINSTALL' });
  return { id: null };
}
