/**
 * What a record of a CRM holds now, field by field, under the names that the ledger's writes have: what undo and its preview compare with.
 * Invariant: reads only; values may be personal, so they stay in the process that asked.
 */
import { appointmentValues, TAG, tagValues, type FieldValues } from '../domain/undo-fields';
import type { Crm, CrmCall } from './ports';

export interface CrmRecord {
  /** As in the ledger. */
  readonly type: string;
  readonly id: string;
}

interface Asked {
  /** Of a lead: those that are wanted. */
  readonly fields: readonly string[];
  readonly call: CrmCall;
}

type Read = (crm: Crm, id: string, asked: Asked) => Promise<FieldValues | null>;

/** Is a record of this type read field by field? */
export const hasCrmValues = (type: string): boolean => type in READS;

/** Null: the record is gone. Throws `CrmError`, and Error for a type that is not read field by field. */
export function readCrmValues(crm: Crm, { type, id }: CrmRecord, asked: Asked): Promise<FieldValues | null> {
  const read = READS[type];
  if (!read) throw new Error(`A ${type} is not read field by field; ${Object.keys(READS).join(', ')} are.`);
  return read(crm, id, asked);
}

const readAppointment: Read = async (crm, id, { call }) => {
  const found = await crm.readAppointment(id, call);
  if (found === null || found.archived) return null;
  return { ...appointmentValues({ ...found }), title: found.title, owner: found.ownerId };
};

const readPerson: Read = async (crm, id, { call }) => {
  const match = await crm.resolvePerson({ linkedId: id, emails: [], phones: [] }, call);
  // Who was merged away may lead to who is left, and that is somebody else's record.
  if (match.kind !== 'one' || match.person.id !== id) return null;
  const { company: _company, ...held } = match.person.current;
  return held;
};

const readLead: Read = async (crm, id, { fields, call }) => {
  const named = fields.filter((field) => !field.startsWith(TAG));
  const held = await crm.readPersonWords(id, named, call);
  return held && { ...held.values, ...tagValues(held.tags, fields) };
};

const READS: Readonly<Record<string, Read>> = { appointment: readAppointment, person: readPerson, lead: readLead };
