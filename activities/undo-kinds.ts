/**
 * How each kind of record that goes back field by field is read and written in a CRM, and what the ledger says of it afterwards.
 * Invariant: only what is named is written, by operations that the vendors document; nothing is deleted.
 */
import type { LinkSays, WriteToUndo } from '../db/undo-fields';
import type { PersonFields } from '../domain/person-match';
import type { FieldsPlan } from '../domain/undo';
import { appointmentHeld, isPersonField, isTag, leadHeld, personHeld, slotIn, TAG } from '../domain/undo-fields';
import type { FieldChange, FieldValues } from '../domain/undo-fields';
import type { AppointmentStatus, Crm, CrmCall } from '../integrations/ports';

export interface UndoneRecord {
  readonly id: string;
  /** The guest's contact. */
  readonly personId: string;
  readonly crm: Crm;
  readonly call: (action: string) => CrmCall;
}

export interface UndoneKind {
  /** Null: the record is gone. */
  readonly read: (record: UndoneRecord, fields: readonly string[]) => Promise<FieldValues | null>;
  /** False: the record is gone. */
  readonly write: (record: UndoneRecord, back: readonly FieldChange[]) => Promise<boolean>;
  readonly linkAfter: (back: readonly FieldChange[], writes: readonly WriteToUndo[]) => LinkSays;
}

/** Below the text of what we made, for whoever reads it there. */
const CANCELED_BECAUSE = 'Taken back: this appointment was written by mistake.';
const NO_LONGER_HOLDS = 'Taken back: this note was written by mistake and no longer holds.';

const valueOf = (back: readonly FieldChange[], name: string): string | null =>
  back.find(({ field }) => field === name)?.restore ?? null;

const appointment: UndoneKind = {
  read: async ({ id, crm, call }) => appointmentHeld(await crm.readAppointment(id, call('read-appointment'))),
  async write({ id, crm, call }, back) {
    const [time, title, owner] = ['time', 'title', 'owner'].map((name) => valueOf(back, name));
    const status = valueOf(back, 'outcome') as AppointmentStatus | null;
    const changes = {
      ...(status !== null && { status }),
      ...(time != null && { slot: slotIn(time) }),
      // Nobody owned it, or it had no title: neither CRM has a documented way back to that.
      ...(title != null && { title }),
      ...(owner != null && { ownerId: owner }),
    };
    await crm.changeAppointment(id, changes, call('change-appointment'));
    return true;
  },
  // `rest`: the booking's next news writes title and text again, as a stage.
  linkAfter(back) {
    const [status, time] = [valueOf(back, 'outcome'), valueOf(back, 'time')];
    return {
      how: 'merge',
      written: { ...(status !== null && { status }), ...(time !== null && slotIn(time)), rest: null },
    };
  },
};

const canceledAppointment: UndoneKind = {
  ...appointment,
  async write({ id, crm, call }) {
    await crm.cancelAppointment(id, CANCELED_BECAUSE, call('cancel-appointment'));
    return true;
  },
};

const person: UndoneKind = {
  async read({ id, crm, call }) {
    const match = await crm.resolvePerson({ linkedId: id, emails: [], phones: [] }, call('read-person'));
    return personHeld(id, match.kind === 'one' ? match.person : null);
  },
  async write({ id, crm, call }, back) {
    const named = back.filter(({ field }) => isPersonField(field));
    const values: Partial<PersonFields> = Object.fromEntries(named.map(({ field, restore }) => [field, restore]));
    await crm.resetPerson(id, values, call('reset-person'));
    return true;
  },
  linkAfter: () => ({ how: 'merge', written: {} }),
};

const lead: UndoneKind = {
  async read({ id, crm, call }, fields) {
    const named = fields.filter((field) => !isTag(field));
    return leadHeld(await crm.readPersonWords(id, named, call('read-lead')), fields);
  },
  async write({ id, crm, call }, back) {
    const fields = back.filter(({ field }) => !isTag(field));
    const values = Object.fromEntries(fields.map(({ field, restore }) => [field, restore]));
    if (fields.length > 0) await crm.writePersonFields(id, values, call('write-lead-field'));
    const tags = (isOn: boolean) =>
      back.flatMap(({ field, restore }) =>
        isTag(field) && (restore !== null) === isOn ? [field.slice(TAG.length)] : [],
      );
    const change = { add: tags(true), remove: tags(false) };
    if (change.add.length + change.remove.length > 0) await crm.changeTags(id, change, call('change-lead-tags'));
    return true;
  },
  linkAfter: (_back, [first]) => ({ how: 'replace', written: first?.writtenBefore ?? null }),
};

/** Its text is read and added to in one call. */
const note: UndoneKind = {
  read: () => Promise.resolve({ text: null }),
  write: ({ id, personId, crm, call }) =>
    crm.amendNote({ id, personId, sentence: NO_LONGER_HOLDS }, call('amend-note')),
  // The booking's next news may note the same again.
  linkAfter: () => ({ how: 'replace', written: null }),
};

const KINDS: Readonly<Record<string, UndoneKind>> = { appointment, person, lead, note };

/** Null: not of a kind that goes back field by field. */
export function undoneKind(type: string, how: FieldsPlan['how']): UndoneKind | null {
  return how === 'cancel' ? canceledAppointment : (KINDS[type] ?? null);
}
