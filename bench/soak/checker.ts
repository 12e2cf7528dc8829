/**
 * Compares the evidence of a soak with the oracle, offline.
 * Invariant: every booking is looked at in every CRM, and every record of a CRM is some booking's; each problem is one sentence.
 */
import { CRM_NAMES, type CrmName, type CrmRecords, type Evidence, type ShownBooking } from './evidence';
import type { OracleBooking } from './stories';

/** The mapping of the soak's configuration (config.ts), and the CRMs' own words for an outcome. */
export const WORDS = {
  hubspot: {
    scheduled: { outcome: 'SCHEDULED', stage: 'appointmentscheduled' },
    no_show: { outcome: 'NO_SHOW', stage: 'qualifiedtobuy' },
    canceled: { outcome: 'CANCELED', stage: 'closedlost' },
  },
  gohighlevel: {
    scheduled: { outcome: 'confirmed', stage: 'stage-booked' },
    no_show: { outcome: 'noshow', stage: 'stage-no-show' },
    canceled: { outcome: 'cancelled', stage: 'stage-canceled' },
  },
} as const satisfies Record<CrmName, Record<OracleBooking['status'], { outcome: string; stage: string }>>;

export interface Verdicts {
  /** What is not there, or not as it should be. */
  readonly lost: readonly string[];
  /** What is there too often. */
  readonly doubled: readonly string[];
  readonly wrong: readonly string[];
}

export function check(evidence: Evidence): Verdicts {
  const lost: string[] = [];
  const doubled: string[] = [];
  const wrong: string[] = [];
  const problems = { lost, doubled, wrong };
  for (const crm of CRM_NAMES) {
    for (const booking of evidence.oracle) checkBooking(problems, { crm, booking, records: evidence.crms[crm] });
    wrong.push(...strangers(crm, evidence), ...lateWrites(crm, evidence));
    const { violations } = evidence.crms[crm];
    if (violations > 0) wrong.push(`${crm}: ${violations} requests broke the contract`);
  }
  checkMails(problems, evidence);
  for (const booking of evidence.oracle) checkShown(problems, evidence, booking);
  return problems;
}

type Problems = { readonly [K in keyof Verdicts]: string[] };

function checkBooking(
  { lost, doubled, wrong }: Problems,
  of: { readonly crm: CrmName; readonly booking: OracleBooking; readonly records: CrmRecords },
): void {
  const { crm, booking, records } = of;
  const name = `${crm}: ${booking.uid}`;
  const people = records.people.filter(({ email }) => email?.toLowerCase() === booking.email);
  const isTheirs = ({ personIds }: { readonly personIds: readonly string[] }): boolean =>
    people.some(({ id }) => personIds.includes(id));
  const appointments = records.appointments.filter(isTheirs);
  const deals = records.deals.filter(isTheirs);
  const { outcome, stage } = WORDS[crm][booking.status];

  if (people.length === 0) lost.push(`${name} has no contact`);
  if (people.length > 1) doubled.push(`${name} has ${people.length} contacts`);
  if (appointments.length === 0) lost.push(`${name} has no appointment`);
  // A surplus one was canceled, and is excused where the booking may have begun as two.
  const off = WORDS[crm].canceled.outcome;
  const counted = booking.mayHaveSurplus ? appointments.filter((one) => one.outcome !== off) : appointments;
  if (counted.length > 1) doubled.push(`${name} has ${counted.length} appointments`);
  if (appointments.length > 0 && counted.length === 0) lost.push(`${name} has canceled appointments only`);
  for (const one of counted) {
    if (one.outcome !== outcome) wrong.push(`${name} is ${one.outcome}, expected ${outcome}`);
    if (one.startMs !== booking.startMs) wrong.push(`${name} begins at ${one.startMs}, expected ${booking.startMs}`);
  }
  if (deals.length === 0) lost.push(`${name} has no deal`);
  if (deals.length > 1) doubled.push(`${name} has ${deals.length} deals`);
  for (const deal of deals) {
    if (deal.stage !== stage) wrong.push(`${name} has its deal in ${deal.stage}, expected ${stage}`);
  }
}

/** Records that belong to nobody of the oracle: orphans of a create whose answer was lost, or somebody else's. */
function strangers(crm: CrmName, { crms, oracle }: Evidence): string[] {
  const { people, appointments, deals } = crms[crm];
  const emails = new Set(oracle.map(({ email }) => email));
  const known = new Set(people.filter(({ email }) => emails.has(email?.toLowerCase() ?? '')).map(({ id }) => id));
  const isStrange = ({ personIds }: { readonly personIds: readonly string[] }): boolean =>
    !personIds.some((id) => known.has(id));
  return [
    ...people.filter(({ id }) => !known.has(id)).map(({ id }) => `${crm}: contact ${id} is nobody's`),
    ...appointments.filter(isStrange).map(({ id }) => `${crm}: appointment ${id} is nobody's`),
    ...deals.filter(isStrange).map(({ id }) => `${crm}: deal ${id} is nobody's`),
  ];
}

/** Whatever is written after everything was at rest was written twice, or too late. */
function lateWrites(crm: CrmName, { journals, settledAtMs }: Evidence): string[] {
  return journals[crm]
    .filter(({ at, method, path, applied }) => applied && isWrite(method, path) && Date.parse(at) > settledAtMs)
    .map(({ method, path }) => `${crm}: ${method} ${path} was written after everything had settled`);
}

/** A search is a POST, and so is a token's renewal. */
const isWrite = (method: string, path: string): boolean =>
  method !== 'GET' && !/\/(search|read)(\/|\?|$)|oauth/.test(path);

function checkMails({ lost, doubled }: Problems, { mails, oracle, bookings }: Evidence): void {
  const byId = new Map<string, number>();
  for (const { messageId } of mails) if (messageId !== null) byId.set(messageId, (byId.get(messageId) ?? 0) + 1);
  for (const [id, count] of byId) if (count > 1) doubled.push(`mail ${id} was sent ${count} times`);
  for (const { uid, email, mails: allowed } of oracle) {
    const count = mails.filter(({ to, subject }) => to.includes(email) && subject.startsWith('Confirmed')).length;
    const shown = bookings.find((one) => one.uid === uid);
    // A worker that was killed while it sent one: a person is asked, nothing is sent again by itself.
    const unknown = shown?.messages.filter(({ state }) => state === 'unknown').length ?? 0;
    if (count > allowed.most) doubled.push(`${uid} got ${count} confirmations`);
    if (count + unknown < allowed.least) lost.push(`${uid} got ${count} confirmations`);
  }
}

/** Our own API has to say the same, and to ask for nothing that healed by itself. */
function checkShown({ lost, wrong }: Problems, { bookings }: Evidence, { uid, status }: OracleBooking): void {
  const shown: ShownBooking | undefined = bookings.find((one) => one.uid === uid);
  if (shown === undefined) {
    lost.push(`${uid} is unknown to our API`);
    return;
  }
  if (shown.status !== status) wrong.push(`${uid} is ${shown.status} here, expected ${status}`);
  for (const { connection, state } of shown.crm) {
    if (state !== 'synced') wrong.push(`${uid} is ${state} in ${connection}`);
  }
  const unknown = shown.messages.filter(({ state }) => state === 'unknown').length;
  const open = shown.tasks.filter(({ state }) => state === 'open').map(({ kind }) => kind);
  const asked = open.filter((kind) => kind === 'message_unknown').length;
  if (asked !== unknown) wrong.push(`${uid} has ${unknown} unknown messages and ${asked} tasks that ask about them`);
  const others = open.filter((kind) => kind !== 'message_unknown');
  if (others.length > 0) wrong.push(`${uid} has open tasks: ${others.join(', ')}`);
}
