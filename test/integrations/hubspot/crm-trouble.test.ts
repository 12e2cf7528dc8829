/**
 * Creates in an account that has our key property may be repeated blindly, whatever became of the first.
 * Repeating with a look first, and every other call in trouble, is in test/integrations/crm/ambiguous-outcomes.test.ts.
 */
import type { Crm } from '../../../integrations/ports';
import type { HttpFaultInput } from '../../../local/simulators/faults';
import { appointment } from './canned-transport';
import { call, failure, guest, opportunity, usePortal } from './simulated-portal';

const portal = usePortal();

interface Trouble {
  readonly name: string;
  readonly fault: Pick<HttpFaultInput, 'connection' | 'status' | 'apply' | 'truncate' | 'delayMs'>;
}
const APPLIED: readonly Trouble[] = [
  { name: 'applied, then the connection cut', fault: { connection: 'reset_after' } },
  { name: 'applied, then 500', fault: { status: 500, apply: true } },
  { name: 'applied, then a gateway page', fault: { status: 504, apply: true } },
  { name: 'applied, then half an answer', fault: { truncate: true } },
  { name: 'applied, then no answer in time', fault: { delayMs: 1_500 } },
];
const NOT_APPLIED: readonly Trouble[] = [
  { name: 'cut before it was applied', fault: { connection: 'reset_before' } },
  { name: 'refused with 503', fault: { status: 503 } },
];
/** For the call that meets the trouble; only the held-back answer needs a short deadline. */
const troubled = ({ delayMs }: Trouble['fault']): Crm =>
  portal.adapter(delayMs === undefined ? {} : { requestTimeoutMs: 300 });

interface Create {
  readonly name: 'createAppointment' | 'createOpportunity';
  readonly type: 'meetings' | 'deals';
  readonly create: (crm: Crm, personId: string) => Promise<{ readonly id: string }>;
  /** How a caller settles an unknown outcome. */
  readonly settle: (crm: Crm, personId: string) => Promise<{ readonly id: string } | null>;
}
const creates: readonly Create[] = [
  {
    name: 'createAppointment',
    type: 'meetings',
    create: (crm, personId) => crm.createAppointment(appointment({ personId }), call),
    settle: (crm, personId) => crm.findAppointment(appointment().externalKey, personId, call),
  },
  {
    name: 'createOpportunity',
    type: 'deals',
    create: (crm, personId) => crm.createOpportunity(opportunity(personId), call),
    settle: (crm, personId) => crm.findOpportunity(personId, 'default', call),
  },
];

describe.each(creates)('$name, with the key property', (given) => {
  const { type, create, settle } = given;
  const path = `^/crm/objects/2026-09/${type}$`;
  const begin = async (): Promise<{ crm: Crm; personId: string }> => {
    const crm = portal.adapter();
    expect((await crm.ensureSetup(call)).missing).toEqual([]);
    return { crm, personId: (await crm.createPerson(guest, call)).id };
  };

  it.each([...APPLIED, ...NOT_APPLIED])(
    'may be repeated blindly when $name: there is one record',
    async ({ fault }) => {
      const { crm, personId } = await begin();
      portal.hubspot.setFaults([{ method: 'POST', path, ...fault }]);
      expect((await failure(create(troubled(fault), personId))).errorClass).toBe('unknown_outcome');
      const { id } = await create(crm, personId);
      expect(await create(portal.adapter(), personId)).toMatchObject({ id });
      expect(portal.live(type).map((record) => record.id)).toEqual([id]);
      expect(await settle(crm, personId)).toMatchObject({ id });
    },
  );
});
