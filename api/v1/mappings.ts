/**
 * `/api/v1/mappings`: the mappings in force, what each status does, and having older bookings written under them.
 * Invariant: only `apply` changes anything, and only bookings that the mapping would change.
 */
import { Router } from 'express';
import type { z } from 'zod';
import { previewMapping, type MappingPreview } from '../../db/mapping-apply';
import { readMappingsInForce, type MappingInForce } from '../../db/mapping-versions';
import { BOOKING_STATUSES } from '../../domain/booking';
import { mappingVariants } from '../../domain/mapping';
import { applyMapping } from '../acts/apply-mapping';
import type { ApiDeps } from '../deps';
import { HttpError } from '../errors';
import { operatorOf } from './auth';
import { isoInstant } from './instant';
import { connectionParams, type mappingPreviewSchema, type mappingSchema } from './mapping-schemas';
import { validate } from './validate';

type MappingDeps = Pick<ApiDeps, 'db' | 'engine' | 'sync' | 'nowMs'>;

const SHOWN = 100;

export function mappingRoutes(deps: MappingDeps): Router {
  const router = Router();

  router.get('/', async (_request, response) => {
    const mappings = await readMappingsInForce(deps.db);
    response.json({ mappings: mappings.map(presentMapping) });
  });

  router.post('/:connection/preview', async (request, response) => {
    const { connection } = validate(connectionParams, request.params, 'path');
    response.json(presentPreview(await previewOf(deps, connection), false));
  });

  router.post('/:connection/apply', async (request, response) => {
    const { connection } = validate(connectionParams, request.params, 'path');
    const preview = await previewOf(deps, connection);
    await applyMapping(deps, { connection, preview, by: operatorOf(response) });
    response.json(presentPreview(preview, true));
  });

  return router;
}

async function previewOf({ db, sync }: MappingDeps, connection: string): Promise<MappingPreview> {
  const inForce = (await readMappingsInForce(db)).find((one) => one.connection === connection);
  if (!inForce) {
    const message = `No mapping is in force for "${connection}"; a worker that starts with one says so.`;
    throw new HttpError({ status: 404, code: 'mapping_not_found', message });
  }
  const sources = sync.filter(({ crms }) => crms.includes(connection)).map(({ source }) => source);
  return previewMapping(db, { connection, mapping: inForce.mapping, sources });
}

function presentMapping({ connection, version, sinceMs, mapping }: MappingInForce): z.output<typeof mappingSchema> {
  const rules = mappingVariants(mapping).flatMap(({ eventType, rules: { pipelineId, byStatus } }) =>
    BOOKING_STATUSES.flatMap((status) => {
      const own = eventType === null ? undefined : mapping.lead?.byEventType[eventType]?.[status];
      const words = own ?? mapping.lead?.byStatus[status];
      const deal = byStatus[status];
      if (!deal && !words) return [];
      const { stageId: stage = null, onlyFrom = null } = deal ?? {};
      return {
        eventType,
        status,
        pipeline: pipelineId,
        stage,
        onlyFrom: onlyFrom && [...onlyFrom],
        value: words?.value ?? null,
        tags: [...(words?.tags ?? [])],
      };
    }),
  );
  return { connection, version, since: isoInstant(sinceMs), rules };
}

function presentPreview(preview: MappingPreview, applied: boolean): z.output<typeof mappingPreviewSchema> {
  const { version, older, changed } = preview;
  const bookings = changed.slice(0, SHOWN).map(({ bookingId, change: { stage, fields, tags } }) => ({
    booking: bookingId,
    stage,
    fields: { ...fields },
    addTags: [...tags.add],
    removeTags: [...tags.remove],
  }));
  return { version, older, changed: changed.length, applied, bookings };
}
