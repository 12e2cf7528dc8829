/**
 * Says how things stand after a crash: what is not settled yet, and in the end what was lost, doubled or left unknown.
 * Invariant: everything is read from the database, from Temporal and from the vendors themselves, never assumed.
 */
import { bookingViewQuery } from '../../workflows/contract';
import { CRM, SOURCE, type Expected, type Story } from './crash-stories';
import type { CrashStack, HubspotRecordView, HubspotView, MailView } from './crash-stack';

/** A query of a workflow whose worker was killed would wait for the next one. */
const ANSWER_WITHIN_MS = 3_000;

interface BookingRow {
  id: string;
  status: string | null;
  version: number;
  start_ms: number | null;
  is_open: boolean;
  unread: number;
  crm: string | null;
  behind: number;
  unsent: number;
  unknown_messages: number;
  open_tasks: { kind: string; workflowId: string }[];
  /** Bookings that turned out to be this one. */
  merged: string[];
}

const BOOKING = `SELECT b.id, b.status, b.version, floor(extract(epoch FROM b.slot_start) * 1000)::float8 AS start_ms,
    b.closed_at IS NULL AND b.merged_into IS NULL AS is_open,
    (SELECT count(*)::int FROM booking_event e WHERE e.booking_id = b.id AND e.outcome IS NULL) AS unread,
    s.state AS crm, b.version - coalesce(s.written_version, 0) AS behind,
    (SELECT count(*)::int FROM message m WHERE m.booking_id = b.id
      AND (m.state = 'sending' OR m.state = 'planned' AND m.due_at <= clock_timestamp())) AS unsent,
    (SELECT count(*)::int FROM message m WHERE m.booking_id = b.id AND m.state = 'unknown') AS unknown_messages,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', t.kind, 'workflowId', t.workflow_id)), '[]')
      FROM task t WHERE t.booking_id = b.id AND t.state = 'open') AS open_tasks,
    (SELECT coalesce(jsonb_agg(m.id), '[]') FROM booking m WHERE m.merged_into = b.id) AS merged
  FROM booking_alias a JOIN booking b ON b.id = a.booking_id
  LEFT JOIN crm_sync s ON s.booking_id = b.id AND s.connection = $3
  WHERE a.connection = $1 AND a.uid = $2`;

/** What is still missing until these bookings stand as expected; empty when nothing is. */
export async function unsettled(
  crash: CrashStack,
  stories: readonly Story[],
  phase: 'between' | 'final',
): Promise<string[]> {
  const waiting = await crash.rows<{ state: string }>(
    `SELECT state FROM delivery WHERE id = ANY($1::uuid[]) AND state <> 'done'`,
    [stories.flatMap((story) => story.acknowledged)],
  );
  const missing = waiting.map(({ state }) => `an acknowledged delivery is ${state}`);
  for (const story of stories) {
    for (const expected of phase === 'final' ? [story.final] : story.between) {
      const problem = await difference(crash, expected);
      if (problem !== null) missing.push(`${story.name}: ${problem}`);
    }
  }
  return missing;
}

async function difference(crash: CrashStack, expected: Expected): Promise<string | null> {
  const [row] = await crash.rows<BookingRow>(BOOKING, [SOURCE, expected.uid, CRM]);
  if (!row) return 'no booking';
  const { id, status, version, start_ms: startMs, unread, crm, behind, unsent, open_tasks: tasks } = row;
  if (status !== expected.status || startMs !== expected.startMs || unread > 0) {
    return JSON.stringify({ status, startMs, unread, expected });
  }
  if (crm !== expected.crm || (crm === 'synced' && behind > 0)) return `the CRM is ${crm}, ${behind} versions behind`;
  if (unsent > 0) return `${unsent} messages are due or being sent`;
  const asked = tasks.filter((task) => task.kind === 'message_unknown').length;
  if (asked !== row.unknown_messages)
    return `${row.unknown_messages} messages are unknown, ${asked} tasks ask about them`;
  const others = tasks.map((task) => task.kind).filter((kind) => kind !== 'message_unknown');
  if (others.join() !== (expected.openTask ?? '')) return `open tasks are ${others.join() || 'none'}`;
  if (!row.is_open) return 'the booking is closed';
  const view = await crash.client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
    crash.booking(id).query(bookingViewQuery),
  );
  if (view.version !== version || view.status !== status)
    return `its workflow knows version ${view.version} of ${version}`;
  if (view.crm[CRM] !== crm) return `its workflow says that the CRM is ${view.crm[CRM]}`;
  for (const workflowId of [`booking/${id}`, ...tasks.map((task) => task.workflowId)]) {
    const { status: run } = await crash.client.workflow.getHandle(workflowId).describe();
    if (run.name !== 'RUNNING') return `${workflowId} is ${run.name}`;
  }
  for (const other of row.merged) {
    const { status: run } = await crash.booking(other).describe();
    if (run.name === 'RUNNING') return `the workflow of ${other}, merged into ${id}, still runs`;
  }
  return null;
}

export interface Tally {
  readonly lost: string[];
  readonly doubled: string[];
  /** Messages in state `unknown`. */
  readonly unknown: number;
  /** What else must not be: an unknown message nobody is asked about, a failed workflow, a request against the CRM's contract. */
  readonly wrong: string[];
}

/** Counts once everything has settled; can be repeated later to see that it stays so. */
export async function tally(crash: CrashStack, stories: readonly Story[]): Promise<Tally> {
  const [hubspot, mails, lost] = await Promise.all([
    crash.hubspot(),
    crash.mails(),
    unsettled(crash, stories, 'final'),
  ]);
  const failed = await crash.client.workflow.count(
    `ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut', 'Canceled')`,
  );
  const unknown = await crash.rows<{ uid: string; asked: boolean }>(
    `SELECT a.uid, EXISTS (SELECT 1 FROM task t WHERE t.kind = 'message_unknown' AND t.about = m.id::text AND t.state = 'open') AS asked
     FROM message m JOIN booking_alias a ON a.booking_id = m.booking_id WHERE m.state = 'unknown' AND a.uid = ANY($1)`,
    [stories.map((story) => story.final.uid)],
  );
  const tooFew = stories
    .flatMap((story) => missingRecords(hubspot, story))
    .concat(
      stories.flatMap((story) => {
        const count = mailsOf(mails, story);
        const excused = unknown.filter(({ uid }) => uid === story.final.uid).length;
        return count + excused < story.mails.least ? [`${story.name}: ${count} mails`] : [];
      }),
    );
  return {
    lost: [...lost, ...tooFew],
    doubled: [
      ...repeatedReferences(hubspot),
      ...stories.flatMap((story) => doubledRecords(hubspot, story)),
      ...doubledMails(mails, stories),
    ],
    unknown: unknown.length,
    wrong: [
      ...unknown.filter(({ asked }) => !asked).map(() => 'an unknown message without an open task'),
      ...(failed.count > 0 ? [`${failed.count} workflows failed`] : []),
      ...(hubspot.violations > 0 ? [`${hubspot.violations} requests broke the CRM's contract`] : []),
    ],
  };
}

// ---------------------------------------------------------------- CRM records

function contactsOf(hubspot: HubspotView, story: Story): readonly HubspotRecordView[] {
  return hubspot.objects.contacts.filter(
    (one) => one.properties['email']?.toLowerCase() === story.guest.email && !one.archived,
  );
}

function linkedTo(
  hubspot: HubspotView,
  type: 'meetings' | 'deals',
  contactIds: readonly string[],
): HubspotRecordView[] {
  const ids = new Set(
    hubspot.associations.flatMap(({ from, to }) => {
      if (from.type === type && to.type === 'contacts' && contactIds.includes(to.id)) return [from.id];
      return to.type === type && from.type === 'contacts' && contactIds.includes(from.id) ? [to.id] : [];
    }),
  );
  return hubspot.objects[type].filter((record) => ids.has(record.id) && !record.archived);
}

/** The booking that a record says to be of: the last line of its text. */
function referenceOf(record: HubspotRecordView): string {
  const text = record.properties['hs_meeting_body'] ?? record.properties['description'] ?? '';
  return [...text.matchAll(/Booking reference: ([^\s<]+)/g)].at(-1)?.[1] ?? `none, record ${record.id}`;
}

const isLive = (meeting: HubspotRecordView): boolean => meeting.properties['hs_meeting_outcome'] !== 'CANCELED';

function missingRecords(hubspot: HubspotView, story: Story): string[] {
  const meetings = linkedTo(
    hubspot,
    'meetings',
    contactsOf(hubspot, story).map(({ id }) => id),
  );
  const live = meetings.filter(isLive);
  if (story.final.status === 'canceled')
    return live.length > 0 ? [`${story.name}: a canceled booking's meeting is live`] : [];
  const right = live.filter((one) => Date.parse(one.properties['hs_meeting_start_time'] ?? '') === story.final.startMs);
  return right.length === 0 ? [`${story.name}: no live meeting at its time`] : [];
}

function doubledRecords(hubspot: HubspotView, story: Story): string[] {
  const contacts = contactsOf(hubspot, story);
  const ids = contacts.map(({ id }) => id);
  const meetings = linkedTo(hubspot, 'meetings', ids);
  const deals = linkedTo(hubspot, 'deals', ids);
  return [
    ...(contacts.length > 1 ? [`${story.name}: ${contacts.length} contacts`] : []),
    ...(deals.length > 1 ? [`${story.name}: ${deals.length} deals`] : []),
    ...(meetings.filter(isLive).length > 1 ? [`${story.name}: ${meetings.filter(isLive).length} live meetings`] : []),
  ];
}

/** In the whole portal, whoever they are linked with: at most one meeting and one deal of a booking. */
function repeatedReferences(hubspot: HubspotView): string[] {
  const counts = new Map<string, number>();
  for (const record of [...hubspot.objects.meetings, ...hubspot.objects.deals]) {
    const reference = referenceOf(record);
    counts.set(reference, (counts.get(reference) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1).map(([reference, count]) => `${count} records of ${reference}`);
}

// ---------------------------------------------------------------- messages

const mailsOf = (mails: MailView, story: Story): number =>
  mails.messages.filter((mail) => mail.to.includes(story.guest.email)).length;

function doubledMails(mails: MailView, stories: readonly Story[]): string[] {
  const twice = Object.values(mails.countByMessageId).filter((count) => count > 1);
  return [
    ...twice.map((count) => `a message was sent ${count} times`),
    ...stories
      .filter((story) => mailsOf(mails, story) > story.mails.most)
      .map((story) => `${story.name}: ${mailsOf(mails, story)} mails`),
  ];
}
