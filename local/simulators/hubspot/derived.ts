/**
 * What HubSpot computes itself on every write: stamps, searchable phone numbers, whether a deal is closed.
 * Invariant: a function of the record's own values and the seed.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { schemas } from './schema';
import type { ObjectType } from './schema';
import { PORTAL_COUNTRY, pipelines } from './seed';
import { instantText } from './values';
import type { StoredProperties } from './values';

/** The properties with the computed ones filled in. */
export function derived(
  type: ObjectType,
  properties: StoredProperties,
  instants: { readonly createdAtMs: number; readonly updatedAtMs: number },
): StoredProperties {
  const { createdProperty, modifiedProperty } = schemas[type];
  const base = {
    ...properties,
    [createdProperty]: instantText(String(instants.createdAtMs)),
    [modifiedProperty]: instantText(String(instants.updatedAtMs)),
  };
  if (type === 'contacts') {
    return {
      ...base,
      hs_searchable_calculated_phone_number: localNumber(properties['phone'] ?? null),
      hs_searchable_calculated_mobile_number: localNumber(properties['mobilephone'] ?? null),
    };
  }
  if (type !== 'deals') return base;
  const pipelineId = properties['pipeline'] ?? 'default';
  const stages = pipelines.find(({ id }) => id === pipelineId)?.stages ?? [];
  const closed = stages.find(({ id }) => id === properties['dealstage'])?.closed ?? 'no';
  return {
    ...base,
    pipeline: pipelineId,
    hs_is_closed: String(closed !== 'no'),
    hs_is_closed_won: String(closed === 'won'),
  };
}

/** Area code and local number without the country code, as phone searches in HubSpot want it. */
function localNumber(phone: string | null): string | null {
  if (phone === null) return null;
  const parsed = parsePhoneNumberFromString(phone, PORTAL_COUNTRY);
  const digits = parsed?.nationalNumber ?? phone.replace(/\D/g, '');
  return digits === '' ? null : digits;
}
