/**
 * Appointments that a person makes in a CRM: which of them are booked at a source, as what, and what a person is asked about.
 * Invariant: nothing is booked that is over, not agreed on, ours already, or of which the guest is not certain.
 */

/** From which CRM appointments are booked where. Keys of the source and ids of the CRM, as the vendors give them. */
export interface BookFromCrm {
  /** The source connection in which they are booked. */
  readonly source: string;
  /** What is booked for everybody whom no other line names; null: nothing, a person is asked. */
  readonly eventType: string | null;
  /** By the CRM's id of the calendar; before `byOwner`. */
  readonly byCalendar: Readonly<Record<string, string>>;
  /** By the CRM's id of the owner. */
  readonly byOwner: Readonly<Record<string, string>>;
  /** IANA zone of guests: CRMs don't tell it. */
  readonly zone: string;
}

/** A record that no booking has, as the CRM shows it. Epoch ms. */
export interface NewAppointment {
  readonly startMs: number | null;
  readonly endMs: number | null;
  /** Null for a word of the CRM that has no meaning here. */
  readonly status: string | null;
  readonly archived: boolean;
  /** Contacts that it is with. */
  readonly personIds: readonly string[];
  readonly ownerId: string | null;
  readonly calendarId: string | null;
  /** Carries a reference that this service writes. */
  readonly isOurs: boolean;
}

/** Why it is not booked, and nobody is asked. */
export type LeftReason = 'ours' | 'gone' | 'not_upcoming' | 'no_guest' | 'kept_in_crm' | 'not_configured';
/** What a person is asked about. */
export type AskedReason = 'slot_gone' | 'not_mapped' | 'several_guests' | 'no_address' | 'refused';

export type AppointmentJudgement =
  | { readonly kind: 'left'; readonly reason: LeftReason }
  | { readonly kind: 'ask'; readonly reason: AskedReason }
  | {
      readonly kind: 'book';
      readonly slot: { readonly eventType: string; readonly startMs: number; readonly endMs: number };
      readonly crmPersonId: string;
    };

/** What is to become of a record that no booking has; null: it is not there. */
export function judgeNewAppointment(
  record: NewAppointment | null,
  by: { readonly settings: BookFromCrm; readonly nowMs: number },
): AppointmentJudgement {
  if (record === null || record.archived) return { kind: 'left', reason: 'gone' };
  if (record.isOurs) return { kind: 'left', reason: 'ours' };
  const { startMs, endMs, personIds } = record;
  const isAgreed = record.status === 'scheduled' || record.status === null;
  if (!isAgreed || startMs === null || startMs <= by.nowMs) return { kind: 'left', reason: 'not_upcoming' };
  const [crmPersonId, ...others] = personIds;
  // An appointment with nobody is a rep's own.
  if (crmPersonId === undefined) return { kind: 'left', reason: 'no_guest' };
  if (others.length > 0) return { kind: 'ask', reason: 'several_guests' };
  const eventType = eventTypeFor(by.settings, record);
  if (eventType === null) return { kind: 'ask', reason: 'not_mapped' };
  return { kind: 'book', slot: { eventType, startMs, endMs: endMs ?? startMs }, crmPersonId };
}

/** The calendar's, else the owner's, else the general one. */
export function eventTypeFor(
  { byCalendar, byOwner, eventType }: BookFromCrm,
  { calendarId, ownerId }: Pick<NewAppointment, 'calendarId' | 'ownerId'>,
): string | null {
  const of = (map: Readonly<Record<string, string>>, key: string | null): string | null =>
    key !== null && Object.hasOwn(map, key) ? (map[key] ?? null) : null;
  return of(byCalendar, calendarId) ?? of(byOwner, ownerId) ?? eventType;
}

const MIDDLE = ':appointment/';

/** What a task about such a record is about: "hubspot-main:appointment/123". */
export const appointmentSubject = (of: { readonly connection: string; readonly crmId: string }): string =>
  `${of.connection}${MIDDLE}${of.crmId}`;

/** Null for a task about something else. */
export function appointmentSubjectOf(about: string): { readonly connection: string; readonly crmId: string } | null {
  const at = about.indexOf(MIDDLE);
  return at <= 0 ? null : { connection: about.slice(0, at), crmId: about.slice(at + MIDDLE.length) };
}
