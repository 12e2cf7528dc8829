/**
 * syncCrm: makes one CRM show the newest picture of one booking.
 * Invariant: level-triggered (reads the picture itself), one writer per person and CRM at a time, and every refusal ends in a task or a parked booking, never in silence.
 */
import { readBooking, type BookingRow } from '../db/bookings';
import { readHealth } from '../db/connection-health';
import { readBookingLinks, readLink, personKey, type CrmLink } from '../db/crm-ledger';
import { readMatchRule } from '../db/match-rules';
import { readPerson } from '../db/persons';
import type { PersonData } from '../domain/person';
import { together, type Db } from '../db/pool';
import type { Picture } from '../domain/booking';
import { reasonBehind } from '../domain/connections';
import { crmPictureOf, type CrmPicture } from '../domain/crm-picture';
import type { ContactChoice } from '../domain/facts';
import { isSameSlot, isSameStatus, ownersOf } from '../domain/field-owners';
import { mappingFor } from '../domain/mapping';
import type { CrmMapping, StageMapping } from '../domain/settings';
import { CrmError, type SourceDetails } from '../integrations/ports';
import { appointmentStep, surplusStep } from './crm-appointment';
import { captureStep } from './crm-capture';
import { syncContext, type SyncContext } from './crm-context';
import { droppedStep } from './crm-dropped';
import { inheritedStep } from './crm-inherited';
import { leadStep } from './crm-lead';
import { noteStep } from './crm-note';
import { knownOpportunity, opportunityStep, stageStep } from './crm-opportunity';
import { fieldsOf, personStep } from './crm-person';
import { readBackStep, recordDeleted, wantedState, writtenState, type Looked, type ReadBooking } from './crm-read-back';
import { crmsOf, leadsOf, type ActivityDeps } from './deps';
import { newestDetails } from './newest-details';
import { withPersonLease } from './person-lease';
import { afterFailure, askForContact, done, parkBehind, type SyncCrmInput, type SyncCrmResult } from './sync-outcome';

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
    const { connection } = input;
    const whose = { connection, bookingId: booking.id, personId: synced.picture.personId };
    const alongside = (db: Db): Promise<Found> => readFound(deps, db, { connection, picture: synced.picture });
    return withPersonLease(deps, { ...whose, alongside }, async (found) => {
      try {
        return await syncLocked(deps, input, { booking: synced, found: found() });
      } catch (error) {
        return afterFailure(deps, { input, booking, error });
      }
    });
  };
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
    id: picture.personId,
    data: found.guest,
    link: found.link,
    choice: found.choice,
    policy,
    mode: mapping.person ?? 'fill-empty',
    companyAnswer: async () => {
      const details = policy.company === null ? null : await newestDetails(deps, booking.id);
      return details?.answers[policy.company ?? ''] ?? null;
    },
    isCaptured: leads !== null && (leads.source !== null || leads.owner !== null),
  };
  const wanted = crmPictureOf(picture, mapping, connection);
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
      const { dropped, id: crmPersonId } = person;
      const whose = { personId: guest.id, crmPersonId };
      const asked = await droppedStep(ctx, { ...whose, dropped, link: guest.link, fields: fieldsOf(guest) });
      const [details, ownerId] = await Promise.all([newestDetails(deps, booking.id), ownerOf(ctx, found.host)]);
      const leadOwnerId = guest.isCaptured
        ? await captureStep(ctx, { ...whose, leads, mapping, pool: booking.connection, hostId: ownerId })
        : null;
      const rules = mappingFor(mapping, picture.eventType ?? null);
      const owners = { ownerId, dealOwnerId: leadOwnerId ?? ownerId };
      const written = await writeRecords(ctx, {
        booking,
        show,
        rules,
        mapping,
        personId: person.id,
        details,
        ...owners,
      });
      if (written === 'changed') return { kind: 'changed' };
      const { reason } = written;
      if (mapping.lead !== null) {
        const sources = deps.settings.sync.filter(({ crms }) => crms.includes(connection)).map(({ source }) => source);
        await leadStep(ctx, { ...whose, mapping: mapping.lead, sources });
      }
      if (mapping.notes) await noteStep(ctx, { picture, crmPersonId });
      return await done(deps, { input, version, kind: 'synced', match: person.match, reason, asked });
    } catch (error) {
      // The contact that the ledger names was deleted or merged: who it is now is asked once.
      if (!person.isKnown || !(error instanceof CrmError) || error.errorClass !== 'target_gone') throw error;
      return attempt(true);
    }
  };
  return attempt(false);
}

/**
 * The deal, then the appointment that is linked to it. `reason`: the sentence for the timeline when the deal stays where it is.
 * `changed`: a person changed the appointment, and nothing was written over.
 */
async function writeRecords(
  ctx: SyncContext,
  from: {
    booking: SyncedBooking;
    show: CrmPicture;
    rules: StageMapping;
    mapping: CrmMapping;
    personId: string;
    details: SourceDetails | null;
    /** Of the appointment: the host. */
    ownerId: string | null;
    dealOwnerId: string | null;
  },
): Promise<{ readonly reason: string | null } | 'changed'> {
  const { booking, show, rules, mapping, personId, details, ownerId, dealOwnerId } = from;
  const { appointment, stage } = show;
  const read = () => readBookingLinks(ctx.deps.pool, ctx.connection, ctx.bookingId);
  let links = await read();
  const seen = await readBeforeMove(ctx, { booking, mapping, link: links.appointment });
  if (seen?.end === 'changed') return 'changed';
  if (seen?.end === 'agreed') links = await read();
  const name = details?.title ?? 'Appointment';
  const opportunity = stage
    ? await opportunityStep(ctx, { link: links.opportunity, personId, stage, name, ownerId: dealOwnerId })
    : knownOpportunity(links.opportunity);
  // Calls have passed: a merge may have brought another booking's appointment meanwhile.
  if (opportunity?.isNew) links = await read();
  links = await inheritedStep(ctx, links, personId);
  if (appointment) {
    const opportunityId = opportunity?.id ?? null;
    const { appointment: link } = links;
    const look = seen === null ? () => readBackStep(ctx, { booking, mapping, link }) : null;
    const whose = { personId, guestId: booking.picture.personId };
    const shown = { look, shown: seen?.shown ?? null };
    const end = await appointmentStep(ctx, { link, appointment, ...whose, opportunityId, ownerId, details, ...shown });
    if (end === 'changed') return 'changed';
    if (end === 'gone' && link) {
      await recordDeleted(ctx, { booking, link });
      return 'changed';
    }
  }
  await surplusStep(ctx, links.surplus);
  const owner = ownersOf(mapping).stage;
  return { reason: stage && opportunity ? await stageStep(ctx, { opportunity, stage, mapping: rules, owner }) : null };
}

/** A time or an outcome is written over only after a look at what is there: one request, and only where something is going to be written. Null: nobody looked. */
async function readBeforeMove(ctx: SyncContext, from: ReadBooking): Promise<Looked | null> {
  const { booking, mapping, link } = from;
  const wanted = wantedState(booking.picture, mapping, ctx.connection);
  const agreed = writtenState(link?.lastWritten ?? null);
  if (wanted === null || agreed === null || (isSameStatus(wanted, agreed) && isSameSlot(wanted, agreed))) {
    return null;
  }
  return readBackStep(ctx, from);
}

async function ownerOf(ctx: SyncContext, host: PersonData | null): Promise<string | null> {
  if (!host?.email) return null;
  const owner = await ctx.crm.findOwner(host.email, ctx.call('find-owner'));
  return owner?.id ?? null;
}
