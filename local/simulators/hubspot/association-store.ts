/**
 * Which records belong to each other.
 * Invariant: a link is always there in both directions, each with its own type id, and only between records that exist.
 */
import { associationType } from './schema';
import type { ObjectType } from './schema';

export interface RecordRef {
  readonly type: ObjectType;
  readonly id: string;
}

/** One direction of a link, as `GET _admin/state` lists it. */
export interface Association {
  readonly from: RecordRef;
  readonly to: RecordRef;
  readonly typeId: number;
}

export interface AssociationStore {
  /** Links both ways; again is harmless. */
  link(from: RecordRef, to: RecordRef): void;
  unlink(from: RecordRef, to: RecordRef): void;
  /** Ids of the records of a type that belong to this one, oldest link first. */
  of(from: RecordRef, toType: ObjectType): readonly string[];
  /** Archiving a record cuts its links. */
  drop(record: RecordRef): void;
  list(): readonly Association[];
  restore(associations: readonly Association[]): void;
  clear(): void;
}

export function createAssociationStore(): AssociationStore {
  const links = new Map<string, Association>();
  const byFrom = new Map<string, Set<Association>>();
  const refKey = (ref: RecordRef): string => `${ref.type}/${ref.id}`;
  const linkKey = (from: RecordRef, to: RecordRef): string => `${refKey(from)}>${refKey(to)}`;

  const add = (from: RecordRef, to: RecordRef): void => {
    const key = linkKey(from, to);
    const type = associationType(from.type, to.type);
    if (type === null || links.has(key)) return;
    const association = { from, to, typeId: type.typeId };
    links.set(key, association);
    const siblings = byFrom.get(refKey(from)) ?? new Set<Association>();
    byFrom.set(refKey(from), siblings.add(association));
  };
  const remove = (from: RecordRef, to: RecordRef): void => {
    const association = links.get(linkKey(from, to));
    if (association === undefined) return;
    links.delete(linkKey(from, to));
    byFrom.get(refKey(from))?.delete(association);
  };
  const link = (from: RecordRef, to: RecordRef): void => {
    add(from, to);
    add(to, from);
  };
  const unlink = (from: RecordRef, to: RecordRef): void => {
    remove(from, to);
    remove(to, from);
  };

  return {
    link,
    unlink,
    of: (from, toType) =>
      [...(byFrom.get(refKey(from)) ?? [])].filter(({ to }) => to.type === toType).map(({ to }) => to.id),
    drop(record) {
      for (const { to } of [...(byFrom.get(refKey(record)) ?? [])]) unlink(record, to);
    },
    list: () => [...links.values()],
    restore(associations) {
      for (const { from, to } of associations) link(from, to);
    },
    clear() {
      links.clear();
      byFrom.clear();
    },
  };
}
