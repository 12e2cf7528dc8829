/**
 * syncCrm: makes one CRM show the newest picture of one booking.
 * Invariant: level-triggered (reads the picture itself), one writer per person and CRM at a time, and every refusal ends in a task or a parked booking, never in silence.
 */
import { Context } from '@temporalio/activity';
import { readBooking, type BookingRow } from '../db/bookings';
import { readHealth } from '../db/connection-health';
import { readBookingLinks, readLink, personKey, type CrmLink } from '../db/crm-ledger';
import { acquireLease, releaseLease, renewLease } from '../db/leases';
import { readMatchRule } from '../db/match-rules';
import { readPerson, type PersonData } from '../db/persons';
import { together, type Db } from '../db/pool';
import type { Picture } from '../domain/booking';
import { reasonBehind } from '../domain/connections';
import { crmPictureOf, type CrmPicture } from '../domain/crm-picture';
import type { ContactChoice } from '../domain/facts';
import { mappingFor } from '../domain/mapping';
import type { StageMapping } from '../domain/settings';
import { CrmError, type SourceDetails } from '../integrations/ports';
import { appointmentStep, surplusStep } from './crm-appointment';
import { captureStep } from './crm-capture';
import { CALL_DEADLINE_MS, personLeaseName, syncContext, type SyncContext } from './crm-context';
import { inheritedStep } from './crm-inherited';
import { leadStep } from './crm-lead';
import { noteStep } from './crm-note';
import { knownOpportunity, opportunityStep, stageStep } from './crm-opportunity';
import { personStep } from './crm-person';
import { crmsOf, leadsOf, type ActivityDeps } from './deps';
import { newestDetails } from './newest-details';
import {
  afterFailure,
  askForContact,
  done,
  parkBehind,
  retryLater,
  type SyncCrmInput,
  type SyncCrmResult,
} from './sync-outcome';

export type { SyncCrmInput, SyncCrmResult } from './sync-outcome';

type SyncedBooking = BookingRow & { readonly picture: Picture };

/** What a sync goes by besides the picture, read while it holds the person's lease. */
interface Found {
  readonly guest: PersonData | null;
  readonly host: PersonData | null;
  readonly link: CrmLink | null;
  /** What a person decided about the guest, in this booking or in another one. */
  readonly choice: ContactChoice | null;
}

export function createSyncCrm(deps: ActivityDeps) {
  return async function syncCrm(input: SyncCrmInput): Promise<SyncCrmResult> {
    const [health, booking] = await together(deps.pool, (db) =>
      Promise.all([readHealth(db, input.connection), readBooking(db, input.bookingId)]),
    );
    if (health.state === 'down') return parkBehind(deps, input, reasonBehind(health.reason));
    if (!booking?.picture || booking.mergedInto !== null) {
      return { kind: 'skipped', version: booking?.version ?? 0, contactMatch: 'pending' };
    }
    const synced = booking as SyncedBooking;
    return withPersonLease(deps, { input, picture: synced.picture, bookingId: booking.id }, async (found) => {
      try {
        return await syncLocked(deps, input, { booking: synced, found: found() });
      } catch (error) {
        return afterFailure(deps, { input, booking, error });
      }
    });
  };
}

/**
 * One writer per person and CRM. The lease outlives a call's deadline, so whoever takes over from a killed writer
 * finds everything applied that ever will be.
 */
async function withPersonLease<T>(
  deps: ActivityDeps,
  of: { input: SyncCrmInput; picture: Picture; bookingId: string },
  write: (found: () => Found) => Promise<T>,
): Promise<T> {
  const { info } = Context.current();
  const { connection } = of.input;
  const request = {
    name: personLeaseName({ connection, bookingId: of.bookingId, personId: of.picture.personId }),
    // Another attempt of the same activity is another holder: the first one may still be running somewhere.
    holder: `${of.bookingId}#${info.workflowExecution?.runId ?? ''}#${info.activityId}#${info.attempt}`,
    ttlMs: 2 * CALL_DEADLINE_MS,
  };
  // Read after the lease was taken, whatever of it: each statement sees all that was committed before it began.
  const [lease, found] = await together(deps.pool, (db) =>
    Promise.allSettled([acquireLease(db, request), readFound(deps, db, { connection, picture: of.picture })]),
  );
  if (lease.status === 'rejected') throw lease.reason;
  if (!lease.value) throw retryLater('another write for the same person is under way', 3_000 * info.attempt);
  const held = { ...request, fence: lease.value.fence };
  const renewal = setInterval(() => void renewLease(deps.pool, held).catch(() => false), CALL_DEADLINE_MS / 2);
  try {
    return await write(() => {
      if (found.status === 'rejected') throw found.reason;
      return found.value;
    });
  } finally {
    clearInterval(renewal);
    await releaseLease(deps.pool, held);
  }
}

async function readFound(
  { vault }: ActivityDeps,
  db: Db,
  { connection, picture }: { connection: string; picture: Picture },
): Promise<Found> {
  const { personId, hostId } = picture;
  const [guest, host, link, choice] = await Promise.all([
    personId ? readPerson(db, vault, personId) : null,
    hostId ? readPerson(db, vault, hostId) : null,
    personId ? readLink(db, { connection, type: 'person', externalKey: personKey(personId) }) : null,
    personId ? readMatchRule(db, { connection, personId }) : null,
  ]);
  return { guest, host, link, choice };
}

async function syncLocked(
  deps: ActivityDeps,
  input: SyncCrmInput,
  of: { booking: SyncedBooking; found: Found },
): Promise<SyncCrmResult> {
  const { booking, found } = of;
  const { picture, version } = booking;
  const { connection } = input;
  const policy = crmsOf(deps.settings, booking.connection).find((crm) => crm.connection === connection);
  const mapping = deps.settings.mapping[connection];
  if (!policy || !mapping || !picture.personId || !found.guest) {
    const reason = found.guest ? 'this CRM is not configured' : 'the guest is not known';
    return done(deps, { input, version, kind: 'skipped', match: 'none', reason });
  }
  const ctx = syncContext(deps, { connection, bookingId: booking.id, version });
  const leads = leadsOf(deps.settings, booking.connection);
  const guest = {
    ...{ id: picture.personId, data: found.guest, link: found.link },
    ...{ choice: found.choice, policy },
    companyAnswer: async () => {
      const details = policy.company === null ? null : await newestDetails(deps, booking.id);
      return details?.answers[policy.company ?? ''] ?? null;
    },
    isCaptured: leads !== null && (leads.source !== null || leads.owner !== null),
  };
  const wanted = crmPictureOf(picture, mapping);
  // After a refusal that a person decided to leave, the deal stays untouched; the appointment is still written.
  const isLeft = picture.crmDecisions[connection]?.action === 'skip';
  const show = { appointment: wanted.appointment, stage: isLeft ? null : wanted.stage };
  const attempt = async (verify: boolean): Promise<SyncCrmResult> => {
    const person = await personStep(ctx, guest, { verify });
    if (person.kind === 'no_contact') {
      const reason = 'a person decided: no contact';
      return done(deps, { input, version, kind: 'skipped', match: 'no_contact', reason });
    }
    if (person.kind === 'ask') return askForContact(deps, { input, booking, person });
    try {
      const [details, ownerId] = await Promise.all([newestDetails(deps, booking.id), ownerOf(ctx, found.host)]);
      const whose = { personId: guest.id, crmPersonId: person.id };
      const leadOwnerId = guest.isCaptured
        ? await captureStep(ctx, { ...whose, leads, mapping, pool: booking.connection, hostId: ownerId })
        : null;
      const rules = mappingFor(mapping, picture.eventType ?? null);
      const owners = { ownerId, dealOwnerId: leadOwnerId ?? ownerId };
      const reason = await writeRecords(ctx, { show, rules, personId: person.id, details, ...owners });
      if (mapping.lead !== null) {
        const sources = deps.settings.sync.filter(({ crms }) => crms.includes(connection)).map(({ source }) => source);
        await leadStep(ctx, { ...whose, mapping: mapping.lead, sources });
      }
      if (mapping.notes) await noteStep(ctx, { picture, crmPersonId: person.id });
      return await done(deps, { input, version, kind: 'synced', match: person.match, reason });
    } catch (error) {
      // The contact that the ledger names was deleted or merged: who it is now is asked once.
      if (!person.isKnown || !(error instanceof CrmError) || error.errorClass !== 'target_gone') throw error;
      return attempt(true);
    }
  };
  return attempt(false);
}

/** The deal, then the appointment that is linked to it. Returns the sentence for the timeline when the deal stays where it is. */
async function writeRecords(
  ctx: SyncContext,
  from: {
    show: CrmPicture;
    rules: StageMapping;
    personId: string;
    details: SourceDetails | null;
    /** Of the appointment: the host. */
    ownerId: string | null;
    dealOwnerId: string | null;
  },
): Promise<string | null> {
  const { show, rules, personId, details, ownerId, dealOwnerId } = from;
  const { appointment, stage } = show;
  const read = () => readBookingLinks(ctx.deps.pool, ctx.connection, ctx.bookingId);
  let links = await read();
  const name = details?.title ?? 'Appointment';
  const opportunity = stage
    ? await opportunityStep(ctx, { link: links.opportunity, personId, stage, name, ownerId: dealOwnerId })
    : knownOpportunity(links.opportunity);
  // Calls have passed: a merge may have brought another booking's appointment meanwhile.
  if (opportunity?.isNew) links = await read();
  links = await inheritedStep(ctx, links, personId);
  if (appointment) {
    const opportunityId = opportunity?.id ?? null;
    await appointmentStep(ctx, {
      link: links.appointment,
      ...{ appointment, personId, opportunityId, ownerId, details },
    });
  }
  await surplusStep(ctx, links.surplus);
  return stage && opportunity ? stageStep(ctx, { opportunity, stage, mapping: rules }) : null;
}

async function ownerOf(ctx: SyncContext, host: PersonData | null): Promise<string | null> {
  if (!host?.email) return null;
  const owner = await ctx.crm.findOwner(host.email, ctx.call('find-owner'));
  return owner?.id ?? null;
}
