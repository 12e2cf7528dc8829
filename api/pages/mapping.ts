/**
 * `/console/mapping`: the mapping as the file has it, what it would change in open bookings, and having them written under it.
 * Invariant: only the POST changes anything, only under the mapping in force, and only while what it would change is what was shown.
 */
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { guestsOfBookings } from '../../db/booking-lines';
import { previewMapping } from '../../db/mapping-apply';
import { readMappingsInForce } from '../../db/mapping-versions';
import { applyMapping } from '../acts/apply-mapping';
import { HttpError } from '../errors';
import { validate } from '../v1/validate';
import { actOr, answer, frameOf, notFound, saying, visitOf, type ConsoleDeps } from './console';
import { nameOf, peopleOf } from './people';
import { fieldsOf } from './sign-in';
import type { Said } from './views/layout';
import { mappingPreviewView, mappingView, type MappingPreviewData, type NamedChange } from './views/mapping-view';

const SHOWN = 100;
const applyBody = z.object({ version: z.string().max(64), count: z.string().max(20) });

type Preview = Omit<MappingPreviewData, 'changed'>;

export function mappingRoutes(deps: ConsoleDeps): Router {
  const router = Router();

  router.get('/mapping', (request, response) => {
    const frame = frameOf(deps, request, response);
    answer(response, frame, { title: 'Mapping', section: 'mapping', body: mappingView(deps.console.mapping) });
  });

  router.get('/mapping/:connection/preview', async (request, response) =>
    show(deps, { request, response, preview: await previewOf(deps, request) }),
  );

  router.post('/mapping/:connection/preview', async (request, response) => {
    const preview = await previewOf(deps, request);
    await actOr(
      response,
      async () => {
        refuseChanged(preview, validate(applyBody, fieldsOf(request), 'body'));
        await applyMapping(deps, { ...preview, by: visitOf(response).operator });
        response.redirect(303, saying('/console/mapping', 'applied'));
      },
      (said) => show(deps, { request, response, preview, said }),
    );
  });

  return router;
}

async function previewOf({ console, db, sync }: ConsoleDeps, request: Request): Promise<Preview> {
  const connection = String(request.params.connection);
  const mapping = Object.hasOwn(console.mapping, connection) ? console.mapping[connection] : undefined;
  if (mapping === undefined) throw notFound('mapping', 'Those that there are stand under Mapping.');
  const sources = sync.filter(({ crms }) => crms.includes(connection)).map(({ source }) => source);
  const [preview, known] = await Promise.all([
    previewMapping(db, { connection, mapping, sources }),
    readMappingsInForce(db),
  ]);
  const inForce = known.find((one) => one.connection === connection)?.version ?? null;
  return { connection, mapping, preview, inForce };
}

function refuseChanged({ preview, inForce }: Preview, seen: z.output<typeof applyBody>): void {
  const isSame = seen.version === preview.version && seen.count === String(preview.changed.length);
  if (isSame && inForce === preview.version) return;
  const message = 'What would change is not what was shown any more, so nothing was done. Look at it again.';
  throw new HttpError({ status: 409, code: 'preview_changed', message });
}

async function show(
  deps: ConsoleDeps,
  shown: { request: Request; response: Response; preview: Preview; said?: Said },
): Promise<void> {
  const { request, response, preview, said } = shown;
  const first = preview.preview.changed.slice(0, SHOWN);
  const guests = await guestsOfBookings(
    deps.db,
    first.map(({ bookingId }) => bookingId),
  );
  const people = await peopleOf(deps, [...guests.values()]);
  const changed = first.map((one): NamedChange => ({
    ...one,
    guest: nameOf(people.get(guests.get(one.bookingId) ?? '')),
  }));
  const frame = frameOf(deps, request, response, said);
  const body = mappingPreviewView(frame, { ...preview, changed });
  answer(response, frame, { title: 'What the mapping would change', section: 'mapping', body });
}
