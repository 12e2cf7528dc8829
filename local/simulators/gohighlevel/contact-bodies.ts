/**
 * What bodies about contacts may look like, per wire.
 * Invariant: exactly the contract's fields; `locationId` only where a contact is created or upserted.
 */
import { z } from 'zod';
import { customFieldsBody } from './bodies';

const text = z.string();
const nullable = text.nullable();
const dndStatus = z.strictObject({
  status: z.enum(['active', 'inactive', 'permanent']),
  message: text.optional(),
  code: text.optional(),
});
const inboundDnd = z.strictObject({
  all: z.strictObject({ status: z.enum(['active', 'inactive']), message: text.optional() }).optional(),
});
const channels = <T extends readonly [string, ...string[]]>(names: T) => z.partialRecord(z.enum(names), dndStatus);
const dndSettings = {
  v3: channels(['call', 'email', 'sms', 'whatsApp', 'gmb', 'fb']),
  dated: channels(['Call', 'Email', 'SMS', 'WhatsApp', 'GMB', 'FB']),
};

const common = {
  firstName: nullable,
  lastName: nullable,
  name: nullable,
  email: nullable,
  phone: nullable,
  address1: nullable,
  city: nullable,
  state: nullable,
  postalCode: text,
  website: nullable,
  timezone: nullable,
  dnd: z.boolean(),
  inboundDndSettings: inboundDnd,
  tags: z.array(text),
  dateOfBirth: text,
  country: text,
};
const created = { ...common, gender: text, source: text, companyName: nullable, assignedTo: text };
const changed = { ...common, source: nullable, assignedTo: nullable };
const where = { locationId: z.string().min(1) };

const bodies = (wire: 'v3' | 'dated') => {
  const own = { customFields: customFieldsBody[wire], dndSettings: dndSettings[wire] };
  return {
    create: z.strictObject({ ...z.object({ ...created, ...own }).partial().shape, ...where }),
    upsert: z.strictObject({
      ...z.object({ ...created, ...own, createNewIfDuplicateAllowed: z.boolean() }).partial().shape,
      ...where,
    }),
    update: z.strictObject({ ...changed, ...own }).partial(),
  };
};
const v3 = bodies('v3');
const dated = bodies('dated');

export const contactCreateBody = { v3: v3.create, dated: dated.create };
export const contactUpsertBody = { v3: v3.upsert, dated: dated.upsert };
export const contactUpdateBody = { v3: v3.update, dated: dated.update };

export type ContactFields = z.output<typeof v3.update> &
  Partial<Pick<z.output<typeof v3.create>, 'gender' | 'companyName'>>;

export const tagsBody = z.strictObject({ tags: z.array(text.min(1)).min(1) });

export const noteBody = z.strictObject({
  body: text.min(1),
  userId: text.optional(),
  title: text.optional(),
  color: text.optional(),
  pinned: z.boolean().optional(),
});
export const noteUpdateBody = noteBody.partial();

export const taskBody = z.strictObject({
  title: text.min(1),
  dueDate: z.iso.datetime({ offset: true }),
  completed: z.boolean(),
  body: text.optional(),
  assignedTo: text.optional(),
});
export const taskUpdateBody = taskBody.partial();
export const taskCompletedBody = z.strictObject({ completed: z.boolean() });
