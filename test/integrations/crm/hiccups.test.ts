/**
 * A passing failure of a request that is harmless to repeat costs one more request, not the caller's attempt; an outage costs no more than it must.
 */
import { appointment, call, failure, guest } from './crm-under-test';
import { CRMS, useCrm } from './crms';

describe.each(CRMS)('%s', (_name, make) => {
  const used = useCrm(make);
  const { counted } = used;
  const begin = async () => {
    const { account } = used;
    const crm = account.adapter();
    if (account.isSetUp) await crm.ensureSetup(call);
    const person = await crm.createPerson(guest, call);
    const read = () => crm.readOpportunity('999999', call);
    return { account, crm, person, read };
  };

  it.each([
    ['a connection that is cut', { connection: 'reset_before' }],
    ['an answer that breaks off', { truncate: true }],
    ['a bad gateway', { status: 502, body: '<html>Bad gateway</html>' }],
  ] as const)('%s is not seen by who reads', async (_what, fault) => {
    const { account, read } = await begin();
    account.setFaults([fault]);
    expect(await counted(async () => expect(await read()).toBeNull())).toBe(2);
    expect(account.faultsLeft()).toBe(0);
  });

  it('a failed create is left to who asked for it: it may have been applied', async () => {
    const { account, crm, person } = await begin();
    const create = (externalKey: string) => crm.createAppointment(appointment(person.id, { externalKey }), call);
    // What the adapter asks once is asked.
    await create('a:earlier');
    account.setFaults([{ status: 500, apply: true, times: 0 }]);
    expect(
      await counted(async () => expect((await failure(create('a:later'))).errorClass).toBe('unknown_outcome')),
    ).toBe(1);
    account.setFaults([]);
    expect(account.appointments()).toHaveLength(2);
  });

  it('a CRM that asks for a pause gets it', async () => {
    const { account, read } = await begin();
    account.setFaults([{ status: 429, headers: { 'retry-after': '17' } }]);
    expect(await counted(async () => expect((await failure(read())).errorClass).toBe('rate_limited'))).toBe(1);
  });

  it('in an outage one request is repeated, and then none until something was answered', async () => {
    const { account, crm, read } = await begin();
    account.setFaults([{ status: 503, times: 0 }]);
    const fails = async () => expect((await failure(read())).errorClass).toBe('unavailable');
    expect(await counted(fails)).toBe(2);
    for (let attempt = 0; attempt < 3; attempt += 1) expect(await counted(fails)).toBe(1);
    expect(await counted(async () => void (await failure(crm.probe(call))))).toBe(1);
    account.setFaults([]);
    await crm.probe(call);
    account.setFaults([{ status: 503 }]);
    expect(await counted(async () => expect(await read()).toBeNull())).toBe(2);
  });
});
