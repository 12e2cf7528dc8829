/**
 * What HubSpot's answers must hold for us: only the parts that we read, everything else is let through.
 * Invariant: looser than the vendor's contract, so that an addition on their side never stops a booking.
 */
import { z } from 'zod';

const idSchema = z.string().min(1);
const pagingSchema = z.object({ next: z.object({ after: z.string() }).nullish() }).nullish();

/** One record. Property values are strings or null, also for numbers and dates. */
export const recordSchema = z.object({
  id: idSchema,
  properties: z.record(z.string(), z.string().nullable()),
  archived: z.boolean().nullish(),
  createdAt: z.string().nullish(),
});
export type HubspotRecord = z.infer<typeof recordSchema>;

/** Answer of a create: only the id matters, and demanding more would turn a success into an unknown outcome. */
export const createdSchema = z.object({ id: idSchema });

export const searchSchema = z.object({ results: z.array(recordSchema), paging: pagingSchema });

/** Errors of single inputs inside a 207, or inside a 200 (2026-09 folds them in). */
const batchErrorsSchema = z
  .array(z.object({ category: z.string().nullish().catch(null), subCategory: z.unknown().optional() }))
  .nullish();

export const batchReadSchema = z.object({ results: z.array(recordSchema), errors: batchErrorsSchema });

export const associationsSchema = z.object({
  results: z.array(
    z.object({
      to: z.array(z.object({ toObjectId: z.union([idSchema, z.number().transform(String)]) })),
      paging: pagingSchema,
    }),
  ),
  errors: batchErrorsSchema,
});

export const ownersSchema = z.object({
  results: z.array(z.object({ id: idSchema, email: z.string().nullish(), archived: z.boolean().nullish() })),
});

const stageSchema = z.object({
  id: idSchema,
  label: z.string(),
  displayOrder: z.number(),
  archived: z.boolean().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});
export const pipelinesSchema = z.object({
  results: z.array(
    z.object({
      id: idSchema,
      label: z.string(),
      displayOrder: z.number(),
      archived: z.boolean().nullish(),
      stages: z.array(stageSchema),
    }),
  ),
});
export type HubspotPipeline = z.infer<typeof pipelinesSchema>['results'][number];
export type HubspotStage = z.infer<typeof stageSchema>;

/** A property's definition. `createdAt` is absent for some. */
export const propertySchema = z.object({
  name: idSchema,
  label: z.string(),
  type: z.string(),
  fieldType: z.string(),
  hasUniqueValue: z.boolean().nullish(),
  hubspotDefined: z.boolean().nullish(),
  calculated: z.boolean().nullish(),
  archived: z.boolean().nullish(),
  createdAt: z.string().nullish(),
  modificationMetadata: z.object({ readOnlyValue: z.boolean().nullish() }).nullish(),
});
export const propertiesSchema = z.object({ results: z.array(propertySchema) });
export type HubspotProperty = z.infer<typeof propertySchema>;

/** Answers whose content we don't use, as long as they are JSON objects. */
export const anySchema = z.object({});
