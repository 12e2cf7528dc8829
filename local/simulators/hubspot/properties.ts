/**
 * The portal's properties: HubSpot's own, and those that apps and admins made.
 * Invariant: a property that was made keeps its name and its uniqueness for good; at most ten of an object type are unique.
 */
import type { HubspotRefusal } from './errors';
import { propertyExists, uniquePropertyRefused } from './errors';
import { schemas } from './schema';
import type { ObjectType, PropertyDefinition } from './schema';

/** HubSpot's limit of unique properties that a portal may add to an object type. */
const MAX_UNIQUE = 10;

export interface OwnProperty {
  readonly type: ObjectType;
  readonly definition: PropertyDefinition;
}

export interface PropertyGroup {
  readonly type: ObjectType;
  readonly name: string;
  readonly label: string;
  readonly displayOrder: number;
}

export interface SavedProperties {
  /** What differs from HubSpot's own. */
  readonly own: readonly OwnProperty[];
  readonly groups: readonly PropertyGroup[];
}

export interface PropertyStore {
  find(type: ObjectType, name: string): PropertyDefinition | null;
  /** HubSpot's own first. */
  list(type: ObjectType): readonly PropertyDefinition[];
  /** Names of properties whose values no two live records share. */
  uniqueNames(type: ObjectType): readonly string[];
  /** Throws 409 when the name is taken, 400 when the object type takes no (further) unique property. */
  create(type: ObjectType, definition: PropertyDefinition): PropertyDefinition;
  /** Replaces what a property looks like; name and uniqueness must be those of before. */
  change(type: ObjectType, definition: PropertyDefinition): PropertyDefinition;
  /** HubSpot's own first. */
  groups(type: ObjectType): readonly PropertyGroup[];
  /** Throws 409 when the name is taken. */
  addGroup(group: PropertyGroup): void;
  saved(): SavedProperties;
  restore(saved: SavedProperties): void;
  clear(): void;
}

/** `takesUnique`: whether the portal lets an object type have unique properties of its own. */
export function createPropertyStore(takesUnique: (type: ObjectType) => boolean): PropertyStore {
  const own = new Map<string, OwnProperty>();
  let ownGroups: readonly PropertyGroup[] = [];
  /** Asked at every write. */
  const uniques = new Map<ObjectType, readonly string[]>();
  const keyOf = (type: ObjectType, name: string): string => `${type}/${name}`;
  const put = (type: ObjectType, definition: PropertyDefinition): PropertyDefinition => {
    own.set(keyOf(type, definition.name), { type, definition });
    uniques.delete(type);
    return definition;
  };
  const find = (type: ObjectType, name: string): PropertyDefinition | null =>
    own.get(keyOf(type, name))?.definition ?? schemas[type].properties.get(name) ?? null;
  const list = (type: ObjectType): PropertyDefinition[] => {
    const changed = [...own.values()].filter((entry) => entry.type === type).map(({ definition }) => definition);
    const standard = [...schemas[type].properties.keys()].flatMap((name) => find(type, name) ?? []);
    return [...standard, ...changed.filter(({ custom }) => custom)];
  };
  const groups = (type: ObjectType): readonly PropertyGroup[] => {
    const { groupName } = schemas[type];
    const standard = { type, name: groupName, label: groupName, displayOrder: 0 };
    return [standard, ...ownGroups.filter((group) => group.type === type)];
  };
  const uniqueRefusal = (type: ObjectType): HubspotRefusal | null => {
    if (!takesUnique(type)) return uniquePropertyRefused(`hasUniqueValue is not supported for properties of ${type}`);
    const count = list(type).filter(({ custom, unique }) => custom && unique).length;
    return count < MAX_UNIQUE ? null : uniquePropertyRefused(`${type} have ${MAX_UNIQUE} unique properties already`);
  };

  return {
    find,
    list,
    uniqueNames(type) {
      const known = uniques.get(type);
      if (known !== undefined) return known;
      const names = list(type).flatMap(({ unique, name }) => (unique ? [name] : []));
      uniques.set(type, names);
      return names;
    },
    create(type, definition) {
      if (find(type, definition.name) !== null) throw propertyExists(definition.name);
      const refused = definition.unique ? uniqueRefusal(type) : null;
      if (refused !== null) throw refused;
      return put(type, definition);
    },
    change: put,
    groups,
    addGroup(group) {
      if (groups(group.type).some(({ name }) => name === group.name)) throw propertyExists(group.name);
      ownGroups = [...ownGroups, group];
    },
    saved: () => ({ own: [...own.values()], groups: ownGroups }),
    restore(saved) {
      for (const { type, definition } of saved.own) put(type, definition);
      ownGroups = saved.groups;
    },
    clear() {
      ownGroups = [];
      own.clear();
      uniques.clear();
    },
  };
}
