/**
 * Which rules of a CRM's mapping hold for a booking.
 * Invariant: an event type overrides the general mapping key by key; stages belong to their pipeline, so another pipeline brings its own.
 */
import type { CrmMapping, StageMapping } from './settings';

/** The rules for bookings of this event type; null, or one that the mapping does not name: the general ones. */
export function mappingFor(mapping: CrmMapping, eventType: string | null): StageMapping {
  const { pipelineId, stageOrder, forwardOnly, byStatus } = mapping;
  const own = eventType !== null && Object.hasOwn(mapping.eventTypes, eventType) ? mapping.eventTypes[eventType] : null;
  if (!own) return { pipelineId, stageOrder, forwardOnly, byStatus };
  const isElsewhere = own.pipelineId !== undefined && own.pipelineId !== pipelineId;
  const general = isElsewhere ? { forwardOnly, stageOrder: [], byStatus: {} } : { forwardOnly, stageOrder, byStatus };
  return { pipelineId, ...general, ...own, byStatus: { ...general.byStatus, ...own.byStatus } };
}

/** The general rules (`eventType` null), then those of each event type that differs from them. */
export function mappingVariants(mapping: CrmMapping): { eventType: string | null; rules: StageMapping }[] {
  const eventTypes = [null, ...Object.keys(mapping.eventTypes)];
  return eventTypes.map((eventType) => ({ eventType, rules: mappingFor(mapping, eventType) }));
}
