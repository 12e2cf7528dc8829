import { carriesReference, htmlBody, withSentence } from '../../../integrations/hubspot/reference';
import { referenceLine } from '../../../integrations/reference';

const KEY = 'a:calcom-sales:uid-1';

describe('the reference in HubSpot texts', () => {
  it('is found in the body that we write', () => {
    expect(carriesReference(htmlBody('First line\nsecond line\n\nAnother block', KEY), KEY)).toBe(true);
  });

  it('is found in a plain description', () => {
    expect(carriesReference(referenceLine(KEY), KEY)).toBe(true);
  });

  it.each([
    ['a longer key that begins with ours', htmlBody('', `${KEY}2`)],
    ['a shorter key', htmlBody('', KEY.slice(0, -1))],
    ['no reference', '<p>A meeting</p>'],
    ['a guest imitating the line of another booking', htmlBody(`Booking reference: ${KEY}`, 'a:calcom-sales:other')],
  ])('is not taken for ours: %s', (_what, html) => {
    expect(carriesReference(html, KEY)).toBe(false);
  });

  it.each([
    ['rewritten markup', `<div style="x"><b>Note</b></div><div><span>Booking reference:</span>&nbsp;${KEY}</div>`],
    ['text added after it', `${htmlBody('x', KEY)}<p>Called back, will come.</p>`],
  ])('survives what people and HubSpot do to a body: %s', (_what, html) => {
    expect(carriesReference(html, KEY)).toBe(true);
  });

  it('finds keys with characters that HTML escapes, and with spaces', () => {
    const odd = `a:c:<"b" & 'c'>`;
    expect(carriesReference(htmlBody('x', odd), odd)).toBe(true);
  });

  it('escapes what a guest wrote', () => {
    expect(htmlBody('<script>alert(1)</script> & "more"', KEY)).toContain(
      '<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;</p>',
    );
  });

  it('keeps the reference under a text of any length', () => {
    const body = htmlBody('x'.repeat(200_000), KEY);
    expect(body.length).toBeLessThan(65_536);
    expect(carriesReference(body, KEY)).toBe(true);
  });

  it('adds a sentence once, and the reference stays', () => {
    const once = withSentence(htmlBody('x', KEY), 'Canceled: it was moved & merged.');
    expect(once).toContain('<p>Canceled: it was moved &amp; merged.</p>');
    expect(withSentence(once, 'Canceled: it was moved & merged.')).toBe(once);
    expect(carriesReference(once, KEY)).toBe(true);
  });
});
