/** The OpenAPI 3.1 description of the operator API. Invariant: its schemas are the ones that requests and tested answers are checked with. */
import { OpenApiGeneratorV31, OpenAPIRegistry, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import {
  connectionListSchema,
  connectionParams,
  mappingListSchema,
  mappingPreviewSchema,
  undoBody,
  undoSchema,
} from './mapping-schemas';
import {
  bookingDecisionBody,
  bookingListSchema,
  bookingParams,
  bookingSchema,
  decidedTaskSchema,
  decisionBody,
  deliveryDetailSchema,
  deliveryListSchema,
  errorSchema,
  idParams,
  listBookingsQuery,
  listDeliveriesQuery,
  listMatchRulesQuery,
  matchRuleListSchema,
  removedMatchRuleSchema,
  listTasksQuery,
  participationParams,
  replayedDeliverySchema,
  sharedBookingsSchema,
  taskListSchema,
  taskSchema,
} from './schemas';
import { decisionsBody, decisionsSchema, reassignBody, snoozeBody } from './task-schemas';
import { z } from './zod';

type Document = ReturnType<OpenApiGeneratorV31['generateDocument']>;

/** One operation: what it answers when all is well, and which refusals are its own. */
interface Operation {
  readonly method: 'get' | 'post' | 'delete';
  readonly path: string;
  readonly summary: string;
  readonly request?: NonNullable<RouteConfig['request']>;
  readonly ok: z.ZodType;
  readonly refusals?: Readonly<Record<number, string>>;
}

const OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/bookings',
    summary: 'Bookings, latest slot first',
    request: { query: listBookingsQuery },
    ok: bookingListSchema,
  },
  {
    method: 'get',
    path: '/api/v1/bookings/{connection}/{uid}',
    summary: 'One booking, by any uid of its reschedule chain; all of them where several guests share the uid',
    request: { params: bookingParams },
    ok: z.union([bookingSchema, sharedBookingsSchema]),
    refusals: { 404: 'The source’s uid is not known here.' },
  },
  {
    method: 'get',
    path: '/api/v1/bookings/{connection}/{uid}/{participation}',
    summary: 'The booking of one of several guests who share a uid',
    request: { params: participationParams },
    ok: bookingSchema,
    refusals: { 404: 'No such participation.' },
  },
  {
    method: 'post',
    path: '/api/v1/bookings/{connection}/{uid}/decision',
    summary: 'Decide about a booking; its source and its CRMs are told. Sending the same decision again is harmless.',
    request: {
      params: bookingParams,
      body: { required: true, content: { 'application/json': { schema: bookingDecisionBody } } },
    },
    ok: bookingSchema,
    refusals: {
      404: 'The source’s uid is not known here.',
      409: 'Several guests share the uid and `booking` does not say whose, or the booking turned out to be another one.',
      422: 'The decision makes no sense now; the message says why.',
    },
  },
  {
    method: 'get',
    path: '/api/v1/tasks',
    summary: 'Human tasks, earliest due first',
    request: { query: listTasksQuery },
    ok: taskListSchema,
  },
  {
    method: 'get',
    path: '/api/v1/tasks/{id}',
    summary: 'One task with its evidence',
    request: { params: idParams },
    ok: taskSchema,
    refusals: { 404: 'No such task.' },
  },
  {
    method: 'post',
    path: '/api/v1/tasks/{id}/decision',
    summary: 'Decide a task; its booking goes on at once. Sending the same decision again is harmless.',
    request: { params: idParams, body: { required: true, content: { 'application/json': { schema: decisionBody } } } },
    ok: decidedTaskSchema,
    refusals: {
      404: 'No such task.',
      409: 'The task was decided or withdrawn before.',
      422: 'A task of this kind does not know this decision.',
    },
  },
  {
    method: 'post',
    path: '/api/v1/tasks/decisions',
    summary: 'The same decision about several tasks; each has a result of its own.',
    request: { body: { required: true, content: { 'application/json': { schema: decisionsBody } } } },
    ok: decisionsSchema,
  },
  {
    method: 'post',
    path: '/api/v1/tasks/{id}/reassign',
    summary: 'Give a task to somebody else',
    request: { params: idParams, body: { required: true, content: { 'application/json': { schema: reassignBody } } } },
    ok: decidedTaskSchema,
    refusals: { 404: 'No such task.', 409: 'The task was decided or withdrawn before.' },
  },
  {
    method: 'post',
    path: '/api/v1/tasks/{id}/snooze',
    summary: 'Let a task rest until an instant; it wakes by itself',
    request: { params: idParams, body: { required: true, content: { 'application/json': { schema: snoozeBody } } } },
    ok: decidedTaskSchema,
    refusals: {
      404: 'No such task.',
      409: 'The task was decided or withdrawn before.',
      422: 'The end of the rest is past, or more than 90 days away.',
    },
  },
  {
    method: 'get',
    path: '/api/v1/deliveries',
    summary: 'Stored webhook deliveries, newest first',
    request: { query: listDeliveriesQuery },
    ok: deliveryListSchema,
  },
  {
    method: 'get',
    path: '/api/v1/deliveries/{id}',
    summary: 'One delivery with the shape of its body: keys and types, never values',
    request: { params: idParams },
    ok: deliveryDetailSchema,
    refusals: { 404: 'No such delivery.' },
  },
  {
    method: 'post',
    path: '/api/v1/deliveries/{id}/replay',
    summary: 'Have a delivery read again by the dispatcher',
    request: { params: idParams },
    ok: replayedDeliverySchema,
    refusals: { 404: 'No such delivery.' },
  },
  {
    method: 'get',
    path: '/api/v1/match-rules',
    summary: 'Who guests are in the CRMs, as people decided it, newest first',
    request: { query: listMatchRulesQuery },
    ok: matchRuleListSchema,
  },
  {
    method: 'delete',
    path: '/api/v1/match-rules/{id}',
    summary: 'Take such a decision back: the guest is matched anew when one of their bookings is written again',
    request: { params: idParams },
    ok: removedMatchRuleSchema,
    refusals: { 404: 'No such rule, or it was removed before.' },
  },
  {
    method: 'get',
    path: '/api/v1/connections',
    summary: 'Connections with their health, and what was wrong when they were last checked',
    ok: connectionListSchema,
  },
  {
    method: 'get',
    path: '/api/v1/mappings',
    summary: 'The mappings in force: version, and what each status does',
    ok: mappingListSchema,
  },
  {
    method: 'post',
    path: '/api/v1/mappings/{connection}/preview',
    summary:
      'What the mapping in force would change of open bookings that were synced under an older one; by the ledger',
    request: { params: connectionParams },
    ok: mappingPreviewSchema,
    refusals: { 404: 'No mapping is in force for this connection.' },
  },
  {
    method: 'post',
    path: '/api/v1/mappings/{connection}/apply',
    summary: 'Have exactly these bookings written under it',
    request: { params: connectionParams },
    ok: mappingPreviewSchema,
    refusals: { 404: 'No mapping is in force for this connection.' },
  },
  {
    method: 'post',
    path: '/api/v1/undo',
    summary: 'CRM writes that would be taken back; with `run` they are, where the CRM still holds what was written',
    request: { body: { required: true, content: { 'application/json': { schema: undoBody } } } },
    ok: undoSchema,
  },
];

const COMMON_REFUSALS: Readonly<Record<number, string>> = {
  400: 'The request is not as described here.',
  401: 'The operator token is missing or wrong.',
  503: 'The database or the workflow engine is away; `Retry-After` says when to try again.',
};

export function openApiDocument(): Document {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'operator', { type: 'http', scheme: 'bearer' });
  for (const operation of OPERATIONS) registry.registerPath(routeOf(operation));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Booking Status Sync: operator API',
      version: '1',
      description: 'Bookings, human tasks and webhook deliveries. No answer holds personal data.',
    },
    security: [{ operator: [] }],
  });
}

function routeOf(operation: Operation): RouteConfig {
  const refusals = Object.entries({ ...COMMON_REFUSALS, ...operation.refusals });
  return {
    method: operation.method,
    path: operation.path,
    summary: operation.summary,
    ...(operation.request ? { request: operation.request } : {}),
    responses: {
      200: { description: 'OK', content: { 'application/json': { schema: operation.ok } } },
      ...Object.fromEntries(
        refusals.map(([status, description]) => [
          status,
          { description, content: { 'application/json': { schema: errorSchema } } },
        ]),
      ),
    },
  };
}
