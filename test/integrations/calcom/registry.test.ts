import { sourceApiOf } from '../../../integrations/registry';
import { scriptedServer } from '../scripted-server';
import { success } from './envelopes';
import { row } from './rows';

const oauth = { clientId: 'client', clientSecret: 's', refreshToken: 'r' };

describe('the API of a connection', () => {
  it('is there when it is configured, and reads with the clock that it is given', async () => {
    const { url } = await scriptedServer(() => success(row()));
    const settings = { kind: 'calcom', api: { baseUrl: url, apiKey: 'cal_test' } } as const;
    const api = sourceApiOf('calcom-sales', settings, null, { now: () => 1_000 });
    expect(await api?.readBooking('rowFirst')).toMatchObject({ uid: 'rowFirst', readAtMs: 1_000 });
  });

  it('is null when none is configured, and for a connection that is no source', () => {
    expect(sourceApiOf('calcom-sales', { kind: 'calcom', api: null }, null)).toBeNull();
    expect(sourceApiOf('hubspot-main', { kind: 'hubspot' }, null)).toBeNull();
  });

  it('names the connection when its tokens have nowhere to be kept', () => {
    const settings = { kind: 'calcom', api: { baseUrl: 'http://127.0.0.1:1', oauth } } as const;
    expect(() => sourceApiOf('calcom-sales', settings, null)).toThrow('calcom-sales');
  });
});
