/**
 * What is known about a task's question, in words: which connection, what each side says, what was refused.
 * Invariant: evidence of a form that is not known here is shown as it is, never left out; times of an appointment are in its booking's zone.
 */
import type { BookingDetail } from '../../../db/booking-view';
import { appointmentSubjectOf } from '../../../domain/crm-appointment';
import { crmSubjectOf } from '../../../domain/crm-conflicts';
import { MENDED_BY_A_PERSON, needsPerson, TROUBLE_WORDS } from '../../../domain/connections';
import type { AppointmentWord } from '../../../domain/field-owners';
import { html, type Html } from './html';
import { facts, type Frame } from './layout';
import type { NamedTask } from './task-lines-view';
import { clockAt, dayAt, fromNow, moment, momentAt, zoneAt } from './times';
import { fieldLabel, plain, STATUS_WORDS } from './words';

type Evidence = NamedTask['evidence'];
type Row = readonly [string, Html];

/** One side of a conflict, as the evidence has it: an appointment, a status, or a word. */
type Side = unknown;

export function evidencePanel(frame: Frame, of: { task: NamedTask; booking: BookingDetail | null }): Html {
  const { task } = of;
  return html`<section aria-labelledby="known">
    <h2 id="known">What is known</h2>
    <div class="panel">
      ${facts([
        ...rowsOf(frame, task, zoneOf(frame, of.booking)),
        [
          'Opened',
          html`${moment(task.openedAtMs, frame.zone)} <small>${fromNow(task.openedAtMs, frame.nowMs)}</small>`,
        ],
        ['Due', html`${moment(task.dueAtMs, frame.zone)} <small>${fromNow(task.dueAtMs, frame.nowMs)}</small>`],
      ])}
    </div>
  </section>`;
}

/** Where the appointment takes place in time; without one, the account's. */
export const zoneOf = (frame: Frame, booking: BookingDetail | null): string => booking?.slot?.zone ?? frame.zone;

function rowsOf(frame: Frame, { kind, about, evidence }: NamedTask, zone: string): readonly Row[] {
  if (kind === 'conflict' && 'ours' in evidence) return undoRows(about, evidence);
  if (kind === 'conflict' && appointmentSubjectOf(about) !== null) return newAppointmentRows(evidence);
  if (kind === 'conflict' && typeof evidence.field === 'string') return conflictRows(about, evidence, zone);
  if (kind === 'reauthorize') return troubleRows(about, evidence);
  if (kind === 'crm_refused') return refusedRows(frame, about, evidence);
  return Object.entries(evidence)
    .filter(([key]) => key !== 'candidates')
    .map(([key, value]) => [wordsOf(key), known(frame, key, value)]);
}

function conflictRows(about: string, evidence: Evidence, zone: string): readonly Row[] {
  const { connection } = crmSubjectOf(about);
  const inCrm: Row = ['CRM', html`<code>${connection}</code>`];
  if (evidence.field === 'person') {
    const contact: Row = ['Contact', html`<code>${String(evidence.crmPersonId)}</code>`];
    return [inCrm, contact, ['Not taken', droppedFields(evidence)]];
  }
  const field = String(evidence.field);
  return [
    inCrm,
    ['In question', QUESTIONED[field] ?? plain(field)],
    ['Booking says', html`<strong>${sideWords(evidence.booking, field, zone)}</strong>`],
    ['CRM says', html`<strong>${sideWords(evidence.crm, field, zone)}</strong>`],
    ['Record there', html`<code>${String(evidence.crmId ?? '–')}</code>`],
  ];
}

const QUESTIONED: Readonly<Record<string, string>> = {
  outcome: 'What became of the appointment',
  slot: 'When it takes place',
  stage: 'Where the deal stands',
  record: 'Whether there is an appointment',
};

const APPOINTMENT_WORDS: Readonly<Record<AppointmentWord, string>> = {
  scheduled: 'Scheduled',
  rescheduled: 'A new time is wanted',
  canceled: 'Canceled',
  showed: 'Showed',
  no_show: 'No-show',
};

/** What a side of a conflict says about the field in question, as people read it. `zone`: the booking's. */
export function sideWords(side: Side, field: string, zone: string): string {
  if (side === null || side === undefined) return 'no appointment';
  if (side === 'deleted') return 'it was deleted';
  if (typeof side !== 'object') return plain(String(side));
  const { status, startMs, endMs, stageId } = side as Readonly<Record<string, unknown>>;
  if (field === 'slot') return timeWords(startMs, endMs, zone);
  if (typeof stageId === 'string') return stageId;
  if (typeof status !== 'string') return 'a word that means nothing here';
  return (
    (field === 'record' ? STATUS_WORDS[status as keyof typeof STATUS_WORDS]?.label : null) ??
    APPOINTMENT_WORDS[status as AppointmentWord] ??
    plain(status)
  );
}

/** "Tue 24 Nov 2026, 14:05–15:05 EST" */
function timeWords(startMs: unknown, endMs: unknown, zone: string): string {
  if (typeof startMs !== 'number') return 'no time';
  if (typeof endMs !== 'number') return momentAt(startMs, zone);
  const sameDay = dayAt(startMs, zone) === dayAt(endMs, zone);
  const end = sameDay ? clockAt(endMs, zone) : `${dayAt(endMs, zone)}, ${clockAt(endMs, zone)}`;
  return `${dayAt(startMs, zone)}, ${clockAt(startMs, zone)}–${end} ${zoneAt(startMs, zone)}`;
}

/** "E-mail, Phone": names of the guest's fields that the CRM did not take. */
export function droppedFields(evidence: Evidence): string {
  return Array.isArray(evidence.fields) ? evidence.fields.map((field) => fieldLabel(String(field))).join(', ') : '–';
}

const NOT_BOOKED_BECAUSE: Readonly<Record<string, string>> = {
  slot_gone: 'its time is not free in the booking tool any more',
  not_mapped: 'nothing says what is to be booked for it',
  several_guests: 'it is with several contacts',
  no_address: 'its contact has no e-mail address',
  refused: 'the booking tool or the CRM refused it',
};

function newAppointmentRows({ connection, crmId, field }: Evidence): readonly Row[] {
  return [
    ['Made in', html`<code>${String(connection)}</code>`],
    ['Appointment', html`<code>${String(crmId)}</code>`],
    ['Not booked, as', NOT_BOOKED_BECAUSE[String(field)] ?? plain(String(field))],
  ];
}

function undoRows(about: string, evidence: Evidence): readonly Row[] {
  return [
    ['CRM', html`<code>${about.replace(/^undo-|\/.*$/g, '')}</code>`],
    ['Deal', html`<code>${String(evidence.crmId)}</code>`],
    ['We put it in', place(evidence.ours)],
    ['Before that', place(evidence.before)],
    [
      'Since then',
      html`a person moved it${evidence.crm ? html` to ${place(evidence.crm)}` : ''}, so it was left where it is`,
    ],
  ];
}

function place(at: unknown): Html {
  const { pipelineId, stageId } = (at ?? {}) as Readonly<Record<string, unknown>>;
  return html`stage <code>${String(stageId ?? '–')}</code> of <code>${String(pipelineId ?? '–')}</code>`;
}

function troubleRows(connection: string, { reason }: Evidence): readonly Row[] {
  const why = String(reason);
  const words = needsPerson(why) ? `It ${TROUBLE_WORDS[why]}.` : plain(why);
  return [
    ['Connection', html`<code>${connection}</code>`],
    ['Trouble', words],
    ['What waits', 'Nothing is lost: it goes on by itself as soon as the connection answers.'],
    ...(why === MENDED_BY_A_PERSON[0]
      ? ([
          [
            'With OAuth',
            html`<a href="/console/connections">Connections</a> connects it again, as does
              <code>${`booksync connect ${connection}`}</code>`,
          ],
        ] as const)
      : []),
  ];
}

const REFUSED_BECAUSE: Readonly<Record<string, string>> = {
  mapping_invalid: 'the mapping names something that the CRM does not have',
  crm_rule: "a rule of the CRM's account refuses it",
  invalid_data: 'the CRM does not take one of the values',
  target_gone: 'the record is not there any more',
  contract_violation: 'the CRM does not understand the request',
};

function refusedRows(frame: Frame, about: string, evidence: Evidence): readonly Row[] {
  const { errorClass, fields, ...rest } = evidence;
  const others = Object.entries(rest).filter(([, value]) => value !== null && value !== undefined);
  return [
    ['CRM', html`<code>${about}</code>`],
    ['Refused, as', REFUSED_BECAUSE[String(errorClass)] ?? plain(String(errorClass))],
    ...(Array.isArray(fields) && fields.length > 0
      ? ([['Fields', html`<code>${fields.map(String).join(', ')}</code>`]] as const)
      : []),
    ...others.map(([key, value]) => [wordsOf(key), known(frame, key, value)] as const),
  ];
}

/** "slotEndMs" → "Slot end" */
function wordsOf(key: string): string {
  const words = key.replace(/AtMs$|Ms$/, '').replace(/([A-Z])/g, ' $1');
  return plain(words.toLowerCase());
}

/** Evidence is ids, instants, and words of ours. */
function known(frame: Frame, key: string, value: unknown): Html {
  if (value === null || value === undefined) return html`<span class="quiet">nothing</span>`;
  if (typeof value === 'number' && key.endsWith('Ms')) return moment(value, frame.zone);
  if (Array.isArray(value)) return value.map(String).join(', ') || html`<span class="quiet">nothing</span>`;
  if (key.endsWith('Id')) return html`<code>${String(value)}</code>`;
  return typeof value === 'object' ? html`<code>${JSON.stringify(value)}</code>` : plain(String(value));
}
