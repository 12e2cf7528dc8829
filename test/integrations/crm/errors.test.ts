/**
 * Every class of `CrmError`, provoked at each simulator: the class, what it names, and that it repeats nobody's data; and credentials that end by themselves.
 */
import type { CrmErrorClass } from '../../../integrations/ports';
import { call, failure, guest, memoryStore, synced } from './crm-under-test';
import { CRMS, useCrm } from './crms';

const CLASSES: Readonly<Record<CrmErrorClass, string>> = {
  rate_limited: 'a limit that is used up',
  unavailable: 'an outage',
  unknown_outcome: 'a create whose connection is cut',
  reauth_required: 'a token that was withdrawn',
  scope_missing: 'a right that was not granted',
  account_inactive: 'an account that is suspended',
  mapping_invalid: 'a stage that was removed',
  crm_rule: 'a rule of the account',
  invalid_data: 'a value that is none',
  target_gone: 'a record that was deleted',
  contract_violation: 'an answer that is none',
};
const PRIVATE = [guest.email, guest.phone, guest.firstName, guest.lastName, 'canary', 'Roof inspection'];

describe.each(CRMS)('%s', (_name, make) => {
  const used = useCrm(make);

  it.each(Object.entries(CLASSES) as [CrmErrorClass, string][])('says %s of %s', async (errorClass) => {
    const { account } = used;
    const provocation = account.provocations[errorClass];
    if (provocation === null) {
      // Only an account that was closed may be without words of its own.
      expect(errorClass).toBe('account_inactive');
      return;
    }
    const ids = await synced(account, account.adapter());
    provocation.arrange(ids);
    const error = await failure(provocation.run(account.adapter(), ids));
    expect(error).toMatchObject({ errorClass, fields: provocation.fields ?? (expect.any(Array) as string[]) });
    for (const value of PRIVATE) expect(`${error.message} ${error.fields.join()}`).not.toContain(value);
    if (errorClass === 'rate_limited') expect(error.retryAfterMs).toBeGreaterThan(0);
  });

  it('sends nothing for a call that was canceled, and says that it may be repeated', async () => {
    const { account } = used;
    const stop = new AbortController();
    stop.abort();
    const before = account.requests().length;
    const canceled = account.adapter().createPerson(guest, { ...call, signal: stop.signal });
    expect((await failure(canceled)).errorClass).toBe('unavailable');
    expect(account.requests()).toHaveLength(before);
  });

  it('asks for a person when the connection was ended there', async () => {
    const { account } = used;
    account.setFaults([{ status: 401, times: 0, body: { message: 'This token is not known.' } }]);
    expect((await failure(account.adapter().probe(call))).errorClass).toBe('reauth_required');
  });

  describe('credentials', () => {
    it('that ran out are renewed once by two workers at the same time', async () => {
      const { account } = used;
      const store = memoryStore();
      const worker = await account.connect(store);
      const [one, other] = [worker(), worker()];
      const renewals = () => account.requests().filter(({ path }) => /^\/oauth\/.*token$/.test(path)).length;
      const before = renewals();
      await Promise.all([one.probe(call), other.probe(call)]);
      expect(renewals() - before).toBe(1);
      account.expireTokens();
      await Promise.all([one.probe(call), other.probe(call), one.probe(call)]);
      expect(renewals() - before).toBe(2);
    });
  });
});
