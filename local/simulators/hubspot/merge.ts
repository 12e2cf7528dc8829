/**
 * Two contacts become one, as HubSpot's merge does.
 * Invariant: the primary one's values win, what it lacks comes from the other; nothing of either stays under a lost id.
 */
import { malformed } from './errors';
import type { Portal } from './portal';
import type { HubspotRecord } from './record';
import { objectTypes } from './schema';
import { additionalEmails } from './unique-keys';
import type { StoredProperties } from './values';

/** Returns the survivor: a record with a new id, or the primary one where the settings say so. Throws 404 and 400. */
export function mergeContacts(
  portal: Portal,
  { primaryId, otherId }: { readonly primaryId: string; readonly otherId: string },
): HubspotRecord {
  const { objects, changes } = portal;
  const primary = objects.get('contacts', primaryId);
  const other = objects.get('contacts', otherId);
  if (primary.id === other.id) throw malformed('A contact cannot be merged with itself');
  const makesNew = portal.settings().mergeSurvivor === 'new';
  const losers = makesNew ? [primary, other] : [other];
  const properties = mergedProperties(portal, { primary, other, losers });
  const survivor = changes.quietly(() => {
    // The losers let go of their unique values before the survivor takes them.
    for (const { id } of losers) objects.archive('contacts', id);
    return makesNew ? objects.create('contacts', properties) : objects.update('contacts', primary.id, properties);
  });
  for (const { id } of losers) {
    moveLinks(portal, id, survivor.id);
    objects.pointTo(id, survivor.id);
  }
  changes.merged({ survivorId: survivor.id, primaryId: primary.id, loserIds: losers.map(({ id }) => id) });
  return survivor;
}

function mergedProperties(
  { properties }: Portal,
  parts: { readonly primary: HubspotRecord; readonly other: HubspotRecord; readonly losers: readonly HubspotRecord[] },
): StoredProperties {
  const { primary, other, losers } = parts;
  const writable = properties.list('contacts').filter(({ readOnly }) => !readOnly);
  const values = writable.map(
    ({ name }) => [name, primary.properties[name] ?? other.properties[name] ?? null] as const,
  );
  const email = primary.properties['email'] ?? other.properties['email'];
  const emails = new Set([
    ...additionalEmails(primary),
    ...[other.properties['email'] ?? []].flat(),
    ...additionalEmails(other),
  ]);
  if (typeof email === 'string') emails.delete(email);
  const earlier = [primary, other].flatMap((record) => record.properties['hs_merged_object_ids'] ?? []);
  return {
    ...Object.fromEntries(values),
    hs_additional_emails: emails.size === 0 ? null : [...emails].join(';'),
    hs_merged_object_ids: [...earlier, ...losers.map(({ id }) => id)].join(';'),
  };
}

function moveLinks({ associations }: Portal, fromId: string, toId: string): void {
  const loser = { type: 'contacts', id: fromId } as const;
  for (const type of objectTypes) {
    for (const id of associations.of(loser, type)) associations.link({ type: 'contacts', id: toId }, { type, id });
  }
  associations.drop(loser);
}
