/**
 * What a mapping may name in a HubSpot account: deal pipelines with their stages, and the contacts' own text fields.
 * Invariant: read from the account each time; ids are what a mapping has to use, labels are for people.
 */
import type { CrmCall, CrmCatalog } from '../ports';
import { propertiesSchema, type HubspotProperty } from './answers';
import { HUBSPOT_VERSIONS, type HubspotClient } from './client';
import type { Pipelines } from './pipelines';

export async function describe(client: HubspotClient, pipelines: Pipelines, call: CrmCall): Promise<CrmCatalog> {
  const [all, personFields] = await Promise.all([pipelines.read('describe', call), readPersonFields(client, call)]);
  return {
    personFields,
    pipelines: inUse(all).map(({ id, label, stages }) => ({
      id,
      label,
      stages: inUse(stages).map((stage) => ({ id: stage.id, label: stage.label, order: stage.displayOrder })),
    })),
  };
}

async function readPersonFields(client: HubspotClient, call: CrmCall): Promise<CrmCatalog['personFields']> {
  const path = ['crm', 'properties', HUBSPOT_VERSIONS.properties, 'contacts'];
  const { results } = await client.request(
    { operation: 'describe', method: 'GET', path, effect: 'safe', schema: propertiesSchema },
    call,
  );
  return results.filter(takesText).map(({ name, label }) => ({ id: name, label }));
}

/** A unique property is somebody's key, and HubSpot's own ones are written by what they are about. */
function takesText(property: HubspotProperty): boolean {
  const { type, fieldType, hubspotDefined, hasUniqueValue, archived, calculated, modificationMetadata } = property;
  const isText = type === 'string' && (fieldType === 'text' || fieldType === 'textarea');
  const exclusions = [hubspotDefined, hasUniqueValue, archived, calculated, modificationMetadata?.readOnlyValue];
  return isText && exclusions.every((flag) => flag !== true);
}

function inUse<T extends { readonly archived?: boolean | null | undefined; readonly displayOrder: number }>(
  all: readonly T[],
): readonly T[] {
  return all.filter(({ archived }) => archived !== true).sort((a, b) => a.displayOrder - b.displayOrder);
}
