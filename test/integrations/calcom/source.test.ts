import { sign } from '../../../integrations/calcom/signature';
import { calcomSource } from '../../../integrations/calcom/source';
import { fixtureBytes } from './fixtures';

describe('Cal.com as a source', () => {
  it('verifies and reads one delivery from its raw bytes', () => {
    const body = fixtureBytes('BOOKING_CREATED');
    const header = (name: string) => (name === 'x-cal-signature-256' ? sign(body, 's3cret') : undefined);
    expect(calcomSource.verifySignature(body, header, ['s3cret'])).toEqual({ ok: true });
    expect(calcomSource.read(body, {})).toMatchObject({ kind: 'events', trigger: 'BOOKING_CREATED' });
  });

  it('has no delivery id, keeps no signature, and asks for a repeat with 503', () => {
    expect(calcomSource.deliveryId(() => 'anything')).toBeNull();
    expect(calcomSource.keptHeaders).toEqual(['x-cal-webhook-version', 'content-type']);
    expect(calcomSource.onTrouble).toEqual({ status: 503, retryAfterSeconds: 5 });
  });
});
