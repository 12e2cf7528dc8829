/**
 * `/crm/objects/2026-09/{objectType}/batch/create`, `update` and `upsert`.
 * Invariant: rows that all carry an `objectWriteTraceId` succeed or fail one by one; otherwise all happen or none.
 */
import type { SimAnswer } from '../exchange';
import type { RecordRef } from './association-store';
import { batchCreateBody, batchKeyedBody, readBody } from './bodies';
import { HubspotRefusal, malformed, rowError } from './errors';
import { findRecord, locate } from './locate';
import { batchAnswer, objectTypeParam } from './portal';
import type { Call, Operation } from './portal';
import type { HubspotRecord } from './record';
import { filled, wire } from './record-shape';
import { schemas } from './schema';
import type { ObjectType } from './schema';
import { createRecord, updateRecord } from './writes';

const BASE = '/crm/objects/2026-09/{objectType}/batch';

interface Row {
  readonly objectWriteTraceId?: string | undefined;
}

interface KeyedRow extends Row {
  readonly id: string;
  readonly idProperty?: string | undefined;
  readonly properties: Readonly<Record<string, string>>;
}

interface Written {
  readonly record: HubspotRecord;
  readonly shown: object;
}

interface BatchOptions<R extends Row> {
  readonly rows: readonly R[];
  readonly write: (row: R) => Written;
  readonly allOrNothing?: boolean;
}

function writeRows<R extends Row>(call: Call, { rows, write, allOrNothing = false }: BatchOptions<R>): SimAnswer {
  const isTraced = rows.every(({ objectWriteTraceId }) => objectWriteTraceId !== undefined);
  return isTraced && !allOrNothing ? writeEach(call, rows, write) : writeAll(call, rows, write);
}

function writeEach<R extends Row>(call: Call, rows: readonly R[], write: (row: R) => Written): SimAnswer {
  const results: object[] = [];
  const errors: object[] = [];
  let violation: string | null = null;
  for (const row of rows) {
    try {
      results.push(traced(row, write(row).shown));
    } catch (error) {
      if (!(error instanceof HubspotRefusal)) throw error;
      violation ??= error.answer.violation ?? null;
      errors.push(rowError(error, { objectWriteTraceId: [row.objectWriteTraceId ?? ''] }));
    }
  }
  return { ...batchAnswer(call, results, errors), violation };
}

function writeAll<R extends Row>(call: Call, rows: readonly R[], write: (row: R) => Written): SimAnswer {
  const { objects, associations } = call.portal;
  const made: RecordRef[] = [];
  const writeOne = (row: R): object => {
    const { record, shown } = write(row);
    made.push(record);
    return traced(row, shown);
  };
  try {
    return batchAnswer(
      call,
      objects.atomically(() => rows.map(writeOne)),
    );
  } catch (error) {
    for (const { type, id } of made) if (objects.look(type, id) === null) associations.drop({ type, id });
    throw error;
  }
}

function traced({ objectWriteTraceId }: Row, shown: object): object {
  return objectWriteTraceId === undefined ? shown : { ...shown, objectWriteTraceId };
}

function operation(name: string, run: (call: Call, type: ObjectType) => SimAnswer): Operation {
  return {
    method: 'POST',
    template: `${BASE}/${name}`,
    query: [],
    limit: 'general',
    scopes: (call) => [schemas[objectTypeParam(call, 'objectType')].scopes.write],
    run: (call) => run(call, objectTypeParam(call, 'objectType')),
  };
}

/** Two rows about one record leave open which one counts: refused as a whole. */
function readKeyedRows(call: Call): readonly KeyedRow[] {
  const { inputs } = readBody(batchKeyedBody, call.request);
  const keys = new Set(inputs.map(({ id, idProperty = 'hs_object_id' }) => `${idProperty} ${id.toLowerCase()}`));
  if (keys.size < inputs.length) throw malformed('Duplicate IDs found in batch input');
  return inputs;
}

const batchCreate = operation('create', (call, type) => {
  const { inputs } = readBody(batchCreateBody, call.request);
  const answer = writeRows(call, {
    rows: inputs,
    write({ properties, associations }) {
      const record = createRecord(call.portal, { type, properties, associations });
      return { record, shown: wire(record, filled(record.properties)) };
    },
  });
  return answer.status === 200 ? { ...answer, status: 201 } : answer;
});

const batchUpdate = operation('update', (call, type) =>
  writeRows(call, {
    rows: readKeyedRows(call),
    write({ id, idProperty, properties }) {
      const before = locate(call.portal, { type, key: id, idProperty: idProperty ?? null, archived: false });
      const { record, changes } = updateRecord(call.portal, before, properties);
      return { record, shown: wire(record, Object.keys(changes)) };
    },
  }),
);

/**
 * HubSpot: "Partial upserts are not supported when using `email` as the `idProperty`". What is partial about them is not
 * explained, so both readings are refused: rows that do not hold the address again, and rows that fail one by one.
 */
const batchUpsert = operation('upsert', (call, type) => {
  const rows = readKeyedRows(call);
  const byEmail = rows.filter(({ idProperty }) => idProperty === 'email');
  if (byEmail.some(({ id, properties }) => properties['email']?.toLowerCase() !== id.toLowerCase())) {
    throw malformed('Partial upserts are not supported when using email as the idProperty');
  }
  return writeRows(call, {
    rows,
    write: (row) => upsert(call, type, row),
    allOrNothing: byEmail.length > 0,
  });
});

function upsert(call: Call, type: ObjectType, { id, idProperty = 'hs_object_id', properties }: KeyedRow): Written {
  const { portal } = call;
  const key = { type, key: id, idProperty, archived: false };
  // By id nothing can be made: ids are HubSpot's to give.
  const before = idProperty === 'hs_object_id' ? locate(portal, key) : findRecord(portal, key);
  const record =
    before === null
      ? createRecord(portal, { type, properties: { [idProperty]: id, ...properties } })
      : updateRecord(portal, before, properties).record;
  // Unlike other answers, these hold no null (BatchResponseSimplePublicUpsertObject).
  const present = Object.fromEntries(Object.entries(record.properties).filter(([, value]) => value !== null));
  return { record, shown: { ...wire(record, []), properties: present, new: before === null } };
}

export const batchWriteOperations: readonly Operation[] = [batchCreate, batchUpdate, batchUpsert];
