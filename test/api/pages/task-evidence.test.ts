/** What a task's page says about its question: both sides in words, and what each decision will do. */
import { evidencePanel } from '../../../api/pages/views/task-evidence-view';
import { documentOf, type Frame } from '../../../api/pages/views/layout';
import { whatItDoes } from '../../../api/pages/views/task-decisions-view';
import type { NamedTask } from '../../../api/pages/views/task-lines-view';
import type { BookingDetail } from '../../../db/booking-view';
import { appointmentSubject } from '../../../domain/crm-appointment';
import { TASK_DECISIONS, TASK_KINDS, type TaskKind } from '../../../domain/tasks';

const ZONE = 'America/New_York';
const START_MS = Date.parse('2026-11-24T17:00:00Z');
const HOUR_MS = 3_600_000;
const at = (startMs: number, status: string) => ({ status, startMs, endMs: startMs + HOUR_MS });

const frame: Frame = {
  operator: 'anna-1',
  formToken: 'form-token',
  nowMs: START_MS,
  zone: 'America/Denver',
  said: null,
  assets: { style: '/s.css', htmx: '/h.js', icon: '/i.svg' },
};
const booking = (status: BookingDetail['status']): BookingDetail => ({
  id: 'calcom-sales/u1',
  connection: 'calcom-sales',
  status,
  slot: { ...at(START_MS, ''), zone: ZONE },
  chain: ['u1'],
  version: 1,
  contactMatch: 'email',
  leadScore: null,
  statusReason: null,
  personId: null,
  hostId: null,
  crm: [],
  messages: [],
  tasks: [],
  timeline: [],
});
const task = (kind: TaskKind, about: string, evidence: NamedTask['evidence']): NamedTask => ({
  id: 't',
  workflowId: 'w',
  kind,
  about,
  evidence,
  state: 'open',
  owner: 'front-desk',
  guest: null,
  bookingId: 'calcom-sales/u1',
  openedAtMs: START_MS,
  dueAtMs: START_MS,
  snoozedUntilMs: null,
  decision: null,
  decidedBy: null,
  decidedAtMs: null,
});
const conflict = (field: string, evidence: NamedTask['evidence']) =>
  task('conflict', `hubspot-main:${field}`, { field, connection: 'hubspot-main', crmId: '9001', ...evidence });

/** The panel's text, without markup. */
function panel(of: NamedTask, status: BookingDetail['status'] = 'scheduled'): string {
  const body = evidencePanel(frame, { task: of, booking: booking(status) });
  const page = documentOf(frame, { title: 'A page', section: null, body });
  return page
    .slice(page.indexOf('<main'))
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
}

describe('the evidence is in words', () => {
  const moved = conflict('slot', {
    booking: at(START_MS, 'scheduled'),
    crm: at(START_MS + 24 * HOUR_MS, 'scheduled'),
  });
  const outcome = conflict('outcome', { booking: at(START_MS, 'scheduled'), crm: at(START_MS, 'no_show') });

  it.each<[string, NamedTask, string[]]>([
    [
      "two times, in the booking's zone",
      moved,
      ['Booking says Tue 24 Nov 2026, 12:00–13:00 EST', 'CRM says Wed 25 Nov 2026, 12:00–13:00 EST'],
    ],
    ['two outcomes', outcome, ['What became of the appointment', 'Booking says Scheduled', 'CRM says No-show', '9001']],
    [
      'an appointment that was deleted',
      conflict('record', { booking: { status: 'awaiting_outcome' }, crm: 'deleted' }),
      ['Booking says Awaiting outcome', 'CRM says it was deleted'],
    ],
    [
      'an appointment that the booking does not want',
      conflict('outcome', { booking: null, crm: at(START_MS, 'showed') }),
      ['Booking says no appointment', 'CRM says Showed'],
    ],
    [
      'fields that were not taken',
      conflict('person', { fields: ['email', 'phone'], crmPersonId: '101' }),
      ['Contact 101', 'Not taken E-mail, Phone'],
    ],
    [
      'an appointment that was made in the CRM',
      task('conflict', appointmentSubject({ connection: 'hubspot-main', crmId: '9002' }), {
        field: 'slot_gone',
        connection: 'hubspot-main',
        crmId: '9002',
      }),
      ['Made in hubspot-main', 'its time is not free in the booking tool any more'],
    ],
    [
      'a deal that was to go back',
      task('conflict', 'undo-hubspot-main', {
        record: 'opportunity',
        crmId: '77',
        ours: { pipelineId: 'default', stageId: 'won' },
        before: { pipelineId: 'default', stageId: 'new' },
      }),
      ['CRM hubspot-main', 'We put it in stage won of default', 'Before that stage new of default'],
    ],
    [
      'a connection that has to be connected again',
      { ...task('reauthorize', 'hubspot-main', { reason: 'reauth_required' }), bookingId: null },
      ['Connection hubspot-main', 'does not accept our credentials', 'booksync connect hubspot-main'],
    ],
    [
      'a write that was refused',
      task('crm_refused', 'hubspot-main', { errorClass: 'invalid_data', fields: ['phone'], status: 400 }),
      ['the CRM does not take one of the values', 'Fields phone', 'Status 400'],
    ],
    ['evidence of a form that is new', task('conflict', 'calendar', { odd: { a: 1 } }), ['Odd {&quot;a&quot;:1}']],
  ])('%s', (_what, of, sentences) => {
    const text = panel(of);
    for (const sentence of sentences) expect(text).toContain(sentence);
    if (!text.includes('Odd')) expect(text).not.toMatch(/[{}]|hubspot main|Hubspot/);
  });

  it('a decision says what it will do', () => {
    const does = (of: NamedTask, decision: string, status: BookingDetail['status'] = 'scheduled') =>
      whatItDoes({ task: of, booking: booking(status), zone: ZONE }, decision);
    expect(does(moved, 'keep_booking')).toBe('Writes “Tue 24 Nov 2026, 12:00–13:00 EST” to hubspot-main.');
    expect(does(moved, 'keep_crm')).toContain('takes over “Wed 25 Nov 2026, 12:00–13:00 EST”');
    expect(does(moved, 'keep_crm', 'canceled')).toContain("can't become that, and stays as it is");
    expect(does(outcome, 'keep_crm')).toBe('The booking takes over “No-show”. The booking tool is told.');
    expect(does(conflict('record', {}), 'keep_booking')).toBe('Makes the appointment in hubspot-main anew.');
    expect(does(task('conflict', 'undo-hubspot-main', {}), 'keep_crm')).toContain('changes nothing');
    const crm = { pipelineId: 'default', stageId: 'closedwon' };
    const undone = task('conflict', 'undo-hubspot-main/42', { undoId: 'u', ordinal: 1, crm });
    expect(does(undone, 'keep_booking')).toContain('Puts back what was there');
    expect(does(undone, 'keep_crm')).toContain('as it is now');
  });

  it('no decision is without such a line', () => {
    for (const kind of TASK_KINDS) {
      for (const decision of TASK_DECISIONS[kind]) {
        const words = whatItDoes({ task: task(kind, 'hubspot-main', {}), booking: null, zone: ZONE }, decision);
        expect(`${kind} ${decision}: ${words}`).toMatch(/: .{15,}\.$/);
      }
    }
  });
});
