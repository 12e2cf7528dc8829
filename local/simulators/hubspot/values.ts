/**
 * Judges and normalizes property values of a create or an update, as HubSpot stores them.
 * Invariant: what comes out is writable, known, of the right type, and points at owners, pipelines and stages that exist.
 */
import { invalidProperties, propertyError } from './errors';
import type { ErrorDetail } from './errors';
import type { PropertyStore } from './properties';
import { schemas } from './schema';
import type { ObjectType, PropertyDefinition } from './schema';
import { owners, pipelines } from './seed';
import type { HubspotSettings } from './settings';

/** Property name → stored value; null where it was cleared. */
export type StoredProperties = Readonly<Record<string, string | null>>;

/** What values are judged by. */
export interface ValueRules {
  readonly properties: PropertyStore;
  settings(): HubspotSettings;
}

const MAX_VALUE_LENGTH = 65_536;
const EMAIL = /^[^\s@,;<>"]+@[^\s@,;<>"]+\.[a-z0-9-]{2,}$/i;

interface Problem {
  readonly detail: ErrorDetail;
  readonly violation: string | null;
}

/** ISO 8601 in UTC as HubSpot writes it (no fraction when it is zero), from ISO or epoch milliseconds; null if neither. */
export function instantText(value: string): string | null {
  const ms = /^-?\d+$/.test(value) ? Number(value) : isoMs(value);
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return null;
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

function isoMs(value: string): number {
  const iso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/;
  return iso.test(value) ? Date.parse(value) : Number.NaN;
}

/**
 * The changes that a body's `properties` mean: `""` clears. `current` is what the record holds now, `{}` for a new one.
 * Throws a 400 with every problem.
 */
export function readProperties(
  rules: ValueRules,
  write: {
    readonly type: ObjectType;
    readonly given: Readonly<Record<string, string>>;
    readonly current: StoredProperties;
  },
): StoredProperties {
  const { type, given, current } = write;
  const changes: Record<string, string | null> = {};
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(given)) {
    const definition = rules.properties.find(type, name);
    const result = definition === null ? unknownProperty(name) : readValue(definition, value, rules.settings());
    if ('detail' in result) problems.push(result);
    else changes[name] = result.value;
  }
  throwProblems(problems);
  throwProblems(crossChecks(type, { ...current, ...changes }));
  if ('pipeline' in changes || 'dealstage' in changes) {
    throwProblems(archivedStageProblems({ ...current, ...changes }, current, rules.settings()));
  }
  return changes;
}

function throwProblems(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  throw invalidProperties(
    problems.map(({ detail }) => detail),
    problems.map(({ violation }) => violation).find((violation) => violation !== null) ?? null,
  );
}

function problem(name: string, code: string, message: string, violation: string | null = message): Problem {
  return { detail: propertyError(name, code, message), violation };
}

function unknownProperty(name: string): Problem {
  return problem(name, 'PROPERTY_DOESNT_EXIST', `Property "${name}" does not exist`);
}

function readValue(
  definition: PropertyDefinition,
  value: string,
  settings: HubspotSettings,
): Problem | { readonly value: string | null } {
  const { name } = definition;
  if (definition.readOnly) return problem(name, 'READ_ONLY_VALUE', `"${name}" is a read only property`);
  if (value === '') return { value: null };
  if (value.length > MAX_VALUE_LENGTH) {
    return problem(name, 'INVALID_LENGTH', `${name} is longer than ${MAX_VALUE_LENGTH} characters`, null);
  }
  if (definition.rule === 'owner') return readOwner(name, value, settings);
  if (definition.rule === 'email') {
    // What a guest typed is not the caller's fault.
    const email = value.trim().toLowerCase();
    if (EMAIL.test(email)) return { value: email };
    return problem(name, 'INVALID_EMAIL', `${name} is not a valid email address`, null);
  }
  return readTyped(definition, value);
}

function readTyped(definition: PropertyDefinition, value: string): Problem | { readonly value: string } {
  const { name, type } = definition;
  if (type === 'datetime' || type === 'date') {
    const instant = instantText(value);
    if (instant !== null) return { value: type === 'date' ? instant.slice(0, 10) : instant };
    return problem(name, 'INVALID_DATE', `${name} was not a valid ISO 8601 or epoch milliseconds date`);
  }
  if (type === 'number' && !/^-?\d+(\.\d+)?$/.test(value)) {
    return problem(name, 'INVALID_NUMBER', `${name} was not a valid number`);
  }
  if (type === 'bool' && value !== 'true' && value !== 'false') {
    return problem(name, 'INVALID_BOOLEAN', `${name} was not true or false`);
  }
  const chosen = definition.fieldType === 'checkbox' ? value.split(';') : [value];
  const { options } = definition;
  if (options.length > 0 && !chosen.every((one) => options.some((option) => option.value === one))) {
    const allowed = options.map((option) => option.value).join(', ');
    return problem(name, 'INVALID_OPTION', `${name} was not one of the allowed options: [${allowed}]`);
  }
  return { value };
}

function readOwner(name: string, value: string, settings: HubspotSettings): Problem | { readonly value: string } {
  const message = `${name} is not the id of an owner of this account`;
  if (!owners.some(({ id }) => id === value)) return problem(name, 'INVALID_OWNER_ID', message);
  // An owner leaves while a mapping still names them: bad luck, not a broken contract.
  if (settings.archivedOwners.includes(value)) return problem(name, 'INVALID_OWNER_ID', message, null);
  return { value };
}

/** Rules over several properties of the record as it would be. */
function crossChecks(type: ObjectType, next: StoredProperties): Problem[] {
  if (type === 'deals') return dealProblems(next);
  if (type === 'meetings') {
    const start = next['hs_meeting_start_time'] ?? null;
    if (start !== null && start !== next['hs_timestamp']) {
      const name = 'hs_timestamp';
      return [problem(name, 'INVALID_DATE', 'hs_timestamp must equal hs_meeting_start_time')];
    }
  }
  return [];
}

function dealProblems(next: StoredProperties): Problem[] {
  const pipelineId = next['pipeline'] ?? 'default';
  const pipeline = pipelines.find(({ id }) => id === pipelineId);
  if (pipeline === undefined) {
    return [problem('pipeline', 'INVALID_OPTION', 'pipeline is not the id of a deal pipeline of this account')];
  }
  const stageId = next['dealstage'] ?? null;
  if (stageId === null || pipeline.stages.some(({ id }) => id === stageId)) return [];
  return [problem('dealstage', 'INVALID_OPTION', `dealstage is not the id of a stage of pipeline ${pipelineId}`)];
}

/** A deal that stays where it is may stay in an archived stage. */
function archivedStageProblems(
  next: StoredProperties,
  current: StoredProperties,
  settings: HubspotSettings,
): Problem[] {
  const stageId = next['dealstage'] ?? '';
  if (!settings.archivedStages.includes(stageId) || stageId === current['dealstage']) return [];
  return [problem('dealstage', 'INVALID_OPTION', `dealstage ${stageId} is archived`, null)];
}

/** Refuses a creation without what HubSpot needs. */
export function checkRequired(type: ObjectType, properties: StoredProperties): void {
  const { required, requiredOneOf } = schemas[type];
  const absent = (name: string): boolean => (properties[name] ?? null) === null;
  throwProblems(
    required
      .filter(absent)
      .map((name) => problem(name, 'MISSING_REQUIRED_PROPERTY', `A value for ${name} must be provided`)),
  );
  if (requiredOneOf.length === 0 || !requiredOneOf.every(absent)) return;
  const message = `At least one of ${requiredOneOf.join(', ')} must be provided`;
  throwProblems([problem(requiredOneOf[0] ?? '', 'MISSING_REQUIRED_PROPERTY', message)]);
}

/** Refuses names of properties that a read or a search asks for in vain: a typing mistake in the caller. */
export function checkPropertyNames(rules: ValueRules, type: ObjectType, names: readonly string[]): void {
  throwProblems(names.filter((name) => rules.properties.find(type, name) === null).map(unknownProperty));
}
